// Reads what the text says of a number: the words before it, behind it, and the JSON key it is the value of.
//
//   "... my SSN is " 078-05-1123 " ..."  ->  Labels { bits: GOVERNMENT, owners: ['UsSsn'], isDirectlyNegative: false }
//
// Labels raise or stop a finding; on their own they make none. The window is 56 code units and 8 words, the nearest
// word is heard first, and a word that speaks against (`order`, `commit`) ends the reading.

import type { DetectorName } from '../detection.ts'
import { FLAGS, HAN, HAN_DIGIT, LETTER, DIGIT, OTHER_LETTER, flagsAt } from './characters.ts'
import { DESK, FILLER, HAN_LABELS, LATIN_LABELS, NEGATIVE } from './label-words.ts'

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

export interface HanLabel extends LabelEntry {
  readonly word: string
}

export interface LabelTable {
  readonly latin: ReadonlyMap<string, LabelEntry>
  /** Words by their last two characters: the first of them shifted 16 bits, or'ed with the second. Longest first. */
  readonly han: ReadonlyMap<number, readonly HanLabel[]>
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
      entries.set(word, { bits: bits | (entry?.bits ?? 0), owners: [...(entry?.owners ?? []), ...owners] })
    }
  }
  for (const [bits, words] of [...LATIN_LABELS, ...HAN_LABELS]) add(bits, words, [])
  for (const { name, words, bits } of own) add(bits, words, [name])
  entries.delete('')
  const isHan = ([word]: [string, LabelEntry]) => (flagsAt(word, 0) & HAN) !== 0
  const labels = [...entries].filter(isHan).map(([word, entry]) => ({ word, ...entry }))
  const sorted = labels.toSorted((a, b) => b.word.length - a.word.length)
  return {
    latin: new Map([...entries].filter((entry) => !isHan(entry))),
    han: Map.groupBy(sorted, ({ word }) => pairBefore(word, word.length)),
  }
}

/** The two code units before `end` as one key. */
function pairBefore(text: string, end: number): number {
  return (text.charCodeAt(end - 2) << 16) | text.charCodeAt(end - 1)
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
  if (!hasSpoken(labels) && !labels.isNegative) readBehind(place, table, labels)
  if (!hasSpoken(labels) && !labels.isNegative && key !== null) {
    readBefore({ text: key, from: key.length, lowest: Math.max(0, key.length - 64) }, table, labels)
  }
  return labels
}

interface Backwards {
  readonly text: string
  readonly from: number
  readonly lowest: number
}

/** How far the reading backwards has come: words met, and those of them that are none of ours. */
interface Course {
  at: number
  words: number
  strangers: number
}

function readBefore({ text, from, lowest }: Backwards, table: LabelTable, labels: Labels): void {
  const course: Course = { at: from, words: 0, strangers: 0 }
  while (course.at > lowest && course.words < MAX_WORDS && !labels.isNegative) {
    const flags = FLAGS[text.charCodeAt(course.at - 1)] ?? 0
    if ((flags & (HAN | HAN_DIGIT)) !== 0) readHan(text, table, { labels, course })
    else if ((flags & (LETTER | OTHER_LETTER)) !== 0) readLatin({ text, lowest, table }, labels, course)
    else if (course.words > 0 && endsSentence(text, course.at - 1, course.strangers)) return
    else course.at--
  }
}

interface Hearing {
  readonly labels: Labels
  readonly course: Course
}

/** The longest label that ends here, or one character of a word that says nothing. */
function readHan(text: string, table: LabelTable, { labels, course }: Hearing): void {
  const { at } = course
  const label = table.han.get(pairBefore(text, at))?.find(({ word }) => text.startsWith(word, at - word.length))
  course.words += 0.25
  course.at -= label === undefined ? 1 : label.word.length
  if (label === undefined || !hear(label, labels, course.strangers > 0.8)) course.strangers += 0.25
}

interface LatinText {
  readonly text: string
  readonly lowest: number
  readonly table: LabelTable
}

/** A word, or of `phoneNumber` its last part, so that both are heard. */
function readLatin({ text, lowest, table }: LatinText, labels: Labels, course: Course): void {
  const end = course.at
  let start = end - 1
  while (start > lowest && (flagsAt(text, start - 1) & (LETTER | OTHER_LETTER)) !== 0) start--
  let entry = table.latin.get(text.slice(start, end).toLowerCase())
  if (entry === undefined) {
    start = partStart(text, start, end)
    entry = table.latin.get(text.slice(start, end).toLowerCase())
  }
  course.words++
  course.at = start
  const isPlace = entry !== undefined && (entry.bits & DESK) !== 0 && text.charCodeAt(end) !== 0x3a
  if (isPlace || !hear(entry, labels, course.strangers > 0.8)) course.strangers++
}

function partStart(text: string, start: number, end: number): number {
  for (let index = end - 1; index > start; index--) {
    if (isUpper(text.charCodeAt(index)) && !isUpper(text.charCodeAt(index - 1))) return index
  }
  return start
}

function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a
}

/** A line break, a full stop or its like; a point in an abbreviation, or before fillers alone (`my card. Number is`), is none. */
function endsSentence(text: string, index: number, strangers: number): boolean {
  const code = text.charCodeAt(index)
  if (code === 0x0a || code === 0x3002 || code === 0x21 || code === 0x3f || code === 0xff01 || code === 0xff1f)
    return true
  return (
    code === 0x2e && strangers > 0 && text.charCodeAt(index + 1) === 0x20 && (flagsAt(text, index - 3) & LETTER) !== 0
  )
}

/** Whether the word was one of ours. */
function hear(entry: LabelEntry | undefined, labels: Labels, isFar: boolean): boolean {
  if (entry === undefined) return false
  const bits = entry.bits & ~(FILLER | DESK)
  if ((bits & NEGATIVE) !== 0 && !hasSpoken(labels)) {
    labels.isNegative = true
    labels.isDirectlyNegative = !isFar
    return true
  }
  if (labels.nearest === 0) labels.nearest = bits
  labels.bits |= bits & ~NEGATIVE
  for (const owner of entry.owners) if (!labels.owners.includes(owner)) labels.owners.push(owner)
  return true
}

/** Whether a word has been heard that speaks for some number. */
function hasSpoken({ bits, owners }: Labels): boolean {
  return bits !== 0 || owners.length > 0
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
