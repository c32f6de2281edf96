// What the readers of one scan share: the text, the list to add to, and lazily the labels of the place in hand.
// Made once per scan; nothing outlives it.

import type { Detection, DetectorName, Evidence, ScanScope } from '../detection.ts'
import type { Labels, LabelTable } from './labels.ts'
import { readLabels } from './labels.ts'
import type { Run } from './run.ts'
import { createRun } from './run.ts'

/** Longer texts are prose: no value is the whole of one. */
const MAX_ALONE = 80

export interface Reader {
  readonly text: string
  readonly found: Detection[]
  readonly scope: ScanScope
  readonly table: LabelTable
  readonly run: Run
  /** The text without the white space and quotes round it, when it is short and no JSON key says what it is. */
  readonly aloneStart: number
  readonly aloneEnd: number
  labels: Labels | null
  labelsStart: number
  /** Offset behind the last finding: readers do not look back beyond it. */
  done: number
}

export function createReader(
  text: string,
  found: Detection[],
  scope: ScanScope & { readonly table: LabelTable },
): Reader {
  const isShort = text.length <= MAX_ALONE && scope.label === null
  const start = isShort ? text.length - text.replace(/^[\s"'`]+/, '').length : -1
  const end = isShort ? text.replace(/[\s"'`.]+$/, '').length : -1
  return {
    text,
    found,
    scope,
    table: scope.table,
    run: createRun(),
    aloneStart: start,
    aloneEnd: end,
    labels: null,
    labelsStart: -1,
    done: 0,
  }
}

/** The labels of [start, end), read once for each start. */
export function labelsOf(reader: Reader, start: number, end: number): Labels {
  if (reader.labels !== null && reader.labelsStart === start) return reader.labels
  const labels = readLabels({ text: reader.text, start, end }, reader.table, reader.scope.label)
  reader.labels = labels
  reader.labelsStart = start
  return labels
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
  if (reader.scope.isEnabled(find.type)) reader.found.push(find)
  reader.done = find.end
  return find.end
}
