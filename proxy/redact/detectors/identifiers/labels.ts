// Reads what the text says of a number: the words before it, behind it, and the JSON key it is the value of.
//
//   "... my SSN is " 078-05-1123 " ..."  ->  Labels { bits: GOVERNMENT, owners: ['UsSsn'], isDirectlyNegative: false }
//
// Labels raise or stop a finding; on their own they make none. The window is 56 code units and 8 words, the nearest
// word is heard first, and a word that speaks against (`order`, `commit`) ends the reading.

import type { DetectorName } from '../detection.ts'
import { FLAGS, HAN, HAN_DIGIT, LETTER, DIGIT, OTHER_LETTER, flagsAt } from './characters.ts'
import { FILLER, HAN_LABELS, LATIN_LABELS, NEGATIVE } from './label-words.ts'

const WINDOW = 56
const MAX_WORDS = 8
const WINDOW_BEHIND = 28
const MAX_WORDS_BEHIND = 4

export interface Labels {
  /** Groups said before a negative word was met. */
  bits: number
  /** The group of the nearest word that has one. */
  nearest: number
  /** Detectors whose own words were said. */
  readonly owners: DetectorName[]
  /** Nearer than any word that speaks for it, one speaks against it. */
  isNegative: boolean
  /** … and stands next to the number, with fillers between at most. */
  isDirectlyNegative: boolean
}

export interface LabelEntry {
  readonly bits: number
  readonly owners: readonly DetectorName[]
}

export interface LabelTable {
  readonly latin: ReadonlyMap<string, LabelEntry>
  /** By two Han characters: the first shifted 16 bits, or'ed with the second. */
  readonly han: ReadonlyMap<number, LabelEntry>
}

export interface OwnWords {
  readonly name: DetectorName
  /** Words that name this number and no other, split at spaces: Latin words, Han labels. */
  readonly words: string
  readonly bits: number
}

/** Joins the groups' words with those that name one detector's number. */
export function createLabelTable(own: readonly OwnWords[]): LabelTable {
  const latin = new Map<string, LabelEntry>()
  const han = new Map<number, LabelEntry>()
  const add = (bits: number, words: string, owners: readonly DetectorName[]) => {
    for (const word of words.split(/\s+/)) {
      if (word === '') continue
      if (isHan(word)) for (const pair of pairsOf(word)) put({ map: han, key: pair, bits, owners })
      else put({ map: latin, key: word, bits, owners })
    }
  }
  for (const [bits, words] of LATIN_LABELS) add(bits, words, [])
  for (const [bits, words] of HAN_LABELS) add(bits, words, [])
  for (const { name, words, bits } of own) add(bits, words, [name])
  return { latin, han }
}

interface Put<K> {
  readonly map: Map<K, LabelEntry>
  readonly key: K
  readonly bits: number
  readonly owners: readonly DetectorName[]
}

function put<K>({ map, key, bits, owners }: Put<K>): void {
  const entry = map.get(key)
  map.set(key, { bits: bits | (entry?.bits ?? 0), owners: [...(entry?.owners ?? []), ...owners] })
}

function isHan(word: string): boolean {
  return (flagsAt(word, 0) & HAN) !== 0
}

function pairsOf(word: string): number[] {
  return Array.from({ length: word.length - 1 }, (_, at) => (word.charCodeAt(at) << 16) | word.charCodeAt(at + 1))
}

