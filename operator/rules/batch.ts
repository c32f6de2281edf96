// What of a rule's calls may be sent together, as a proxy keeps it, and what of that can never happen, for a Finding.
// Pure.
import type { ModelRouteRule } from '../../crds/model-route.ts'
import { durationToMs } from '../../crds/shapes.ts'
import type { Route } from '../../proxy/table/schema.ts'

export function toBatch({ batch }: Pick<ModelRouteRule, 'batch'>): Pick<Route, 'batch'> {
  if (batch === undefined) return {}
  const { embeddings, completions, chat } = batch
  return {
    batch: {
      ...(embeddings && { embeddings: inMilliseconds(embeddings) }),
      ...(completions && { completions: inMilliseconds(completions) }),
      ...(chat && { chat: inMilliseconds(chat) }),
    },
  }
}

function inMilliseconds<Limits extends { readonly wait: string }>({ wait, ...limits }: Limits) {
  return { ...limits, waitMs: Math.max(1, durationToMs(wait)) }
}

export interface BatchNote {
  readonly path: string
  readonly message: string
}

const OPERATIONS = { embeddings: ['Embedding'], completions: ['Completion'], chat: ['Chat'] } as const

/** Kinds of batches that no call of the rule can be part of, and waits that leave a call no time. */
export function notesOnBatch({ batch, match, timeouts }: ModelRouteRule): readonly BatchNote[] {
  if (batch === undefined) return []
  const { operations = [] } = match
  return (['embeddings', 'completions', 'chat'] as const).flatMap((kind): BatchNote[] => {
    const limits = batch[kind]
    if (limits === undefined) return []
    const needed = OPERATIONS[kind]
    const isReached = operations.length === 0 || needed.some((operation) => operations.includes(operation))
    if (!isReached) {
      const message = `batch.${kind} has no effect, because match.operations leaves out ${needed.join(' and ')}`
      return [{ path: `batch.${kind}`, message }]
    }
    const { total } = timeouts
    if (total === undefined || durationToMs(limits.wait) < durationToMs(total)) return []
    const message = `batch.${kind}.wait is ${limits.wait}, and the whole call may take ${total}: most calls would fail`
    return [{ path: `batch.${kind}.wait`, message }]
  })
}
