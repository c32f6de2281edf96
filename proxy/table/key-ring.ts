// The provider keys this proxy may use, by the name its table gives them. They arrive on the keys channel, whole:
// a key that is not in the newest message is revoked and forgotten.
import { Secret } from '../secret.ts'

/** More keys than this in one message are refused by the message's schema. */
export const MAX_KEYS = 1024

export class KeyRing {
  #keys: ReadonlyMap<string, Secret> = new Map()

  /** The key of that name; undefined when it has not come or was revoked. */
  find(id: string): Secret | undefined {
    return this.#keys.get(id)
  }

  replaceAll(entries: readonly { readonly id: string; readonly value: string }[]): void {
    this.#keys = new Map(entries.map(({ id, value }) => [id, new Secret(value)]))
  }

  /** For the private state file alone. */
  entries(): readonly { readonly id: string; readonly value: Secret }[] {
    return [...this.#keys].map(([id, value]) => ({ id, value }))
  }
}
