// A rule's durations as a proxy keeps them: whole milliseconds from 1 to a day. Pure.
// Anything outside is brought to the nearest bound and reported, so that one odd number does not cost the route.
import type { ModelRouteRule } from '../../crds/model-route.ts'
import { durationToMs } from '../../crds/shapes.ts'
import type { Route } from '../../proxy/table/schema.ts'

const MIN_TIMEOUT_MS = 1
const MAX_TIMEOUT_MS = 24 * 60 * 60 * 1000

const FIELDS = ['firstToken', 'idle', 'total'] as const

export function toTimeouts({ timeouts }: Pick<ModelRouteRule, 'timeouts'>): Route['timeouts'] {
  const { firstToken, idle, total } = timeouts
  return {
    firstTokenMs: toTimeoutMs(firstToken),
    idleMs: toTimeoutMs(idle),
    ...(total === undefined ? {} : { totalMs: toTimeoutMs(total) }),
  }
}

export interface OutOfRange {
  readonly field: (typeof FIELDS)[number]
  readonly text: string
  readonly usedMs: number
}

export function outOfRangeTimeouts({ timeouts }: Pick<ModelRouteRule, 'timeouts'>): readonly OutOfRange[] {
  return FIELDS.flatMap((field) => {
    const text = timeouts[field]
    if (text === undefined || durationToMs(text) === toTimeoutMs(text)) return []
    return [{ field, text, usedMs: toTimeoutMs(text) }]
  })
}

export function toTimeoutMs(text: string): number {
  return Math.min(MAX_TIMEOUT_MS, Math.max(MIN_TIMEOUT_MS, durationToMs(text)))
}
