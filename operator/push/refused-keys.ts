// Which keys a provider has refused, told from the newest calls that one proxy reports. The proxy says it of each
// attempt that was made with a key; what status the application got in the end says nothing. Each call counts once,
// though reports repeat their newest ones.
//
//   seen {recent} -> keyRefusedBy -> key -> KeyStore.refused -> its Secret is read again at once
import type { RecentCall } from '../../proxy/table/messages.ts'
import type { KeyReference } from './publication.ts'
import type { Snapshot } from './snapshot.ts'

/** Of one stream. Remembers no more ids than one message has calls. */
export class RefusedKeys {
  #known: ReadonlySet<string> = new Set()

  take(recent: readonly RecentCall[], snapshot: Snapshot | undefined): readonly KeyReference[] {
    const fresh = recent.filter(({ id }) => !this.#known.has(id))
    this.#known = new Set(recent.map(({ id }) => id))
    const ids = new Set(
      fresh.flatMap(({ keyRefusedBy = [] }) => keyRefusedBy).map((target) => snapshot?.credentials.get(target)),
    )
    return snapshot?.keys.filter(({ id }) => ids.has(id)) ?? []
  }
}
