// What the readers of one scan share: the text, the list to add to, and the labels of the place in hand.
// Made once per scan; nothing outlives it.

import type { Detection, DetectorName, Evidence, ScanScope } from '../detection.ts'
import type { LabelTable } from './label-table.ts'
import type { Labels, Reading } from './labels.ts'
import { adopt, createReading, hasSpoken, readAdjacent, readAll, readKey, startReading } from './labels.ts'
import type { Dialled } from './dialled.ts'
import type { Run } from './run.ts'
import type { Units } from '../text/units.ts'

/** Longer texts are prose: no value is the whole of one. */
const MAX_ALONE = 80

export interface Reader {
  readonly text: Units
  readonly found: Detection[]
  readonly isEnabled: (name: DetectorName) => boolean
  readonly table: LabelTable
  readonly run: Run
  readonly dialled: Dialled
  /** The text without the white space and quotes round it, when it is short and no JSON key says what it is. */
  readonly aloneStart: number
  readonly aloneEnd: number
  readonly reading: Reading
  readingStart: number
  /** What the JSON key says; null without one. */
  readonly key: Labels | null
  /** Offset behind the last finding: readers do not look back beyond it. */
  done: number
}

/** What a scan is told, and the buffers it may use. */
export interface ReaderSource extends ScanScope {
  readonly table: LabelTable
  readonly run: Run
  readonly dialled: Dialled
}

export function createReader(text: Units, found: Detection[], scope: ReaderSource): Reader {
  const isShort = text.length <= MAX_ALONE && scope.label === null
  return {
    text,
    found,
    isEnabled: scope.isEnabled,
    table: scope.table,
    run: scope.run,
    dialled: scope.dialled,
    aloneStart: isShort ? firstLetter(text) : -1,
    aloneEnd: isShort ? lastLetter(text) : -1,
    reading: createReading(text, scope.table),
    readingStart: -1,
    key: scope.label === null ? null : readKey(scope.label, scope.table),
    done: 0,
  }
}

/** Behind the white space and quotes that the text starts with. */
function firstLetter(text: Units): number {
  let start = 0
  while (start < text.length && isMargin(text.codes[start] ?? 0)) start++
  return start
}

/** Before the white space, quotes and points that it ends with. */
function lastLetter(text: Units): number {
  let end = text.length
  while (end > 0 && (isMargin(text.codes[end - 1] ?? 0) || (text.codes[end - 1] ?? 0) === 0x2e)) end--
  return end
}

function isMargin(code: number): boolean {
  return code <= 0x20 || code === 0x22 || code === 0x27 || code === 0x60 || code === 0x3000
}

/** The labels of [start, end), read once for each start. */
export function labelsOf(reader: Reader, start: number, end: number): Labels {
  begin(reader, start)
  readAll(reader.reading, end, reader.key)
  return reader.reading.labels
}

/** Whether the word next to what starts at `start`, or the JSON key, says that it is something else (`order no.`). */
export function isSpokenAgainst(reader: Reader, start: number): boolean {
  begin(reader, start)
  const { reading, key } = reader
  readAdjacent(reading)
  if (reading.quarters === 0 && reading.isOver && key !== null && !hasSpoken(reading.labels)) adopt(reading.labels, key)
  return reading.labels.isDirectlyNegative
}

function begin(reader: Reader, start: number): void {
  if (reader.readingStart === start) return
  reader.readingStart = start
  startReading(reader.reading, start)
}

export function isAlone(reader: Reader, start: number, end: number): boolean {
  return start === reader.aloneStart && end === reader.aloneEnd
}

export interface Find {
  readonly start: number
  readonly end: number
  readonly type: DetectorName
  readonly evidence: Evidence
}

/** Adds the finding when the policy wants its detector, and says where to go on: behind it. */
export function addFinding(reader: Reader, find: Find): number {
  if (reader.isEnabled(find.type)) reader.found.push(find)
  reader.done = find.end
  return find.end
}
