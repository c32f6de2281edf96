// Reads what the text says of a number: the words before it, behind it, and the JSON key it is the value of.
//
//   "... my SSN is " 078-05-1123 " ..."  ->  Labels { bits: GOVERNMENT, owners: ['UsSsn'], isDirectlyNegative: false }
//
// Labels raise or stop a finding; on their own they make none. The window is 56 code units and 8 words, the nearest
// word is heard first, and a word that speaks against (`order`, `commit`) ends the reading. Reading stops where the
// question is answered and goes on from there when more is asked.

import type { DetectorName } from '../detection.ts'
import { DIGIT, FLAGS, HAN, HAN_DIGIT, LETTER, OTHER_LETTER, flagsAt } from './characters.ts'
import type { LabelEntry, LabelTable, Range } from './label-table.ts'
import { hanLabel, latinLabel } from './label-table.ts'
import { DESK, FILLER, NEGATIVE } from './label-words.ts'
import { unitsOf, type Units } from '../text/units.ts'

const WINDOW = 56
const WINDOW_BEHIND = 28
/** In quarters of a word: one Han character is one, a Latin word four. */
const MAX_QUARTERS = 32
const WORD_QUARTERS = 4
/** Read on behind the nearest label, for a second one that makes it plain: `driver's licence`. */
const MORE_QUARTERS = 8
/** Words that say nothing between a label and its number, up to which it stands next to it. */
const NEAR_QUARTERS = 3
const MAX_WORDS_BEHIND = 4
/** A label that stands farther off says nothing of the number. */
export const MAX_DISTANCE = 8
const MAX_KEY = 64

export interface Labels {
  /** Groups said before a negative word was met. */
  bits: number
  /** The groups of the nearest word that has some. */
  nearest: number
  /** Quarters of words between that word and the number that say nothing. */
  distance: number
  /** Detectors whose own words were said. */
  readonly owners: DetectorName[]
  /** Nearer than any word that speaks for it, one speaks against it. */
  isNegative: boolean
  /** … and stands next to the number, with fillers between at most. */
  isDirectlyNegative: boolean
}

/** One reading backwards and how far it has come; made once per scan and started again for each number. */
export interface Reading {
  readonly labels: Labels
  readonly table: LabelTable
  readonly text: Units
  /** The word in hand. */
  readonly range: Range
  at: number
  lowest: number
  quarters: number
  /** Where the reading ends. */
  maxQuarters: number
  /** Quarters of words that are no labels. */
  strangers: number
  isOver: boolean
  /** Behind which end of the number has been read; -1 when none. */
  completeEnd: number
}

export function createReading(text: Units, table: LabelTable): Reading {
  const labels = { bits: 0, nearest: 0, distance: 0, owners: [], isNegative: false, isDirectlyNegative: false }
  return {
    labels,
    table,
    text,
    range: { start: 0, end: 0 },
    at: 0,
    lowest: 0,
    quarters: 0,
    maxQuarters: 0,
    strangers: 0,
    isOver: true,
    completeEnd: -1,
  }
}

export function startReading(reading: Reading, start: number): void {
  const { labels } = reading
  labels.bits = 0
  labels.nearest = 0
  labels.distance = 0
  labels.owners.length = 0
  labels.isNegative = false
  labels.isDirectlyNegative = false
  reading.at = start
  reading.lowest = Math.max(0, start - WINDOW)
  reading.quarters = 0
  reading.maxQuarters = MAX_QUARTERS
  reading.strangers = 0
  reading.isOver = false
  reading.completeEnd = -1
}

/** What the words of a JSON key or field say. */
export function readKey(key: string, table: LabelTable): Labels {
  const reading = createReading(unitsOf(key.slice(-MAX_KEY)), table)
  startReading(reading, reading.text.length)
  while (!reading.isOver) readBefore(reading)
  return reading.labels
}

/** Reads until it is known whether a word next to the number speaks against it. */
export function readAdjacent(reading: Reading): void {
  while (!reading.isOver && reading.strangers <= NEAR_QUARTERS && !hasSpoken(reading.labels)) readBefore(reading)
}

/** Reads all there is; the words behind `end` and then the key count when those before say nothing. */
export function readAll(reading: Reading, end: number, key: Labels | null): void {
  if (reading.completeEnd === end) return
  while (!reading.isOver) readBefore(reading)
  reading.completeEnd = end
  const { labels } = reading
  if (!hasSpoken(labels) && !labels.isNegative) readBehind(reading, end)
  if (!hasSpoken(labels) && !labels.isNegative && key !== null) adopt(labels, key)
}

/** Makes the key's labels the number's. */
export function adopt(labels: Labels, key: Labels): void {
  labels.bits = key.bits
  labels.nearest = key.nearest
  labels.distance = key.distance
  labels.owners.push(...key.owners)
  labels.isNegative = key.isNegative
  labels.isDirectlyNegative = key.isDirectlyNegative
}

/** Whether a word has been heard that speaks for some number. */
export function hasSpoken({ bits, owners }: Labels): boolean {
  return bits !== 0 || owners.length > 0
}

