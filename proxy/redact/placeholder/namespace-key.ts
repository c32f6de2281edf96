// From the namespace's key, which all proxies of a namespace share, to the key of one conversation's placeholders: the
// same for every turn and every pod, and of no use for telling that two conversations hold the same value.
//
//   keys channel -> namespace key -HKDF(salt: conversation)-> key of the codes
//
// While the namespace's key is exchanged, the old one still recognises the placeholders of earlier turns.
import { Buffer } from 'node:buffer'
import { hkdfSync } from 'node:crypto'
import type { KeyRing } from '../../table/key-ring.ts'
import { NAMESPACE_KEY_IDS } from '../../table/messages.ts'

const KEY_BYTES = 32
const PURPOSE = 'modelroute placeholder v1'

export interface NamespaceKeys {
  readonly current: Buffer
  /** Null: no exchange is under way. */
  readonly previous: Buffer | null
}

/** Null: no usable key has come. */
export function namespaceKeysOf(keys: Pick<KeyRing, 'find'>): NamespaceKeys | null {
  const current = keyNamed(keys, NAMESPACE_KEY_IDS.current)
  return current === null ? null : { current, previous: keyNamed(keys, NAMESPACE_KEY_IDS.previous) }
}

/** `conversation` null: the key is the namespace's own (embeddings, whose vectors must match over calls). */
export function conversationKey(namespaceKey: Buffer, conversation: string | null): Buffer {
  return Buffer.from(hkdfSync('sha256', namespaceKey, conversation ?? '', PURPOSE, KEY_BYTES))
}

function keyNamed(keys: Pick<KeyRing, 'find'>, id: string): Buffer | null {
  const text = keys.find(id)?.reveal()
  const key = text === undefined ? null : Buffer.from(text, 'base64')
  return key?.length === KEY_BYTES ? key : null
}
