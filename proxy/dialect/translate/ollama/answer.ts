// An Ollama answer, of api/chat or api/generate <-> the neutral answer. Source: docs/api.md of Ollama. Its durations
// are written from the proxy's own clock when another provider answered.
import { Reading, type Field } from '../../neutral/field.ts'
import type { AnswerContext } from '../../neutral/format.ts'
import { argumentsObject } from '../../neutral/json-text.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { AnswerPart, ChatAnswer, StopReason, ToolCallPart, Usage } from '../../neutral/chat.ts'
import { READ_STOPS, WRITTEN_STOPS } from './names.ts'

const NANOSECONDS = 1_000_000

export function readAnswer(body: JsonObject, context: AnswerContext): ChatAnswer | null {
  const root = new Reading().root(body)
  const message = root.member('message')
  if (message.object() === undefined) return null
  const thinking = message.member('thinking').text() ?? ''
  const text = message.member('content').text() ?? ''
  const calls = message
    .member('tool_calls')
    .items()
    .map((call) => readCall(call, context))
  const parts: readonly AnswerPart[] = [
    ...(thinking === '' ? [] : [{ kind: 'reasoning' as const, text: thinking }]),
    ...(text === '' ? [] : [{ kind: 'text' as const, text }]),
    ...calls,
  ]
  return {
    id: null,
    model: root.member('model').text() || null,
    parts,
    stop: readStop(root, calls.length > 0),
    stopSequence: null,
    usage: readUsage(root),
  }
}

export function readStop(root: Field, hasCalls: boolean): StopReason {
  const stop = READ_STOPS[root.member('done_reason').text() ?? 'stop'] ?? 'other'
  return stop === 'end' && hasCalls ? 'toolUse' : stop
}

export function readCall(call: Field, context: AnswerContext): ToolCallPart {
  const described = call.member('function')
  return {
    kind: 'toolCall',
    id: call.member('id').text() || context.newId('call_'),
    name: described.member('name').text() ?? '',
    argumentsText: JSON.stringify(described.member('arguments').object() ?? {}),
  }
}

export function readUsage(root: Field): Usage | null {
  const inputTokens = root.member('prompt_eval_count').number()
  const outputTokens = root.member('eval_count').number()
  if (inputTokens === undefined && outputTokens === undefined) return null
  return { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 }
}

export interface Ending {
  readonly stop: StopReason
  readonly usage: Usage | null
  /** When the first part came; null: not known. */
  readonly firstPartAtMs: number | null
}

/** The members of the last line, or of the only one. */
export function writeEnding({ stop, usage, firstPartAtMs }: Ending, context: AnswerContext): JsonObject {
  const now = context.nowMs()
  const firstPart = firstPartAtMs ?? context.startedAtMs
  return {
    done: true,
    done_reason: WRITTEN_STOPS[stop],
    total_duration: Math.round((now - context.startedAtMs) * NANOSECONDS),
    load_duration: 0,
    prompt_eval_count: usage?.inputTokens ?? 0,
    prompt_eval_duration: Math.round((firstPart - context.startedAtMs) * NANOSECONDS),
    eval_count: usage?.outputTokens ?? 0,
    eval_duration: Math.round((now - firstPart) * NANOSECONDS),
  }
}

export function writeHead(model: string | null, context: AnswerContext): JsonObject {
  return { model: model ?? context.model, created_at: new Date(context.nowMs()).toISOString() }
}

export function writeAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject {
  const { parts, stop, usage } = answer
  const text = joined(parts, 'text') + joined(parts, 'refusal')
  const reasoning = joined(parts, 'reasoning')
  const calls = parts.filter((part) => part.kind === 'toolCall').map(writeCall)
  const thinking = reasoning === '' ? {} : { thinking: reasoning }
  const said =
    context.ollamaShape === 'generate'
      ? { response: text, ...thinking }
      : { message: { role: 'assistant', content: text, ...thinking, ...(calls.length > 0 && { tool_calls: calls }) } }
  return {
    ...writeHead(answer.model, context),
    ...said,
    ...writeEnding({ stop, usage, firstPartAtMs: null }, context),
  }
}

export function writeCall({ id, name, argumentsText }: Omit<ToolCallPart, 'kind'>): JsonObject {
  return { id, function: { name, arguments: argumentsObject(argumentsText) } }
}

function joined(parts: readonly AnswerPart[], kind: 'text' | 'refusal' | 'reasoning'): string {
  return parts.map((part) => (part.kind === kind ? part.text : '')).join('')
}
