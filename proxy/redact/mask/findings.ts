// What is masked in one text: what the detectors see in it as it is written and as it reads without its escapes, the
// values that were found before, and what looks like a placeholder of ours. One list, sorted, without overlaps.
import type { Detection } from '../detectors/detection.ts'
import { withoutOverlaps } from '../detectors/detect.ts'
import { FRAMED, type ValueKind } from '../placeholder/placeholder.ts'
import type { KnownValues } from './known-values.ts'
import type { View } from './views.ts'

/** What stands in a text only because it looks like a placeholder. */
export const LITERAL = 'Literal'

export interface Replacement {
  readonly start: number
  readonly end: number
  readonly value: string
  /** What it says where it was written with escapes of JSON that it keeps; absent: the same. */
  readonly inJson?: string
  readonly type: string
  readonly kind: ValueKind
  /** Of a placeholder whose value ran over several texts: from where to where of it, in parts of one, stands here. */
  readonly share: Share
}

export type Share = readonly [from: number, to: number]
export const WHOLE: Share = [0, 1]

/** A finding that knows what it says where that is not what is written. */
interface Said extends Detection {
  readonly says?: string
  readonly saidFrom?: number
  readonly saidTo?: number
}

const FRAME_START = /xref/i
const CONTROL = /\p{Cc}/u
const BASE64_LINK = /data:[\w.+/-]{1,80};base64,[A-Za-z0-9+/=_-]{64,}/g

export function fromView(found: readonly Detection[], { text, offsets, saysMore }: View): readonly Said[] {
  return found.map(({ start, end, type, evidence }) => {
    const from = offsets[start] ?? 0
    const to = offsets[end] ?? from
    const says = text.slice(start, end)
    if (!saysMore) return { start: from, end: to, type, evidence }
    return { start: from, end: to, type, evidence, says, saidFrom: from, saidTo: to }
  })
}

/** In offsets of the text that a window is from. */
export function moved(found: Said, by: number): Said {
  if (by === 0) return found
  const { start, end, saidFrom, saidTo } = found
  const said = saidFrom === undefined || saidTo === undefined ? {} : { saidFrom: saidFrom + by, saidTo: saidTo + by }
  return { ...found, ...said, start: start + by, end: end + by }
}

/** Adds the places of values that are known already, and what looks like a placeholder. */
export function addKnown(text: string, known: KnownValues, found: Detection[]): void {
  known.find(text, ({ start, end, type }) => found.push({ start, end, type, evidence: 'found before' }))
  if (!FRAME_START.test(text)) return
  for (const { index, 0: token } of text.matchAll(FRAMED)) {
    found.push({ start: index, end: index + token.length, type: LITERAL, evidence: 'frame' })
  }
}

export function settle(text: string, found: Detection[]): readonly Replacement[] {
  if (found.length === 0) return []
  const settled: readonly Said[] = found.length === 1 ? found : withoutOverlaps(text, found)
  return settled.map((said) => replacementOf(text, said))
}

function replacementOf(text: string, { start, end, type, says, saidFrom, saidTo }: Said): Replacement {
  const written = text.slice(start, end)
  const whole = { start, end, type, kind: 'text', share: WHOLE } as const
  if (says === undefined || says === written || saidFrom !== start || saidTo !== end)
    return { ...whole, value: written }
  // Line ends and the like would break the text that they are put back into.
  return CONTROL.test(says) ? { ...whole, value: written, inJson: says } : { ...whole, value: says }
}

/** Runs of base64 inside a text; they are not read. */
export function base64Links(text: string): readonly { readonly start: number; readonly end: number }[] {
  if (!text.includes(';base64,')) return []
  return [...text.matchAll(BASE64_LINK)].map(({ index, 0: link }) => ({ start: index, end: index + link.length }))
}
