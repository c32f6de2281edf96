// Whether a proxy can read a table: told from its hello, so that it is never sent what it must refuse. Pure; session.ts
// asks before each snapshot.
import type { FromProxy } from '../../proxy/table/messages.ts'
import { TABLE_SCHEMA } from '../../proxy/table/schema.ts'
import type { Snapshot } from './snapshot.ts'

/** Null: it can. The sentence says what to do. */
export function unreadableReason(
  hello: Extract<FromProxy, { type: 'hello' }>,
  { requires }: Pick<Snapshot, 'requires'>,
): string | null {
  if (hello.schema !== TABLE_SCHEMA) {
    return `the proxy reads tables of schema ${hello.schema}, not ${TABLE_SCHEMA}: restart the pod to renew its sidecar`
  }
  const unknown = requires.find((capability) => !hello.capabilities.includes(capability))
  return unknown === undefined ? null : `the proxy does not know "${unknown}": restart the pod to renew its sidecar`
}
