// The one call that stands for all calls of a batch: the first one's headers, everyone's items, and a caller of its own
// who goes when the last of them has gone. Its rule is theirs but for failures that one item alone may have caused:
// another target must not be asked for everyone then, and the batch is divided instead (batch-run.ts).
import { Caller } from '../caller.ts'
import type { Received, RoutedCall } from '../exchange.ts'
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
  const { place, body } = first.batchable.form.write(parts, call)
  const received: Received = { ...call.received, place, body, receivedAtMs: earliestOf(members), caller }
  const read = place.endpoint?.readCall?.(received)
  if (read === undefined || read.kind === 'failure') return null
  const on = route.failover.on.filter((failureClass) => !(movesOn ? ITEM_CLASSES : NOT_FOR_EVERYONE).has(failureClass))
  const failover = { ...route.failover, on }
  return {
    caller,
    routed: { kind: 'routed', call: { ...read, isAnswerRead: true }, route: { ...route, failover } },
  }
}

function earliestOf(members: readonly Member[]): number {
  return Math.min(...members.map(({ call }) => call.received.receivedAtMs))
}
