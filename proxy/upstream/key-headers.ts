// How a provider's key is sent, by the provider's dialect. Name and value alternating; the only place where a key is
// revealed to be sent.
import type { Secret } from '../secret.ts'
import type { Target } from '../table/schema.ts'

export const KEY_HEADERS: Readonly<Record<Target['dialect'], (key: Secret) => readonly string[]>> = {
  OpenAI: (key) => ['authorization', `Bearer ${key.reveal()}`],
}
