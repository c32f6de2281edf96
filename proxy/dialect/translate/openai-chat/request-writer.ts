// The neutral form -> an OpenAI chat completion request, with the parameters that its model takes.
// Source: the API reference of /v1/chat/completions.
import { effortOf, nearestEffort } from '../../neutral/effort.ts'
import type { WriteSettings, WrittenRequest } from '../../neutral/format.ts'
import { toUrl } from '../../neutral/media.ts'
import { openAiFacts, type OpenAiFacts } from '../../neutral/model-facts.ts'
import type { JsonObject, JsonValue } from '../../neutral/json.ts'
import type {
  ChatRequest,
  Effort,
  MediaPart,
  OutputFormat,
  Part,
  ToolCallPart,
  ToolChoice,
  Turn,
} from '../../neutral/chat.ts'
import { writeSampling } from '../../neutral/sampling.ts'
import { fittingId, fittingUser } from '../../neutral/tool-ids.ts'
import { mediaOutOfResults, linesOf, splitResults, textOf } from '../../neutral/turns.ts'
import { CHAT_SAMPLING, REASONING_SAMPLING } from './names.ts'
import { fittingParameters } from './parameters.ts'

export function writeRequest(request: ChatRequest, { model }: WriteSettings): WrittenRequest {
  const facts = openAiFacts(model)
  const isCut = facts.isToolsOrReasoning && request.tools.length > 0
  const effort = isCut ? 'none' : writeEffort(request, facts)
  const { sampling, dropped } = fittingParameters(request, { facts, effort })
  const names = facts.isReasoning ? REASONING_SAMPLING : CHAT_SAMPLING
  const { tools, toolChoice, allowsParallelToolCalls, outputFormat, user } = request
  const hasTools = tools.length > 0
  return {
    path: '/chat/completions',
    dropped,
    adjusted: isCut ? ['reasoning_effort=none'] : [],
    body: {
      model,
      messages: request.turns.flatMap(writeTurn),
      ...(request.isStreaming && { stream: true, stream_options: { include_usage: true } }),
      ...(hasTools && {
        tools: tools.map(({ name, description, schema, isStrict }) =>
          writeTool({ name, description, parameters: schema, strict: isStrict }),
        ),
      }),
      ...(hasTools && toolChoice !== undefined && { tool_choice: writeChoice(toolChoice) }),
      ...(hasTools && allowsParallelToolCalls !== undefined && { parallel_tool_calls: allowsParallelToolCalls }),
      ...(outputFormat !== undefined && { response_format: writeOutputFormat(outputFormat) }),
      ...(effort !== undefined && { reasoning_effort: effort }),
      ...(user !== undefined && { user: fittingUser(user) }),
      ...writeSampling(sampling, names),
    },
  }
}

function writeTool(described: JsonObject): JsonObject {
  return { type: 'function', function: described }
}

function writeEffort({ reasoning }: ChatRequest, { efforts }: OpenAiFacts): Effort | undefined {
  const effort = effortOf(reasoning ?? {})
  return effort === undefined || efforts === null ? undefined : nearestEffort(effort, efforts)
}

function writeChoice(choice: ToolChoice): JsonValue {
  return choice.kind === 'named' ? { type: 'function', function: { name: choice.name } } : choice.kind
}

function writeOutputFormat(format: OutputFormat): JsonObject {
  if (format.kind === 'jsonObject') return { type: 'json_object' }
  const { name = 'answer', description, schema, isStrict } = format
  return { type: 'json_schema', json_schema: { name, description, schema, strict: isStrict } }
}

function writeTurn(turn: Turn): readonly JsonObject[] {
  if (turn.role === 'assistant') return [writeAssistant(turn.parts)]
  if (turn.role !== 'user') return [{ role: turn.role, content: writeTexts(turn.parts) }]
  const { results, rest } = splitResults(mediaOutOfResults(turn.parts))
  const messages: JsonObject[] = results.map(({ callId, parts }) => ({
    role: 'tool',
    tool_call_id: fittingId(callId),
    content: linesOf(parts),
  }))
  if (rest.length > 0 || results.length === 0) messages.push({ role: 'user', content: writeContent(rest) })
  return messages
}

function writeTexts(parts: readonly Part[]): JsonValue {
  const texts = parts.filter((part) => part.kind === 'text')
  const [only] = texts
  if (texts.length === 1 && only !== undefined) return only.text
  return texts.map(({ text }) => ({ type: 'text', text }))
}

function writeContent(parts: readonly Part[]): JsonValue {
  if (parts.every(({ kind }) => kind === 'text') && parts.length <= 1) return textOf(parts)
  return parts.flatMap((part) => {
    if (part.kind === 'text') return [{ type: 'text', text: part.text }]
    return part.kind === 'image' || part.kind === 'audio' || part.kind === 'document' ? [writeMedia(part)] : []
  })
}

function writeMedia({ kind, source, detail, fileName }: MediaPart): JsonObject {
  if (kind === 'image') return { type: 'image_url', image_url: { url: toUrl(source), detail } }
  if (kind === 'document') {
    return { type: 'file', file: { filename: fileName ?? 'document.pdf', file_data: toUrl(source) } }
  }
  const mediaType = source.mediaType ?? ''
  const format = mediaType.includes('wav') ? 'wav' : mediaType.includes('mp') ? 'mp3' : mediaType.replace('audio/', '')
  return { type: 'input_audio', input_audio: { data: source.kind === 'base64' ? source.data : source.url, format } }
}

function writeAssistant(parts: readonly Part[]): JsonObject {
  const texts = parts.filter((part) => part.kind === 'text')
  const refusal = textOf(parts.filter(({ kind }) => kind === 'refusal'))
  const calls = parts.filter((part) => part.kind === 'toolCall').map(writeToolCall)
  return {
    role: 'assistant',
    content: texts.length === 0 ? (calls.length > 0 || refusal !== '' ? null : '') : textOf(texts),
    ...(refusal !== '' && { refusal }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
}

function writeToolCall({ id, name, argumentsText }: ToolCallPart): JsonObject {
  return {
    id: fittingId(id),
    type: 'function',
    function: { name, arguments: argumentsText === '' ? '{}' : argumentsText },
  }
}
