// The mechanics of conditions: a draft becomes a condition with its time and generation, kept as it was where nothing
// changed; Ready is the sum of the others. Pure.
import type { Condition } from '../crds/status.ts'

/** A condition before it has a time. With `observedGeneration` it speaks of that generation, else of the newest. */
export interface Draft {
  readonly type: string
  readonly status: Condition['status']
  readonly reason: string
  readonly message: string
  readonly observedGeneration?: number
}

/** Longer messages are cut: they are read in a terminal. */
export const MAX_MESSAGE_LENGTH = 1024

export function clip(message: string): string {
  return message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH - 3)}...`
}

/** The condition as it was said last, for when there is nothing new to say; null the first time. */
export function keep(type: string, previous: readonly Condition[] | undefined): Draft | null {
  const found = previous?.find((condition) => condition.type === type)
  if (!found) return null
  const { status, reason, message, observedGeneration } = found
  return { type, status, reason, message, ...(observedGeneration === undefined ? {} : { observedGeneration }) }
}

/** False as soon as one is False, else Unknown as soon as one is Unknown; the reason is that one's. */
export function summarize(drafts: readonly Draft[]): Draft {
  const worst = drafts.find((draft) => draft.status === 'False') ?? drafts.find((draft) => draft.status === 'Unknown')
  const generations = drafts.flatMap((draft) => draft.observedGeneration ?? [])
  const observed = generations.length > 0 ? { observedGeneration: Math.min(...generations) } : {}
  if (!worst) return { type: 'Ready', status: 'True', reason: 'Ready', message: 'everything works', ...observed }
  return { type: 'Ready', status: worst.status, reason: worst.reason, message: worst.message, ...observed }
}

export interface Settling {
  readonly generation: number
  readonly previous: readonly Condition[] | undefined
  readonly nowMs: number
}

export function settle(drafts: readonly Draft[], { generation, previous, nowMs }: Settling): Condition[] {
  return drafts.map((draft) => {
    const before = previous?.find((condition) => condition.type === draft.type)
    const isSame = before?.status === draft.status
    return {
      type: draft.type,
      status: draft.status,
      observedGeneration: draft.observedGeneration ?? generation,
      lastTransitionTime: isSame ? before.lastTransitionTime : toSeconds(nowMs),
      reason: draft.reason,
      message: draft.message,
    }
  })
}

/** metav1.Time has whole seconds. */
function toSeconds(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z')
}
