// What keeps calls together, so that a provider's prompt cache sees them again: the conversation, the user, or a header
// of the application's. Pure; a key is for hashing and is never printed.
import { conversationOf, userOf } from '../dialect/conversation.ts'
import type { Call } from '../exchange.ts'
import { headerOf } from '../raw-headers.ts'
import type { Sticky } from '../table/schema.ts'

export interface StickyKey {
  readonly key: string
  /** The rule's own key is not in the call; it went by something else. */
  readonly isMissing: boolean
}

/** `spread`: a key that no other call has, for calls that are not to be kept together. */
export function stickyKeyOf(call: Call, sticky: Sticky | undefined, spread: () => string): StickyKey {
  if (sticky === undefined || sticky.by === 'Conversation') return { key: conversationOf(call), isMissing: false }
  const key = sticky.by === 'User' ? userOf(call) : headerOf(call.received.rawHeaders, sticky.header ?? '')
  if (key !== null && key !== '') return { key, isMissing: false }
  return { key: sticky.whenMissing === 'Spread' ? spread() : conversationOf(call), isMissing: true }
}
