// What stays the same over the turns of one conversation, so that weighted choices keep it on one model: a session id
// that the application sends, else the whole first user message, else the whole body. Pure; the value is for hashing
// and is never printed.
import type { Call, Span } from '../exchange.ts'
import { readString, scanElements, scanMembers } from '../json/scan.ts'
import { headerOf } from '../raw-headers.ts'

const QUOTE = '"'.charCodeAt(0)
const SESSION_HEADER = 'x-claude-code-session-id'

export function conversationOf(call: Call): string {
  const { received, conversationSpans: spans } = call
  // A file and a prompt are no turn of anything, and the file may be long.
  if (received.place.operation === 'Other') return received.id
  return (
    headerOf(received.rawHeaders, SESSION_HEADER) ??
    textAt(received.body, spans.promptCacheKey) ??
    userOfMetadata(received.body, spans.metadata) ??
    textAt(received.body, spans.user) ??
    firstUserMessage(received.body, spans.messages) ??
    received.body.toString('latin1')
  )
}

/** Who asks, as the application names them to the provider; null: it does not. */
export function userOf({ received: { body }, conversationSpans: spans }: Call): string | null {
  return textAt(body, spans.user) ?? userOfMetadata(body, spans.metadata)
}

function textAt(body: Buffer, span: Span | undefined): string | null {
  return span === undefined ? null : readString(body, span) || null
}

function userOfMetadata(body: Buffer, span: Span | undefined): string | null {
  if (span === undefined) return null
  return textAt(body, scanMembers(body, span, ['user_id'])?.[0])
}

/** The content as its bytes, whether it is a string or a list of parts. Gemini's users need no role. */
function firstUserMessage(body: Buffer, messages: Span | undefined): string | null {
  if (messages === undefined) return null
  if (body[messages.start] === QUOTE) return body.toString('latin1', messages.start, messages.end)
  for (const element of scanElements(body, messages)) {
    const [role, content, parts] = scanMembers(body, element, ['role', 'content', 'parts']) ?? []
    const said = content ?? parts
    if (said === undefined) continue
    const speaker = role === undefined && parts !== undefined ? 'user' : textAt(body, role)
    if (speaker === 'user') return body.toString('latin1', said.start, said.end)
  }
  return null
}
