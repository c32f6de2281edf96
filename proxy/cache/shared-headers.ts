// Which headers of an answer are for everyone who gets it, now or later: those that say what it is and who made it. The
// rest are of the one exchange in which it came (limits and what is left of them, cookies, times, the way there).
import type { Answered } from '../exchange.ts'

const SHARED = [
  'content-type',
  'content-language',
  // The libraries show it to the application, and support asks for it: it names the call that made this answer.
  'x-request-id',
  'request-id',
  'openai-version',
  'openai-model',
] as const

export function sharedHeaders(headers: Answered['headers']): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {}
  for (const name of SHARED) {
    const value = headers[name]
    if (typeof value === 'string') kept[name] = value
  }
  return kept
}
