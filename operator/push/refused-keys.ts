// Which keys a provider has refused, told from the newest calls that one proxy reports: a call that a provider answered
// with 401 used the key of its target. Each call counts once, though reports repeat their newest ones.
//
//   seen {recent} -> 401 -> target -> key -> KeyStore.refused -> its Secret is read again at once
import type { RecentCall } from '../../proxy/table/messages.ts'
import type { KeyReference } from './publication.ts'
import type { Snapshot } from './snapshot.ts'

const UNAUTHORIZED = 401

/** Of one stream. Remembers no more ids than one message has calls. */
export class RefusedKeys {
  #known: ReadonlySet<string> = new Set()

  take(recent: readonly RecentCall[], snapshot: Snapshot | undefined): readonly KeyReference[] {
    const fresh = recent.filter(({ id }) => !this.#known.has(id))
    this.#known = new Set(recent.map(({ id }) => id))
    // Our own refusals have a code; what a provider answered has none.
    const refused = fresh.filter(({ status, error }) => status === UNAUTHORIZED && error === null)
    const ids = new Set(refused.map(({ target }) => snapshot?.credentials.get(target ?? '')))
    return snapshot?.keys.filter(({ id }) => ids.has(id)) ?? []
  }
}
