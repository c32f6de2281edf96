// An Anthropic message <-> the neutral answer, its usage included, which counts cached input on its own.
// Source: the API reference of the Message object and the prompt-caching guide.
import { Reading, type Field } from '../../neutral/field.ts'
import type { AnswerContext } from '../../neutral/format.ts'
import { argumentsObject } from '../../neutral/json-text.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { AnswerPart, ChatAnswer, ReasoningPart, Usage } from '../../neutral/chat.ts'
import { showSignature, UNSIGNED } from '../../neutral/signature.ts'
import { readBlocks } from './block-reader.ts'
import { READ_STOPS, WRITTEN_STOPS } from './names.ts'

export function readAnswer(body: JsonObject): ChatAnswer | null {
  const root = new Reading().root(body)
  if (!root.member('content').isList) return null
  return {
    id: root.member('id').text() || null,
    model: root.member('model').text() || null,
    parts: readBlocks(root.member('content')).filter(isAnswerPart),
    stop: READ_STOPS[root.member('stop_reason').text() ?? ''] ?? 'end',
    stopSequence: root.member('stop_sequence').text() ?? null,
    usage: readUsage(root.member('usage'), null),
  }
}

function isAnswerPart(part: { readonly kind: string }): part is AnswerPart {
  return part.kind === 'text' || part.kind === 'toolCall' || part.kind === 'reasoning'
}

/**
 * `input_tokens` leaves out what was read from and written to the prompt cache; the neutral number is the whole.
 * In a stream the numbers are cumulative: each one given replaces the one of `before`.
 */
export function readUsage(usage: Field, before: AnthropicUsage | null): Usage | null {
  const counted = countUsage(usage, before)
  return counted === null ? null : toNeutral(counted)
}

export interface AnthropicUsage {
  readonly input: number
  readonly cacheRead: number | undefined
  readonly cacheWrite: number | undefined
  readonly cacheWriteHour: number | undefined
  readonly output: number
  readonly thinking: number | undefined
}

export function countUsage(usage: Field, before: AnthropicUsage | null): AnthropicUsage | null {
  if (usage.object() === undefined) return before
  return {
    input: usage.member('input_tokens').number() ?? before?.input ?? 0,
    cacheRead: usage.member('cache_read_input_tokens').number() ?? before?.cacheRead,
    cacheWrite: usage.member('cache_creation_input_tokens').number() ?? before?.cacheWrite,
    cacheWriteHour:
      usage.member('cache_creation').member('ephemeral_1h_input_tokens').number() ?? before?.cacheWriteHour,
    output: usage.member('output_tokens').number() ?? before?.output ?? 0,
    thinking: usage.member('output_tokens_details').member('thinking_tokens').number() ?? before?.thinking,
  }
}

export function toNeutral({ input, cacheRead, cacheWrite, cacheWriteHour, output, thinking }: AnthropicUsage): Usage {
  return {
    inputTokens: input + (cacheRead ?? 0) + (cacheWrite ?? 0),
    outputTokens: output,
    ...(cacheRead !== undefined && { cachedInputTokens: cacheRead }),
    ...(cacheWrite !== undefined && { cacheWriteTokens: cacheWrite }),
    ...(cacheWriteHour !== undefined && { cacheWriteHourTokens: cacheWriteHour }),
    ...(thinking !== undefined && { reasoningTokens: thinking }),
  }
}

export function writeUsage(usage: Usage | null): JsonObject {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens, cacheWriteTokens, reasoningTokens } = usage ?? {}
  const hour = usage?.cacheWriteHourTokens
  return {
    input_tokens: Math.max(0, inputTokens - (cachedInputTokens ?? 0) - (cacheWriteTokens ?? 0)),
    cache_creation_input_tokens: cacheWriteTokens ?? 0,
    cache_read_input_tokens: cachedInputTokens ?? 0,
    ...(hour !== undefined && {
      cache_creation: {
        ephemeral_5m_input_tokens: Math.max(0, (cacheWriteTokens ?? 0) - hour),
        ephemeral_1h_input_tokens: hour,
      },
    }),
    output_tokens: outputTokens,
    ...(reasoningTokens !== undefined && { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  }
}

export function writeAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject {
  return {
    id: answer.id ?? context.newId('msg_'),
    type: 'message',
    role: 'assistant',
    model: answer.model ?? context.model,
    content: answer.parts.flatMap(writeBlock),
    stop_reason: WRITTEN_STOPS[answer.stop],
    stop_sequence: answer.stopSequence,
    usage: writeUsage(answer.usage),
  }
}

function writeBlock(part: AnswerPart): readonly JsonObject[] {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return [...signedBlock(part.kind === 'text' ? part.signature : undefined), { type: 'text', text: part.text }]
    case 'toolCall':
      return [
        ...signedBlock(part.signature),
        { type: 'tool_use', id: part.id, name: part.name, input: argumentsObject(part.argumentsText) },
      ]
    case 'reasoning':
      return [writeThinking(part)]
  }
}

/** Another vendor's signature of a text or call: a block of its own, since these have no place for one here. */
function signedBlock(signature: ReasoningPart['signature']): readonly JsonObject[] {
  return signature === undefined ? [] : [writeThinking({ kind: 'reasoning', text: '', signature })]
}

function writeThinking({ text, signature, isRedacted }: ReasoningPart): JsonObject {
  const shown = showSignature(signature ?? UNSIGNED, 'Anthropic')
  if (isRedacted === true && signature?.vendor === 'Anthropic') return { type: 'redacted_thinking', data: shown }
  return { type: 'thinking', thinking: text, signature: shown }
}
