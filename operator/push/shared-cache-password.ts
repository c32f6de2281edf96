// The password of the chart's shared cache: a Secret mounted into the operator, read anew with each delivery so that a
// new one needs no restart, and sent on the keys channel to proxies whose table uses that cache. Never in a pod's
// environment.
import { readFileSync, statSync } from 'node:fs'
import { Secret } from '../../proxy/secret.ts'
import { MAX_KEY_CHARACTERS, SHARED_CACHE_PASSWORD_ID } from '../../proxy/table/messages.ts'
import type { Logger } from '../../proxy/telemetry/log.ts'
import type { KeyDelivery } from './keys.ts'

export interface SharedCachePassword {
  /** Tells nothing about the value. */
  readonly version: string
  readonly value: Secret
}

/** Null: the file cannot be read, or holds nothing that can be sent. */
export type ReadSharedCachePassword = () => SharedCachePassword | null

export function readPasswordFile(path: string, logger: Pick<Logger, 'error'>): ReadSharedCachePassword {
  return () => {
    try {
      const text = readFileSync(path, 'utf8').trim()
      if (text === '' || text.length > MAX_KEY_CHARACTERS) return null
      return { version: String(Math.trunc(statSync(path).mtimeMs)), value: new Secret(text) }
    } catch (error) {
      logger.error({ err: error, path }, 'the password of the shared cache cannot be read')
      return null
    }
  }
}

export function withSharedCachePassword(
  delivery: KeyDelivery | null,
  password: SharedCachePassword | null,
): KeyDelivery | null {
  if (delivery === null || password === null) return delivery
  return {
    version: `${delivery.version}-${password.version}`,
    entries: [...delivery.entries, { id: SHARED_CACHE_PASSWORD_ID, value: password.value }],
  }
}
