// The Han name model in memory: character classes, a word list and the weights of a hashed linear model, all packed.
// Opened once per scanner from dictionaries/han-words.bin and han-weights.bin; read by features.ts and names.ts.

import { COMPOUND_SURNAMES, FOREIGN_CHARACTERS, JAPANESE_SURNAMES, NAME_DOTS, SURNAMES } from './lexicon.ts'
import { TITLES_BEFORE, WORDS_AFTER } from './lexicon.ts'
import { unitsOf, type Units } from '../../text/units.ts'

/** Bits of `HanModel.classes`. */
export const CLASS = {
  surname: 1,
  foreign: 2,
  compoundStart: 4,
  dot: 8,
  han: 16,
  nickname: 32,
  mark: 64,
  digit: 128,
} as const

/** What the word list says of a word: 0 not a word, 1-11 a word by rising frequency, then kinds of names. */
export const WORD = { none: 0, place: 12, organisation: 13, person: 14, foreignPerson: 15 } as const

/** Bits of a cue word: it stands before names, or behind them. */
export const CUE = { before: 1, after: 2 } as const

const CODE_UNITS = 65536
const CUE_BITS = 12
/** A full table would be searched to its end: a look-up gives up after this many slots. */
const MOST_PROBES = 24

export interface HanModel {
  readonly classes: Uint8Array
  /** Open addressing: 12 bits of the word's hash, 4 bits of `WORD`; length a power of two. */
  readonly words: Uint16Array
  /** The same layout with bits of `CUE`. */
  readonly cues: Uint16Array
  /** Keys of compound and Japanese family names: first << 16 | second. */
  readonly compounds: ReadonlySet<number>
  readonly weights: Int8Array
  /** Bits that a feature's hash is shifted by to be a slot of `weights`. */
  readonly shift: number
  /** Weights of the first look (gate.ts). */
  readonly gate: Int8Array
  /** Code units as features see them: digits, Latin letters and spaces are one each. */
  readonly folded: Uint16Array
  /** As the gate sees them: digits and Latin letters are one each. */
  readonly gateFolded: Uint16Array
  /** Bits by hash of two characters: words of three or four begin so. */
  readonly prefixes: Uint8Array
  /** Bits by hash of two characters: they follow one another in transliterated names. */
  readonly pairs: Uint8Array
}

export const WORD_SLOTS = 1 << 18
export const PREFIX_BYTES = 1 << 16
export const PAIR_BYTES = 1 << 13

export interface HanTables {
  readonly words: Uint8Array
  readonly weights: Uint8Array
  readonly gate: Uint8Array
}

export function openHanModel(tables: HanTables): HanModel {
  const copy = tables.words.slice()
  const words = new Uint16Array(copy.buffer, 0, WORD_SLOTS)
  const prefixes = copy.subarray(WORD_SLOTS * 2, WORD_SLOTS * 2 + PREFIX_BYTES)
  const pairs = copy.subarray(WORD_SLOTS * 2 + PREFIX_BYTES)
  const weights = new Int8Array(tables.weights.slice().buffer)
  const gate = new Int8Array(tables.gate.slice().buffer)
  const shift = 32 - Math.log2(weights.length)
  return {
    classes: characterClasses(),
    words,
    cues: cueTable(),
    compounds: compoundKeys(),
    weights,
    shift,
    gate,
    prefixes,
    pairs,
    folded: foldTable('\n\r\u3000'),
    gateFolded: foldTable(''),
  }
}

function foldTable(spaces: string): Uint16Array {
  const table = new Uint16Array(CODE_UNITS)
  for (let code = 0; code < CODE_UNITS; code++) table[code] = code
  table.fill(0x30, 0x30, 0x3a)
  table.fill(0x41, 0x41, 0x5b)
  table.fill(0x41, 0x61, 0x7b)
  for (const space of spaces) table[space.charCodeAt(0)] = 0x20
  return table
}

function characterClasses(): Uint8Array {
  const classes = new Uint8Array(CODE_UNITS)
  classes.fill(CLASS.han, 0x4e00, 0xa000)
  const mark = (characters: string, bit: number): void => {
    for (let i = 0; i < characters.length; i++)
      classes[characters.charCodeAt(i)] = (classes[characters.charCodeAt(i)] ?? 0) | bit
  }
  mark(SURNAMES, CLASS.surname)
  mark(FOREIGN_CHARACTERS, CLASS.foreign)
  mark(NAME_DOTS, CLASS.dot)
  mark('小老阿', CLASS.nickname)
  mark('0123456789０１２３４５６７８９', CLASS.digit)
  mark('，。、；：？！“”‘’（）《》〈〉【】「」『』…—,.;:?!"\'()[]<>/|\n\r\t 　', CLASS.mark)
  for (const name of compoundNames()) mark(name.slice(0, 1), CLASS.compoundStart)
  return classes
}

const compoundNames = (): string[] => [...COMPOUND_SURNAMES.split(' '), ...JAPANESE_SURNAMES.split(' ')]

function compoundKeys(): Set<number> {
  const keys = new Set<number>()
  for (const name of compoundNames()) keys.add((name.charCodeAt(0) << 16) | name.charCodeAt(1))
  return keys
}

/** FNV-1a over code units, the one hash of words here. */
export function hashWord(text: Units, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (text.codes[i] ?? 0), 0x01000193)
  return hash
}

export const hasBit = (bits: Uint8Array, hash: number): boolean => {
  const bit = (hash ^ (hash >>> 15)) & (bits.length * 8 - 1)
  return ((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0
}

export function setBit(bits: Uint8Array, hash: number): void {
  const bit = (hash ^ (hash >>> 15)) & (bits.length * 8 - 1)
  bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7))
}

/** The slot where a word's search begins, and the 12 bits it is known by. */
export const slotOf = (hash: number, mask: number): number => (hash ^ (hash >>> 15)) & mask
export const fingerprintOf = (hash: number): number => (Math.imul(hash, 0x9e3779b1) >>> 20) << 4

/** The four bits that a table holds of a word; 0 where it does not hold it. */
export function lookUp(table: Uint16Array, hash: number): number {
  const mask = table.length - 1
  const wanted = fingerprintOf(hash)
  let slot = slotOf(hash, mask)
  for (let probe = 0; probe < MOST_PROBES; probe++) {
    const entry = table[slot] ?? 0
    if (entry === 0) return 0
    if ((entry & 0xfff0) === wanted) return entry & 15
    slot = (slot + 1) & mask
  }
  return 0
}

/** Adds bits to a word's entry. Answers false where the table is too full to hold it. */
export function addWord(table: Uint16Array, hash: number, bits: number): boolean {
  const mask = table.length - 1
  const wanted = fingerprintOf(hash)
  let slot = slotOf(hash, mask)
  for (let probe = 0; probe < MOST_PROBES; probe++) {
    const entry = table[slot] ?? 0
    if (entry === 0 || (entry & 0xfff0) === wanted) {
      table[slot] = entry | wanted | bits
      return true
    }
    slot = (slot + 1) & mask
  }
  return false
}

function cueTable(): Uint16Array {
  const table = new Uint16Array(1 << CUE_BITS)
  for (const word of TITLES_BEFORE.split(' ')) addWord(table, hashWord(unitsOf(word), 0, word.length), CUE.before)
  for (const word of WORDS_AFTER.split(' ')) addWord(table, hashWord(unitsOf(word), 0, word.length), CUE.after)
  return table
}
