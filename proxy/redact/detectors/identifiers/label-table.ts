// The words that name numbers (label-words.ts and the rows' own), indexed so that one in a text is found without
// cutting it out: Latin words by a hash of their lower-case letters, Han labels by their last two characters.

import type { DetectorName } from '../detection.ts'
import { HAN, flagsAt } from './characters.ts'
import { HAN_LABELS, LATIN_LABELS } from './label-words.ts'
import { unitsOf, type Units } from '../text/units.ts'

export interface LabelEntry {
  readonly word: string
  /** Groups it speaks for, or against. */
  readonly bits: number
  /** Detectors whose number it names. */
  readonly owners: readonly DetectorName[]
}

export interface LabelTable {
  readonly latin: ReadonlyMap<number, readonly LabelEntry[]>
  /** By their last two characters, longest first. */
  readonly han: ReadonlyMap<number, readonly LabelEntry[]>
  /** By code unit: whether a Han label ends with it. */
  readonly isHanEnd: Uint8Array
}

export interface OwnWords {
  readonly name: DetectorName
  /** Words that name this number and no other, split at spaces: Latin words, Han labels. */
  readonly words: string
  readonly bits: number
}

/** Joins the groups' words with those that name one detector's number. */
export function createLabelTable(own: readonly OwnWords[]): LabelTable {
  const entries = new Map<string, LabelEntry>()
  const add = (bits: number, words: string, owners: readonly DetectorName[]) => {
    for (const word of words.split(/\s+/)) {
      const entry = entries.get(word)
      entries.set(word, { word, bits: bits | (entry?.bits ?? 0), owners: [...(entry?.owners ?? []), ...owners] })
    }
  }
  for (const [bits, words] of [...LATIN_LABELS, ...HAN_LABELS]) add(bits, words, [])
  for (const { name, words, bits } of own) add(bits, words, [name])
  entries.delete('')
  const isHan = ({ word }: LabelEntry) => (flagsAt(unitsOf(word), 0) & HAN) !== 0
  const sorted = [...entries.values()].toSorted((a, b) => b.word.length - a.word.length)
  const isHanEnd = new Uint8Array(0x10000)
  for (const { word } of sorted.filter(isHan)) isHanEnd[word.charCodeAt(word.length - 1)] = 1
  return {
    isHanEnd,
    latin: Map.groupBy(
      sorted.filter((entry) => !isHan(entry)),
      ({ word }) => hashOf(unitsOf(word), 0, word.length),
    ),
    han: Map.groupBy(sorted.filter(isHan), ({ word }) => pairBefore(unitsOf(word), word.length)),
  }
}

/** A part of the text; set anew for each word, not made anew. */
export interface Range {
  start: number
  end: number
}

/** The Latin label that the range is, in any case. */
export function latinLabel(table: LabelTable, text: Units, range: Range): LabelEntry | undefined {
  const { start, end } = range
  const entries = end - start > 28 ? undefined : table.latin.get(hashOf(text, start, end))
  if (entries === undefined) return undefined
  for (const entry of entries) if (isWord(entry.word, text, start) && entry.word.length === end - start) return entry
  return undefined
}

/** The longest Han label that ends at `end`. */
export function hanLabel(table: LabelTable, text: Units, end: number): LabelEntry | undefined {
  if (end < 2 || table.isHanEnd[text.codes[end - 1] ?? 0] === 0) return undefined
  const entries = table.han.get(pairBefore(text, end))
  if (entries === undefined) return undefined
  for (const entry of entries)
    if (end >= entry.word.length && isWord(entry.word, text, end - entry.word.length)) return entry
  return undefined
}

function isWord(word: string, text: Units, start: number): boolean {
  for (let index = 0; index < word.length; index++) {
    if (word.charCodeAt(index) !== lower(text.codes[start + index] ?? 0)) return false
  }
  return true
}

function hashOf(text: Units, start: number, end: number): number {
  let hash = end - start
  for (let index = start; index < end; index++)
    hash = (Math.imul(hash, 31) + lower(text.codes[index] ?? 0)) & 0x3fffffff
  return hash
}

const SMALL: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  (code >= 0x41 && code <= 0x5a) || (code >= 0xc0 && code <= 0xde) ? code | 0x20 : code,
)

/** Of ASCII and Latin-1 letters. */
function lower(code: number): number {
  return code < 256 ? (SMALL[code] ?? code) : code
}

/** The two code units before `end` as one key. */
function pairBefore(text: Units, end: number): number {
  return (((text.codes[end - 2] ?? 0) & 0x3fff) << 16) | (text.codes[end - 1] ?? 0)
}