/** One step back: a label, a word or a mark. */
function readBefore(reading: Reading): void {
  const { text, at } = reading
  if (at <= reading.lowest || reading.quarters >= reading.maxQuarters) {
    reading.isOver = true
    return
  }
  const flags = FLAGS[text.codes[at - 1] ?? 0] ?? 0
  if ((flags & (HAN | HAN_DIGIT)) !== 0) readHan(reading)
  else if ((flags & (LETTER | OTHER_LETTER)) !== 0) readLatin(reading)
  else skipMarks(reading)
}

/** Back over marks, spaces and digits, unless one of them ends a sentence. */
function skipMarks(reading: Reading): void {
  const { codes } = reading.text
  let { at } = reading
  for (; at > reading.lowest && ((FLAGS[codes[at - 1] ?? 0] ?? 0) & WRITTEN) === 0; at--) {
    if (reading.quarters === 0 || !endsSentence(reading, at - 1)) continue
    reading.isOver = true
    break
  }
  reading.at = at
}

const WRITTEN = HAN | HAN_DIGIT | LETTER | OTHER_LETTER

/** The longest label that ends here, or one character of a word that says nothing. */
function readHan(reading: Reading): void {
  const label = hanLabel(reading.table, reading.text, reading.at)
  reading.quarters++
  reading.at -= label === undefined ? 1 : label.word.length
  if (label === undefined) reading.strangers++
  else hear(label, reading)
}

/** A word, or of `phoneNumber` its last part, so that both are heard. */
function readLatin(reading: Reading): void {
  const { text, table, lowest } = reading
  const end = reading.at
  let start = end - 1
  let isMixed = false
  while (start > lowest && (flagsAt(text, start - 1) & (LETTER | OTHER_LETTER)) !== 0) {
    isMixed ||= isUpper(text.codes[start] ?? 0)
    start--
  }
  reading.range.start = start
  reading.range.end = end
  let label = latinLabel(table, text, reading.range)
  if (label === undefined && isMixed) {
    start = partStart(text, start, end)
    reading.range.start = start
    label = latinLabel(table, text, reading.range)
  }
  reading.quarters += WORD_QUARTERS
  reading.at = start
  const isPlace = label !== undefined && (label.bits & DESK) !== 0 && (text.codes[end] ?? 0) !== 0x3a
  // `the last line`, and then a number on its own: a word that ends its line denies nothing of the next.
  const isLineEnd = label !== undefined && (label.bits & NEGATIVE) !== 0 && (text.codes[end] ?? 0) === 0x0a
  if (label === undefined || isPlace || isLineEnd) reading.strangers += WORD_QUARTERS
  else hear(label, reading)
}

function partStart(text: Units, start: number, end: number): number {
  for (let index = end - 1; index > start; index--) {
    if (isUpper(text.codes[index] ?? 0) && !isUpper(text.codes[index - 1] ?? 0)) return index
  }
  return start
}

function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a
}

/** A line break, a full stop or its like; not a point before fillers alone (`my card. Number is`). */
function endsSentence({ text, strangers }: Reading, index: number): boolean {
  const code = text.codes[index] ?? 0
  if (code === 0x0a || code === 0x3002 || code === 0x21 || code === 0x3f || code === 0xff01 || code === 0xff1f)
    return true
  return (
    code === 0x2e && strangers > 0 && (text.codes[index + 1] ?? 0) === 0x20 && (flagsAt(text, index - 3) & LETTER) !== 0
  )
}

function hear(entry: LabelEntry, reading: Reading): void {
  const { labels } = reading
  const bits = entry.bits & ~(FILLER | DESK)
  if ((bits & NEGATIVE) !== 0 && !hasSpoken(labels)) {
    labels.isNegative = true
    labels.isDirectlyNegative = reading.strangers <= NEAR_QUARTERS
    reading.isOver = true
    return
  }
  if (!hasSpoken(labels) && (bits !== 0 || entry.owners.length > 0))
    reading.maxQuarters = Math.min(MAX_QUARTERS, reading.quarters + MORE_QUARTERS)
  if (labels.nearest === 0) {
    labels.nearest = bits & ~NEGATIVE
    labels.distance = reading.strangers
  }
  labels.bits |= bits & ~NEGATIVE
  for (const owner of entry.owners) if (!labels.owners.includes(owner)) labels.owners.push(owner)
}

/** `… is my hetu`, `… office`; a word with a colon behind it is the next value's. */
function readBehind(reading: Reading, end: number): void {
  const { text, table } = reading
  const highest = Math.min(text.length, end + WINDOW_BEHIND)
  let words = 0
  for (let at = end; at < highest && words < MAX_WORDS_BEHIND;) {
    const flags = flagsAt(text, at)
    if ((flags & DIGIT) !== 0 || endsPhrase(text.codes[at] ?? 0)) return
    if ((flags & (LETTER | OTHER_LETTER)) === 0) {
      at++
      continue
    }
    let stop = at + 1
    while (stop < highest && (flagsAt(text, stop) & (LETTER | OTHER_LETTER)) !== 0) stop++
    if (stop < text.length && isAssignment(text.codes[stop] ?? 0)) return
    reading.range.start = at
    reading.range.end = stop
    const label = latinLabel(table, text, reading.range)
    if (label !== undefined && (label.bits & NEGATIVE) === 0) hear(label, reading)
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
