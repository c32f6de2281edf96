// What stays the same over the turns of one conversation, so that weighted choices keep it on one model: a session id
// that the application sends, else the whole first user message, else the whole body. Pure; the value is for hashing
// and is never printed.
import type { Call, Span } from '../exchange.ts'
import { readString, scanElements, scanMembers } from '../json/scan.ts'
import { headerOf } from '../raw-headers.ts'

const SESSION_HEADER = 'x-claude-code-session-id'

export function conversationOf(call: Call): string {
  const { received, conversationSpans: spans } = call
  return (
    headerOf(received.rawHeaders, SESSION_HEADER) ??
    textAt(received.body, spans.promptCacheKey) ??
    userOfMetadata(received.body, spans.metadata) ??
    textAt(received.body, spans.user) ??
    firstUserMessage(received.body, spans.messages) ??
    received.body.toString('latin1')
  )
}

function textAt(body: Buffer, span: Span | undefined): string | null {
  return span === undefined ? null : readString(body, span) || null
}

function userOfMetadata(body: Buffer, span: Span | undefined): string | null {
  if (span === undefined) return null
  return textAt(body, scanMembers(body, span, ['user_id'])?.[0])
}

/** The content as its bytes, whether it is a string or a list of parts. */
function firstUserMessage(body: Buffer, messages: Span | undefined): string | null {
  if (messages === undefined) return null
  for (const element of scanElements(body, messages)) {
    const [role, content] = scanMembers(body, element, ['role', 'content']) ?? []
    if (content !== undefined && textAt(body, role) === 'user')
      return body.toString('latin1', content.start, content.end)
  }
  return null
}