export interface Place {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** The labels of the text in [start, end). `key` is the JSON key or field, heard when the text itself says nothing. */
export function readLabels(place: Place, table: LabelTable, key: string | null): Labels {
  const labels: Labels = { bits: 0, nearest: 0, owners: [], isNegative: false, isDirectlyNegative: false }
  readBefore({ text: place.text, from: place.start, lowest: Math.max(0, place.start - WINDOW) }, table, labels)
  if (labels.bits === 0 && !labels.isNegative) readBehind(place, table, labels)
  if (labels.bits === 0 && !labels.isNegative && key !== null) {
    readBefore({ text: key, from: key.length, lowest: Math.max(0, key.length - 64) }, table, labels)
  }
  return labels
}

interface Backwards {
  readonly text: string
  readonly from: number
  readonly lowest: number
}

function readBefore({ text, from, lowest }: Backwards, table: LabelTable, labels: Labels): void {
  let words = 0
  let strangers = 0
  for (let at = from; at > lowest && words < MAX_WORDS;) {
    const code = text.charCodeAt(at - 1)
    const flags = FLAGS[code] ?? 0
    if ((flags & (HAN | HAN_DIGIT)) !== 0) {
      const entry = at - 1 > lowest ? table.han.get((text.charCodeAt(at - 2) << 16) | code) : undefined
      strangers += hear(entry, labels, strangers > 0.8) ? 0 : 0.25
      words += 0.25
      at--
    } else if ((flags & (LETTER | OTHER_LETTER)) !== 0) {
      const start = wordStart(text, at, lowest)
      strangers += hear(table.latin.get(text.slice(start, at).toLowerCase()), labels, strangers > 0.8) ? 0 : 1
      words++
      at = start
    } else {
      if (words > 0 && endsSentence(text, at - 1)) return
      at--
    }
    if (labels.isNegative) return
  }
}

/** Of `phoneNumber` the start of `Number`, so that both words are heard. */
function wordStart(text: string, end: number, lowest: number): number {
  let start = end - 1
  while (start > lowest && (flagsAt(text, start - 1) & (LETTER | OTHER_LETTER)) !== 0) {
    if (isUpper(text.charCodeAt(start)) && !isUpper(text.charCodeAt(start - 1))) break
    start--
  }
  return start
}

function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a
}

/** A line break, a full stop or its like; a point inside a number or an abbreviation is none. */
function endsSentence(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  if (code === 0x0a || code === 0x3002 || code === 0x21 || code === 0x3f || code === 0xff01 || code === 0xff1f)
    return true
  return code === 0x2e && text.charCodeAt(index + 1) === 0x20 && (flagsAt(text, index - 3) & LETTER) !== 0
}

/** Whether the word was one of ours. */
function hear(entry: LabelEntry | undefined, labels: Labels, isFar: boolean): boolean {
  if (entry === undefined) return false
  const bits = entry.bits & ~FILLER
  if ((bits & NEGATIVE) !== 0 && labels.bits === 0) {
    labels.isNegative = true
    labels.isDirectlyNegative = !isFar
    return true
  }
  if (labels.nearest === 0) labels.nearest = bits
  labels.bits |= bits & ~NEGATIVE
  for (const owner of entry.owners) if (!labels.owners.includes(owner)) labels.owners.push(owner)
  return true
}

/** `… is my hetu`, `… office`; a word with a colon behind it is the next value's. */
function readBehind({ text, end }: Place, table: LabelTable, labels: Labels): void {
  const highest = Math.min(text.length, end + WINDOW_BEHIND)
  let words = 0
  for (let at = end; at < highest && words < MAX_WORDS_BEHIND;) {
    const flags = flagsAt(text, at)
    if ((flags & DIGIT) !== 0 || (words > 0 && endsPhrase(text.charCodeAt(at)))) return
    if ((flags & (LETTER | OTHER_LETTER)) === 0) {
      if (endsPhrase(text.charCodeAt(at))) return
      at++
      continue
    }
    let stop = at + 1
    while (stop < highest && (flagsAt(text, stop) & (LETTER | OTHER_LETTER)) !== 0) stop++
    if (stop < text.length && isAssignment(text.charCodeAt(stop))) return
    const entry = table.latin.get(text.slice(at, stop).toLowerCase())
    if (entry !== undefined && (entry.bits & NEGATIVE) === 0) hear(entry, labels, false)
    words++
    at = stop
  }
}

function endsPhrase(code: number): boolean {
  return code === 0x0a || code === 0x2c || code === 0x3b || code === 0x2e || code === 0x3a || code >= 0x3000
}

function isAssignment(code: number): boolean {
  return code === 0x3a || code === 0x3d || code === 0xff1a
}
