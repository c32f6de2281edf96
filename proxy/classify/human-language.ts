// The language that people wrote a text in: by its script where a script has one language, else by the words that every
// text of a language is full of. Chinese, Japanese, Korean and the European languages; a language of neither is null.

/** More is not read. */
const MAX_CHARACTERS = 512
/** Fewer known words, or a smaller share of them, prove nothing. */
const FEWEST_WORDS = 2
const LEAST_SHARE = 0.07
/** A letter that few languages have. */
const LETTER_WEIGHT = 0.5

/** Scripts in the order in which they decide: kana stand among Han, not the other way round. */
const SCRIPTS = [
  { language: 'ja', ranges: [[0x3040, 0x30ff]], leastShare: 0.08 },
  { language: 'ko', ranges: [[0xac00, 0xd7a3]], leastShare: 0.15 },
  {
    language: 'zh',
    ranges: [
      [0x3400, 0x9fff],
      [0xf900, 0xfaff],
    ],
    leastShare: 0.15,
  },
  { language: 'el', ranges: [[0x0370, 0x03ff]], leastShare: 0.3 },
  { language: 'cyrillic', ranges: [[0x0400, 0x04ff]], leastShare: 0.3 },
] as const

/** Frequent words of each, as they are written; letters that only one has count as words. */
const WORDS: Readonly<Record<string, string>> = {
  en: 'the of and to in is that for it with as was on be by are this or from at which not you have an can will if has',
  de: 'der die das und ist nicht ein eine zu den mit von auf für dem sich des werden wird als auch bei im oder kann ß',
  fr: 'le la les et est des une du dans que pour pas qui sur avec au par ce sont cette vous être ou aux ne se œ',
  es: 'el la los las de y que en un una es para con no por se del como más está o su si este ser puede ¿ ñ',
  pt: 'o os as de e que em um uma para com não por se do da dos das no na ou ser são está você pode ao ã õ',
  it: 'il lo gli di e che in un una per con non è si del della dei le da sono come o nel alla questo viene può',
  nl: 'de het een en van is niet dat op te in voor met zijn aan wordt of om als er bij deze worden kan naar',
  sv: 'och att det som en på är av för med den till inte om ett har de kan från eller vara när detta ska',
  da: 'og at det som en på er af for med den til ikke om et har de kan fra eller være når dette skal der blev',
  nb: 'og at det som en på er av for med den til ikke om et har de kan fra eller være når dette skal fra hvis',
  fi: 'ja on ei se että tai voi kun ole jos myös mutta joka ovat kuin tämä sen käyttää tämän oli ne',
  is: 'og að er í á sem ekki það við um til fyrir með ef af eða þetta hefur verið ð þ',
  pl: 'i w nie na się z do jest to że o jak za po co lub od przez dla może są być ten ł ż ś',
  cs: 'a v se na je že z s o do to jako pro nebo není být které který jsou od při může ř ě ů',
  sk: 'a v sa na je že z s o do to ako pre alebo nie je byť ktoré ktorý sú od pri môže ľ ĺ ŕ',
  hu: 'a az és hogy nem is egy meg ez van be csak ha vagy mint el kell lehet ezt volt ő ű',
  ro: 'și de în la nu a cu o pe un care să este din pentru mai sau ce fi sunt acest prin ș ț ă',
  hr: 'i u je na se da za od su s ne koji ili kao to nije može biti koja što ako bi đ',
  sl: 'in v je na se da za od so s ne ki ali kot to ni lahko biti kar če pri bo',
  lt: 'ir yra kad į su iš ne tai kaip bet arba nėra gali būti šis nuo ar dėl ė ų į',
  lv: 'un ir ka uz ar no nav tas kā vai bet lai par var būt šis pie ļ ģ ņ',
  et: 'ja on ei see et kui või ka ole saab mis oma selle ning aga kas',
  tr: 've bir bu için ile de da olarak olan değil daha gibi veya ne en çok kadar ı ğ',
  ca: 'el la els les de i que en un una és per amb no es del com més o són aquest pot dels ŀ',
  ga: 'an na agus i ar is go le ag do a seo nó sin don ní bhfuil',
  sq: 'dhe të e në për me një nuk është që nga si ose mund janë kjo',
  ru: 'и в не на что с по как это для или от из к за но при если быть только ы э',
  uk: 'і в не на що з по як це для або від до за але при якщо бути є ї ґ',
  be: 'і ў не на што з па як гэта для або ад да за але пры калі быць ў',
  bg: 'и в не на че с по как това за или от до е са при ако да се което ъ',
  sr: 'и у не на да је се за са од као или није може бити су који ако ђ ћ џ',
}
/** Of the lists above: not words, but letters that say much. */
const RARE_LETTERS = 'ßœñãõðþłżśřěůľĺŕőűșțăđėųįļģņığŀыэєїґўђћџ¿'
const CYRILLIC_LANGUAGES = ['ru', 'uk', 'be', 'bg', 'sr']

