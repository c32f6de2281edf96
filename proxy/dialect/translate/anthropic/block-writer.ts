// Neutral parts -> content blocks of Anthropic messages. Reasoning is written only with Anthropic's own signature: the
// settling of the request has removed the rest.
import { Buffer } from 'node:buffer'
import { argumentsObject } from '../../neutral/json-text.ts'
import type { JsonArray, JsonObject } from '../../neutral/json.ts'
import type { MediaPart, MediaSource, Part, ReasoningPart, ToolResultPart, Turn } from '../../neutral/chat.ts'
import { fittingId } from '../../neutral/tool-ids.ts'
import { splitResults } from '../../neutral/turns.ts'

export function writeTurn({ role, parts }: Turn): JsonObject {
  const { results, rest } = splitResults(parts)
  return { role, content: [...results.map(writeResult), ...writeBlocks(rest)] }
}

/** Empty text is refused by this dialect. */
export function writeBlocks(parts: readonly Part[]): readonly JsonObject[] {
  return parts.filter((part) => part.kind !== 'text' || part.text !== '').map(writeBlock)
}

function writeBlock(part: Part): JsonObject {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'image':
    case 'audio':
    case 'document':
      return writeMedia(part)
    case 'toolCall':
      return { type: 'tool_use', id: fittingId(part.id), name: part.name, input: argumentsObject(part.argumentsText) }
    case 'toolResult':
      return writeResult(part)
    case 'reasoning':
      return writeThinking(part)
  }
}

function writeThinking({ text, signature, isRedacted }: ReasoningPart): JsonObject {
  if (isRedacted === true) return { type: 'redacted_thinking', data: signature?.value ?? '' }
  return { type: 'thinking', thinking: text, signature: signature?.value ?? '' }
}

function writeResult({ callId, parts, isError }: ToolResultPart): JsonObject {
  const content: JsonArray = writeBlocks(parts)
  return { type: 'tool_result', tool_use_id: fittingId(callId), content, ...(isError === true && { is_error: true }) }
}

function writeMedia({ kind, source, fileName }: MediaPart): JsonObject {
  const written = writeSource(source)
  return {
    type: kind === 'image' ? 'image' : 'document',
    source: written,
    ...(fileName !== undefined && { title: fileName }),
  }
}

/** Documents of text are taken as text only. */
function writeSource(source: MediaSource): JsonObject {
  if (source.kind === 'url') return { type: 'url', url: source.url }
  const { mediaType, data } = source
  if (!mediaType.startsWith('text/')) return { type: 'base64', media_type: mediaType, data }
  return { type: 'text', media_type: 'text/plain', data: Buffer.from(data, 'base64').toString() }
}
