// The one call that stands for all calls of a batch: the first one's headers, everyone's items, and a caller of its own
// who goes when the last of them has gone. Its rule is theirs but for failures that one item alone may have caused:
// another target must not be asked for everyone then, and the batch is divided instead (batch-run.ts).
import { Caller } from '../caller.ts'
import type { Call, Received, RoutedCall } from '../exchange.ts'
import type { FailoverClass } from '../table/schema.ts'
import type { Member } from './member.ts'

/** One item that is too long, faulty or filtered fails a whole list; some servers answer 500 to such an item. */
export const ITEM_CLASSES: ReadonlySet<FailoverClass> = new Set<FailoverClass>([
  'BadRequest',
  'ContentFilter',
  'ContextLength',
  'Truncated',
])

const NOT_FOR_EVERYONE: ReadonlySet<FailoverClass> = new Set<FailoverClass>([...ITEM_CLASSES, 'Server'])

export interface MergedCall {
  readonly routed: RoutedCall
  readonly caller: Caller
}

/**
 * Null: what was written is no call, which would be a fault of the form's. `movesOn`: a failing server is known not to
 * fail because of an item, so that other targets are asked for everyone.
 */
export function mergeCalls(members: readonly Member[], movesOn: boolean): MergedCall | null {
  const [first] = members
  if (first === undefined) return null
  const { call, route } = first.routed
  const caller = new Caller()
  const parts = members.map(({ batchable }) => batchable)
  const receivedAtMs = earliestOf(members)
  const read = rewritten(call, { ...first.batchable.form.write(parts, call), caller, receivedAtMs })
  if (read === null) return null
  const on = route.failover.on.filter((failureClass) => !(movesOn ? ITEM_CLASSES : NOT_FOR_EVERYONE).has(failureClass))
  const failover = { ...route.failover, on }
  return {
    caller,
    routed: { kind: 'routed', call: read, route: { ...route, failover } },
  }
}

type Rewriting = Pick<Received, 'place' | 'body' | 'caller'> & Partial<Pick<Received, 'receivedAtMs'>>

/** The call with these in place of its own, read anew. Null: it is none. */
export function rewritten(call: Call, rewriting: Rewriting): Call | null {
  const received: Received = { ...call.received, ...rewriting }
  const read = received.place.endpoint?.readCall?.(received)
  return read === undefined || read.kind === 'failure' ? null : { ...read, isAnswerRead: true }
}

function earliestOf(members: readonly Member[]): number {
  return Math.min(...members.map(({ call }) => call.received.receivedAtMs))
}
