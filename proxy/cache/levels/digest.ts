// What an entry on a disk carries against faults of that disk: a hash over its key and its bytes. It binds the bytes to
// the key, so that a row that a damaged index leads to is not taken for another one. Not against people: that is the
// seal of shared entries (seal.ts).
import { createHash } from 'node:crypto'
import type { CacheKey } from '../store.ts'

export const DIGEST_BYTES = 16

export function withDigest(key: CacheKey, bytes: Buffer): Buffer {
  return Buffer.concat([digestOf(key, bytes), bytes])
}

/** Null: not what was written under this key. */
export function withoutDigest(key: CacheKey, stored: Buffer): Buffer | null {
  if (stored.length < DIGEST_BYTES) return null
  const bytes = stored.subarray(DIGEST_BYTES)
  return digestOf(key, bytes).equals(stored.subarray(0, DIGEST_BYTES)) ? bytes : null
}

function digestOf(key: CacheKey, bytes: Buffer): Buffer {
  return createHash('sha256').update(key).update(bytes).digest().subarray(0, DIGEST_BYTES)
}
