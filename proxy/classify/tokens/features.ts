// A text as an estimate of its tokens sees it: one pass over its characters that counts what tokenizers cut at. No
// vocabulary: what a run of letters costs on average is the families' (weights.ts), trained by test/bench/tokens.

/** In the order of the weights. */
export const FEATURES = [
  'short words',
  'middle words',
  'long words',
  'letters beyond eight',
  'words in capitals',
  'capitals beyond the first two',
  'capitals within a word',
  'runs of digits',
  'digits beyond the first',
  'single marks',
  'runs of marks',
  'marks beyond the first',
  'line ends',
  'indentations',
  'spaces of indentation',
  'spaces before marks',
  'accented letters',
  'words of other alphabets',
  'letters of other alphabets',
  'Han',
  'marks of CJK',
  'kana and hangul',
  'anything else',
] as const

const MIDDLE_WORD = 5
const LONG_WORD = 9

const LETTER = 1
const DIGIT = 2
const MARK = 3
const SPACE = 4
const NEWLINE = 5
const ACCENTED = 6
const ALPHABETIC = 7
const HAN = 8
const CJK_MARK = 9
const KANA = 10
const OTHER = 11
/** The feature of `HAN`; those of the kinds after it follow. */
const FIRST_OF_SCRIPTS = 19
const LAST_CAPITAL = 0x5a

/** One for a process; the table of characters takes 64 KiB. Built for speed: no objects, no calls a character. */
export class FeatureCounter {
  readonly #kinds = Uint8Array.from({ length: 0x1_0000 }, (_, code) => kindOf(code))
  readonly #counts = new Float64Array(FEATURES.length)

  /** Valid until the next text. */
  count(text: string): Readonly<Float64Array> {
    const kinds = this.#kinds
    this.#counts.fill(0)
    let at = 0
    while (at < text.length) {
      const kind = kinds[text.charCodeAt(at)]
      let end = at + 1
      while (end < text.length && kinds[text.charCodeAt(end)] === kind) end += 1
      if (kind === LETTER) this.#word(text, at, end)
      else if (kind === SPACE) this.#space(end - at, kinds[text.charCodeAt(end)])
      else this.#run(kind ?? OTHER, end - at)
      at = end
    }
    return this.#counts
  }

  #word(text: string, start: number, end: number): void {
    const length = end - start
    this.#add(length < MIDDLE_WORD ? 0 : length < LONG_WORD ? 1 : 2, 1)
    if (length >= LONG_WORD) this.#add(3, length - LONG_WORD + 1)
    let capitals = 0
    let turns = 0
    let wasCapital = true
    for (let at = start; at < end; at += 1) {
      const isCapital = text.charCodeAt(at) <= LAST_CAPITAL
      if (isCapital) capitals += 1
      if (isCapital && !wasCapital) turns += 1
      wasCapital = isCapital
    }
    if (turns > 0) this.#add(6, turns)
    else if (capitals >= 2) {
      this.#add(4, 1)
      this.#add(5, capitals - 2)
    }
  }

  #space(length: number, next: number | undefined): void {
    if (length > 1) {
      this.#add(13, 1)
      this.#add(14, length - 1)
    }
    if (next === MARK || next === DIGIT) this.#add(15, 1)
  }

  #run(kind: number, length: number): void {
    switch (kind) {
      case DIGIT:
        this.#add(7, 1)
        return this.#add(8, length - 1)
      case MARK:
        if (length === 1) return this.#add(9, 1)
        this.#add(10, 1)
        return this.#add(11, length - 1)
      case NEWLINE:
        return this.#add(12, 1)
      case ACCENTED:
        return this.#add(16, length)
      case ALPHABETIC:
        this.#add(17, 1)
        return this.#add(18, length)
      default:
        return this.#add(kind - HAN + FIRST_OF_SCRIPTS, length)
    }
  }

  #add(feature: number, count: number): void {
    this.#counts[feature] = (this.#counts[feature] ?? 0) + count
  }
}

function kindOf(code: number): number {
  if ((code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)) return LETTER
  if (code >= 0x30 && code <= 0x39) return DIGIT
  if (code === 0x20 || code === 0x09) return SPACE
  if (code === 0x0a || code === 0x0d) return NEWLINE
  if (code < 0x80) return MARK
  if (code < 0x250) return ACCENTED
  if (code < 0x2000) return ALPHABETIC
  if ((code >= 0x3400 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xfaff)) return HAN
  if ((code >= 0x3000 && code <= 0x303f) || (code >= 0xff00 && code <= 0xff65)) return CJK_MARK
  return (code >= 0x3040 && code <= 0x30ff) || (code >= 0xac00 && code <= 0xd7a3) ? KANA : OTHER
}
