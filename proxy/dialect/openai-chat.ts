// OpenAI's chat completions (platform.openai.com, API reference): POST /chat/completions, streamed as `data:` events
// that end with `data: [DONE]`. The older completions stream the same way.
import { Buffer } from 'node:buffer'
import { readBody, type BodyReading } from './read-body.ts'
import { openAiError } from './openai-error.ts'
import { endOf, type StreamFormat } from './stream-format.ts'
import { sseFraming } from './stream-framing.ts'

const CLOSE_BRACKET = ']'.charCodeAt(0)
/** Where a provider's own error event is looked for at the end of a stream. */
const MAX_ERROR_EVENT_BYTES = 16 * 1024
/** Comments that a provider may send after the last event. */
const MAX_TRAILER_BYTES = 1024
const LAST_EVENT = /(?:^|[\r\n])data: ?\[DONE\]$/
const LAST_EVENT_BYTES = 32

export const openAiChatStream: StreamFormat = {
  name: 'openai-chat',
  framing: sseFraming,
  endsWithBody: false,
  endsStream,
  beginsLastEvent: () => false,
  holdsLastEvent: (events) => /(?:^|[\r\n])data: ?\[DONE\][\r\n]/.test(endOf(events, MAX_TRAILER_BYTES)),
  endsWithError: (events) => /(?:^|[\r\n])data: ?\{\s*"error"/.test(endOf(events, MAX_ERROR_EVENT_BYTES)),
  errorEvent: (fault) => Buffer.from(`data: ${JSON.stringify(openAiError(fault))}\n\n`),
}

const CHAT: BodyReading = { model: 'model', conversation: 'messages', streams: 'whenTrue', stream: openAiChatStream }
const COMPLETION: BodyReading = { ...CHAT, conversation: 'prompt' }
const EMBEDDING: BodyReading = { model: 'model', conversation: 'input', streams: 'never', stream: null }

export const openAiChat = { operation: 'Chat', readCall: readBody(CHAT) } as const
export const openAiCompletion = { operation: 'Completion', readCall: readBody(COMPLETION) } as const
export const openAiEmbedding = { operation: 'Embedding', readCall: readBody(EMBEDDING) } as const

/** Events of JSON end with a brace, so that one byte tells them from `[DONE]`. */
function endsStream(events: Buffer): boolean {
  let end = events.length
  while (end > 0 && (events[end - 1] === 0x0a || events[end - 1] === 0x0d)) end -= 1
  if (events[end - 1] !== CLOSE_BRACKET) return false
  return LAST_EVENT.test(events.toString('latin1', Math.max(0, end - LAST_EVENT_BYTES), end))
}