export type LanguageTeller = (text: string) => string | null

/** By ISO 639-1; null: too little to say. */
export function createLanguageTeller(): LanguageTeller {
  const languages = Object.keys(WORDS)
  const byWord = new Map<string, number[]>()
  const byLetter = new Map<string, number[]>()
  for (const [index, words] of Object.values(WORDS).entries()) {
    for (const word of words.split(' ')) {
      const known = RARE_LETTERS.includes(word) ? byLetter : byWord
      known.set(word, [...(known.get(word) ?? []), index])
    }
  }
  return (text) => {
    const read = text.slice(0, MAX_CHARACTERS).toLowerCase()
    const script = scriptOf(read)
    if (script !== null && script !== 'cyrillic') return script
    return byFrequentWords(read, { byWord, byLetter, languages, isCyrillic: script !== null })
  }
}

/** Null: Latin, or one that nobody here reads. */
function scriptOf(text: string): (typeof SCRIPTS)[number]['language'] | null {
  const counts = SCRIPTS.map(() => 0)
  let letters = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (!isLetter(code)) continue
    letters += 1
    if (code < 0x370) continue
    const index = SCRIPTS.findIndex(({ ranges }) => ranges.some(([from, to]) => code >= from && code <= to))
    if (index !== -1) counts[index] = (counts[index] ?? 0) + 1
  }
  const found = SCRIPTS.find(({ leastShare }, index) => letters > 0 && (counts[index] ?? 0) >= letters * leastShare)
  return found?.language ?? null
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0xc0 && !(code >= 0x2000 && code < 0x3040))
}

interface Words {
  readonly byWord: ReadonlyMap<string, readonly number[]>
  readonly byLetter: ReadonlyMap<string, readonly number[]>
  readonly languages: readonly string[]
  readonly isCyrillic: boolean
}

/** A word that several languages have counts less for each. */
function byFrequentWords(text: string, { byWord, byLetter, languages, isCyrillic }: Words): string | null {
  const scores = languages.map(() => 0)
  const note = (known: readonly number[] | undefined, weight: number) => {
    if (known === undefined) return
    const share = weight * (0.6 + 0.4 / known.length)
    for (const index of known) scores[index] = (scores[index] ?? 0) + share
  }
  let words = 0
  let start = -1
  for (let at = 0; at <= text.length; at += 1) {
    const code = at === text.length ? 0 : text.charCodeAt(at)
    if (code > 0x7f) note(byLetter.get(text.charAt(at)), LETTER_WEIGHT)
    if (isLetter(code)) {
      if (start === -1) start = at
    } else if (start !== -1) {
      note(byWord.get(text.slice(start, at)), 1)
      words += 1
      start = -1
    }
  }
  const best = bestOf(scores, (index) => CYRILLIC_LANGUAGES.includes(languages[index] ?? '') === isCyrillic)
  const score = scores[best] ?? 0
  return score >= FEWEST_WORDS && score >= words * LEAST_SHARE ? (languages[best] ?? null) : null
}

function bestOf(scores: readonly number[], isAmong: (index: number) => boolean): number {
  let best = -1
  for (let index = 0; index < scores.length; index += 1) {
    if (isAmong(index) && (best === -1 || (scores[index] ?? 0) > (scores[best] ?? 0))) best = index
  }
  return best
}
