// The condition Programmed: do the proxies run what the route says? Pure.
//
//   not all replicas heard   as it was; Unknown the first time
//   no pods                  True, NoPods
//   a proxy refused          False, at once
//   all current              True; False when the newest generation is not what they run
//   some behind < 10 s       as it was; Unknown the first time
//   some behind >= 10 s      False
import type { Condition } from '../crds/status.ts'
import { clip, type Draft, keep } from './conditions.ts'
import type { Progress } from './progress.ts'

/** A proxy may be this long behind before Programmed says so: new pods start, streams reconnect. */
export const MAX_LAG_MS = 10_000

/** So many pods that are behind are named. */
const MAX_NAMED_PODS = 3

const TYPE = 'Programmed'

export interface ProgrammedInputs {
  readonly progress: Progress | null
  readonly isAccepted: boolean
  readonly generation: number
  readonly previous: readonly Condition[] | undefined
  readonly nowMs: number
}

export interface Programmed {
  readonly condition: Draft
  readonly recheckAfterMs: number | null
}

export function describeProgrammed(known: ProgrammedInputs): Programmed {
  const { progress, previous, nowMs } = known
  if (!progress) return steady(stay(previous, 'not every replica of the operator has reported its proxies yet'))
  const [oldest] = progress.behind
  if (progress.total === 0) return steady(say('True', 'NoPods', 'no pod with the sidecar is selected'))
  if (progress.rejected > 0) return steady(say('False', 'Rejected', rejectedSentence(progress)))
  if (!oldest) return steady(allCurrent(known, progress.total))
  const lagMs = Math.max(0, nowMs - oldest.sinceMs)
  if (lagMs >= MAX_LAG_MS) return steady(say('False', 'ProxiesBehind', behindSentence(progress, nowMs)))
  const waiting = `waiting for ${progress.behind.length} of ${progress.total} proxies`
  return { condition: stay(previous, waiting), recheckAfterMs: MAX_LAG_MS - lagMs }
}

function steady(condition: Draft): Programmed {
  return { condition, recheckAfterMs: null }
}

function say(status: Condition['status'], reason: string, message: string): Draft {
  return { type: TYPE, status, reason, message: clip(message) }
}

/** NoPods is not kept: with a pod there, "no pods" would be a lie. */
function stay(previous: readonly Condition[] | undefined, waiting: string): Draft {
  const before = keep(TYPE, previous)
  return before && before.reason !== 'NoPods' ? before : say('Unknown', 'Pending', waiting)
}

function allCurrent({ isAccepted, generation }: ProgrammedInputs, total: number): Draft {
  if (isAccepted) return say('True', 'Programmed', `${total} of ${total} proxies run generation ${generation}`)
  return say('False', 'NotAccepted', `generation ${generation} is not accepted, so no proxy runs it`)
}

function rejectedSentence({ rejected, total, firstRejection }: Progress): string {
  return `${rejected} of ${total} proxies refused the table and keep their last good one: ${firstRejection}`
}

function behindSentence({ behind, current, total }: Progress, nowMs: number): string {
  const late = behind.filter(({ sinceMs }) => nowMs - sinceMs >= MAX_LAG_MS)
  const names = late.slice(0, MAX_NAMED_PODS).map(({ podName }) => podName)
  const more = late.length > MAX_NAMED_PODS ? ` and ${late.length - MAX_NAMED_PODS} more` : ''
  const limit = `${MAX_LAG_MS / 1000} s`
  return `${current} of ${total} proxies run the newest table; behind for ${limit} or more: ${names.join(', ')}${more}`
}
