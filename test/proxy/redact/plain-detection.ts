// Detection by a few patterns, for tests of what comes behind it: names are those of real detectors, so that their
// placeholder words and their way back are the real ones.
import type { Detection } from '../../../proxy/redact/detectors/detection.ts'

const PATTERNS: readonly (readonly [type: string, pattern: RegExp])[] = [
  ['Email', /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g],
  ['Phone', /(?<!\w)(?:\+49 170 1234567|1[3-9]\d{9})(?!\w)/g],
  ['Card', /(?<!\w)4111(?: ?\d{4}){3}(?!\w)/g],
  ['ChineseId', /(?<!\w)\d{17}[\dX](?!\w)/g],
  ['LabelledSecret', /(?<=token=)\w{16}/g],
  ['AgeSecretKey', /AGE-SECRET-KEY-1\w{58}/g],
  ['PersonName', /张伟|Zoë O"Neil/g],
]

export function detectPlainly(text: string): readonly Detection[] {
  const found = PATTERNS.flatMap(([type, pattern]) =>
    [...text.matchAll(pattern)].map(({ index, 0: value }) => ({
      start: index,
      end: index + value.length,
      type,
      evidence: 'pattern',
    })),
  )
  return found.toSorted((one, other) => one.start - other.start)
}
