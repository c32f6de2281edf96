// Ids of tool calls and of users. Each dialect has its own rules for them, or none; the pairs of call and result must
// stay pairs, and the same call must get the same id in every turn, or the provider's prompt cache is lost.
import { createHash } from 'node:crypto'

/** Anthropic's pattern with OpenAI's length: good everywhere. */
const GOOD_ID = /^[a-zA-Z0-9_-]{1,40}$/

export function fittingId(id: string): string {
  if (GOOD_ID.test(id)) return id
  return `call_${createHash('sha256').update(id).digest('hex').slice(0, 24)}`
}

/** OpenAI refuses a longer one; an agent's may hold device, account and session. The same user keeps the same one. */
const MAX_USER_LENGTH = 64

export function fittingUser(user: string): string {
  return user.length <= MAX_USER_LENGTH ? user : createHash('sha256').update(user).digest('hex')
}

/** For callers whose dialect has no ids: the place in the conversation, which stays the same over its turns. */
export function idByPlace(turn: number, call: number): string {
  return `call_${turn}_${call}`
}
