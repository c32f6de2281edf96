// What leaves the pod is sealed: only the pods of the namespace can read, make or recognise an entry, and an entry is
// good under its own name alone.
//
//   namespace key -HKDF-> key of names   : name of an entry = HMAC(cache key): nobody can test guesses of a call
//                 -HKDF-> key of entries -HMAC(name)-> AES-256-GCM key of this entry; associated data: version, name
//
// A key of its own for each name keeps random nonces far from repeating. Bytes: magic (3), version (1), nonce (12),
// tag (16), ciphertext.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type { CacheKey } from '../store.ts'

export const SEAL_VERSION = 1
const MAGIC = 'MRC'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const FRONT_BYTES = 4
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32

export interface SealKeys {
  readonly names: Buffer
  readonly entries: Buffer
}

export type Unsealed =
  | { readonly kind: 'opened'; readonly bytes: Buffer }
  | { readonly kind: 'dropped'; readonly reason: 'foreign' | 'schema' | 'corrupt' }

export function sealKeysOf(namespaceKey: Buffer): SealKeys {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', namespaceKey, '', purpose, KEY_BYTES))
  return { names: derive('modelroute cache name v1'), entries: derive('modelroute cache entry v1') }
}

/** 43 characters of base64url. */
export function sealedName({ names }: SealKeys, key: CacheKey): string {
  return createHmac('sha256', names).update(key).digest('base64url')
}

export function seal(keys: SealKeys, name: string, bytes: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, entryKey(keys, name), nonce).setAAD(associatedWith(name))
  const sealed = [cipher.update(bytes), cipher.final()]
  return Buffer.concat([Buffer.from(MAGIC), Buffer.of(SEAL_VERSION), nonce, cipher.getAuthTag(), ...sealed])
}

export function unseal(keys: SealKeys, name: string, sealed: Buffer): Unsealed {
  if (sealed.toString('latin1', 0, MAGIC.length) !== MAGIC) return { kind: 'dropped', reason: 'foreign' }
  if (sealed[MAGIC.length] !== SEAL_VERSION) return { kind: 'dropped', reason: 'schema' }
  const textStart = FRONT_BYTES + NONCE_BYTES + TAG_BYTES
  if (sealed.length < textStart) return { kind: 'dropped', reason: 'corrupt' }
  const nonce = sealed.subarray(FRONT_BYTES, FRONT_BYTES + NONCE_BYTES)
  const tag = sealed.subarray(FRONT_BYTES + NONCE_BYTES, textStart)
  try {
    const options = { authTagLength: TAG_BYTES }
    const decipher = createDecipheriv(CIPHER, entryKey(keys, name), nonce, options).setAAD(associatedWith(name))
    decipher.setAuthTag(tag)
    const bytes = Buffer.concat([decipher.update(sealed.subarray(textStart)), decipher.final()])
    return { kind: 'opened', bytes }
  } catch {
    return { kind: 'dropped', reason: 'corrupt' }
  }
}

function entryKey({ entries }: SealKeys, name: string): Buffer {
  return createHmac('sha256', entries).update(name).digest()
}

function associatedWith(name: string): Buffer {
  return Buffer.from(`${MAGIC}${SEAL_VERSION} ${name}`)
}
