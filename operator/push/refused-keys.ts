// Which keys a provider has refused, told from the newest calls that one proxy reports: a target that answered so, or
// that passed a 401 through, was asked with its key. Each call counts once, though reports repeat their newest ones.
//
//   seen {recent} -> refused by -> target -> key -> KeyStore.refused -> its Secret is read again at once
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
    const ids = new Set(fresh.flatMap(refusedBy).map((target) => snapshot?.credentials.get(target)))
    return snapshot?.keys.filter(({ id }) => ids.has(id)) ?? []
  }
}

/** Our own refusals have a code; what a provider answered and is passed through has none. */
function refusedBy({ status, error, target, keyRefusedBy = [] }: RecentCall): readonly string[] {
  return status === UNAUTHORIZED && error === null && target !== null ? [...keyRefusedBy, target] : keyRefusedBy
}
