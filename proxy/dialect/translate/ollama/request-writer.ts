// The neutral form -> an Ollama api/chat request. Source: docs/api.md of Ollama. Whether to stream is always said,
// since silence means yes.
import { effortOf, nearestEffort } from '../../neutral/effort.ts'
import type { WriteSettings, WrittenRequest } from '../../neutral/format.ts'
import { argumentsObject } from '../../neutral/json-text.ts'
import type { JsonObject, JsonValue } from '../../neutral/json.ts'
import type { ChatRequest, Part, Turn } from '../../neutral/chat.ts'
import { writeSampling } from '../../neutral/sampling.ts'
import { calledNames, mediaOutOfResults, linesOf, paragraphs, splitResults, textOf } from '../../neutral/turns.ts'
import { OPTIONS } from './names.ts'

export function writeRequest(request: ChatRequest, { model }: WriteSettings): WrittenRequest {
  const { tools, outputFormat, turns } = request
  const names = calledNames(turns)
  const options = writeSampling(request.sampling, OPTIONS)
  const think = writeThink(request, model)
  return {
    path: '/api/chat',
    body: {
      model,
      messages: turns.flatMap((turn) => writeTurn(turn, names)),
      stream: request.isStreaming,
      ...(tools.length > 0 && {
        tools: tools.map(({ name, description, schema }) => ({
          type: 'function',
          function: { name, description, parameters: schema },
        })),
      }),
      ...(outputFormat !== undefined && { format: outputFormat.kind === 'jsonObject' ? 'json' : outputFormat.schema }),
      ...(think !== undefined && { think }),
      ...(Object.keys(options).length > 0 && { options }),
    },
  }
}

/** Levels are known to some models only; the others think or do not. */
function writeThink({ reasoning }: ChatRequest, model: string): JsonValue | undefined {
  if (reasoning === undefined) return undefined
  const effort = effortOf(reasoning)
  if (effort === 'none') return false
  return model.includes('gpt-oss') && effort !== undefined ? nearestEffort(effort, ['low', 'medium', 'high']) : true
}

function writeTurn({ role, parts }: Turn, names: ReadonlyMap<string, string>): readonly JsonObject[] {
  if (role === 'assistant') return [writeAssistant(parts)]
  if (role !== 'user') return [{ role: 'system', content: paragraphs(parts) }]
  const { results, rest } = splitResults(mediaOutOfResults(parts))
  const messages: JsonObject[] = results.map((result) => ({
    role: 'tool',
    content: linesOf(result.parts),
    tool_name: result.name ?? names.get(result.callId),
    tool_call_id: result.callId,
  }))
  if (rest.length > 0 || results.length === 0)
    messages.push({ role: 'user', content: linesOf(rest), ...writeImages(rest) })
  return messages
}

function writeImages(parts: readonly Part[]): JsonObject {
  const images = parts.flatMap((part) =>
    part.kind === 'image' && part.source.kind === 'base64' ? [part.source.data] : [],
  )
  return images.length === 0 ? {} : { images }
}

function writeAssistant(parts: readonly Part[]): JsonObject {
  const calls = parts.filter((part) => part.kind === 'toolCall')
  return {
    role: 'assistant',
    content: textOf(parts),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, argumentsText }) => ({
        id,
        function: { name, arguments: argumentsObject(argumentsText) },
      })),
    }),
  }
}
