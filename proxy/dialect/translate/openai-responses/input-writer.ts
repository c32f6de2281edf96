// Neutral turns -> input items of a Responses request. Reasoning is written only with OpenAI's own encryption: the
// settling of the request has removed the rest.
import type { JsonObject, JsonValue } from '../../neutral/json.ts'
import { toUrl } from '../../neutral/media.ts'
import type { MediaPart, Part, ReasoningPart, ToolResultPart, Turn } from '../../neutral/chat.ts'
import { fittingId } from '../../neutral/tool-ids.ts'
import { linesOf, splitResults } from '../../neutral/turns.ts'

export function writeInput(turns: readonly Turn[]): readonly JsonObject[] {
  return turns.flatMap(({ role, parts }) => {
    if (role === 'assistant') return writeOutput(parts)
    const { results, rest } = splitResults(parts)
    const items = results.map(writeResult)
    const isEmpty = rest.length === 0 && results.length > 0
    return isEmpty ? items : [...items, { type: 'message', role, content: writeContent(rest) }]
  })
}

function writeOutput(parts: readonly Part[]): readonly JsonObject[] {
  const items: JsonObject[] = []
  for (const part of parts) {
    if (part.kind === 'toolCall') {
      const { id, name, argumentsText } = part
      const written = argumentsText === '' ? '{}' : argumentsText
      items.push({ type: 'function_call', call_id: fittingId(id), name, arguments: written })
    } else if (part.kind === 'reasoning') {
      items.push(writeReasoning(part))
    } else if (part.kind === 'text' || part.kind === 'refusal') {
      items.push({ type: 'message', role: 'assistant', content: part.text })
    }
  }
  return items
}

function writeReasoning({ text, signature }: ReasoningPart): JsonObject {
  const summary = text === '' ? [] : [{ type: 'summary_text', text }]
  return { type: 'reasoning', id: signature?.id, summary, encrypted_content: signature?.value }
}

function writeResult({ callId, parts }: ToolResultPart): JsonObject {
  const isText = parts.every(({ kind }) => kind === 'text')
  const output: JsonValue = isText ? linesOf(parts) : parts.flatMap(writePart)
  return { type: 'function_call_output', call_id: fittingId(callId), output }
}

function writeContent(parts: readonly Part[]): JsonValue {
  return parts.flatMap(writePart)
}

function writePart(part: Part): readonly JsonObject[] {
  if (part.kind === 'text') return [{ type: 'input_text', text: part.text }]
  return part.kind === 'image' || part.kind === 'document' ? [writeMedia(part)] : []
}

function writeMedia({ kind, source, detail, fileName }: MediaPart): JsonObject {
  if (kind === 'image') return { type: 'input_image', image_url: toUrl(source), detail: detail ?? 'auto' }
  if (source.kind === 'url') return { type: 'input_file', file_url: source.url }
  return { type: 'input_file', filename: fileName ?? 'document.pdf', file_data: toUrl(source) }
}
