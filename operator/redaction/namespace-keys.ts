// The key of one namespace, derived from the root key, as the keys channel carries it to every proxy there.
//
//   root key -- HKDF-SHA256, info = namespace --> 32 bytes -> redaction/current, redaction/previous
//
// A proxy that is taken over can reproduce the placeholders of its own namespace and of no other. Pure.
import { createHash, hkdfSync } from 'node:crypto'
import { Secret } from '../../proxy/secret.ts'
import { NAMESPACE_KEY_IDS } from '../../proxy/table/messages.ts'
import type { RootKey, RootKeys } from './root-keys.ts'

export const NAMESPACE_KEY_BYTES = 32
const PURPOSE = 'modelroute.dev/redaction/v1'

export interface NamespaceKey {
  readonly id: string
  /** 32 bytes in base64. */
  readonly value: Secret
}

export interface NamespaceKeySet {
  /** A hash of 32 random bytes or more: changes when a key does, and tells nothing about it. */
  readonly version: string
  readonly entries: readonly NamespaceKey[]
}

/** Who knows the keys of namespaces now. */
export interface NamespaceKeySource {
  /** Null until the root key was read. */
  keysOf(namespace: string): NamespaceKeySet | null
  /** Called after a key has changed; the returned function ends it. */
  onChange(listener: () => void): () => void
}

export function deriveNamespaceKeys(root: RootKeys, namespace: string): NamespaceKeySet {
  const previous = root.previous === null ? [] : [derive(root.previous, namespace, NAMESPACE_KEY_IDS.previous)]
  const entries = [derive(root.current, namespace, NAMESPACE_KEY_IDS.current), ...previous]
  const hash = createHash('sha256')
  for (const { id, value } of entries) hash.update(`${id} ${value.reveal()}\n`)
  return { version: hash.digest('hex').slice(0, 16), entries }
}

function derive({ value }: RootKey, namespace: string, id: string): NamespaceKey {
  const bytes = hkdfSync('sha256', Buffer.from(value.reveal(), 'base64'), PURPOSE, namespace, NAMESPACE_KEY_BYTES)
  return { id, value: new Secret(Buffer.from(bytes).toString('base64')) }
}
