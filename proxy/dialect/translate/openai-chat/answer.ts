// An OpenAI chat completion <-> the neutral answer, with its usage, of which cached and reasoning tokens are parts.
// Source: the API reference of the chat completion object.
import { Reading, type Field } from '../../neutral/field.ts'
import type { AnswerContext } from '../../neutral/format.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { AnswerPart, ChatAnswer, Signature, ToolCallPart, Usage } from '../../neutral/chat.ts'
import { showSignature, signed } from '../../neutral/signature.ts'
import { FINISH_REASONS, STOP_REASONS } from './names.ts'

export function readAnswer(body: JsonObject, context: AnswerContext): ChatAnswer | null {
  const root = new Reading().root(body)
  const choice = root.member('choices').items()[0]
  const message = choice?.member('message')
  if (choice === undefined || message?.object() === undefined) return null
  const parts = readMessage(message, context)
  const stop = STOP_REASONS[choice.member('finish_reason').text() ?? ''] ?? 'end'
  const hasCalls = parts.some(({ kind }) => kind === 'toolCall')
  return {
    id: root.member('id').text() || null,
    model: root.member('model').text() || null,
    parts,
    // A call that the caller forced ends with `stop` at some servers.
    stop: stop === 'end' && hasCalls ? 'toolUse' : stop,
    stopSequence: null,
    usage: readUsage(root.member('usage')),
  }
}

function readMessage(message: Field, context: AnswerContext): readonly AnswerPart[] {
  const parts: AnswerPart[] = []
  const { reasoning, text } = readSaid(message)
  if (reasoning !== '') parts.push({ kind: 'reasoning', text: reasoning })
  if (text !== '') parts.push({ kind: 'text', text })
  const refusal = message.member('refusal').text()
  if (refusal !== undefined && refusal !== '') parts.push({ kind: 'refusal', text: refusal })
  for (const call of message.member('tool_calls').items()) parts.push(readCall(call, context))
  return parts
}

/** Of a message or of a delta. Mistral's reasoning models say both in one list of parts. */
export function readSaid(message: Field): { readonly reasoning: string; readonly text: string } {
  const reasoning = message.firstOf('reasoning_content', 'reasoning')
  const content = message.member('content')
  if (!content.isList) return { reasoning: reasoning.text() ?? '', text: content.text() ?? '' }
  const textsOf = (parts: Field) => parts.items().map((part) => part.member('text').text() ?? '')
  const thoughts = content.items().flatMap((part) => textsOf(part.member('thinking')))
  return { reasoning: thoughts.join(''), text: textsOf(content).join('') }
}

function readCall(call: Field, context: AnswerContext): ToolCallPart {
  const called = call.member('function')
  const signature = readCallSignature(call)
  return {
    kind: 'toolCall',
    id: call.member('id').text() || context.newId('call_'),
    name: called.member('name').text() ?? '',
    argumentsText: called.member('arguments').text() || '{}',
    ...(signature !== undefined && { signature }),
  }
}

/** Google's own OpenAI-compatible endpoint has this extension, and so do we for callers: ours is always wrapped. */
export function readCallSignature(call: Field): Signature | undefined {
  const text = call.member('extra_content').member('google').member('thought_signature').text()
  return signed(text, { of: 'Gemini' }).signature
}

export function writeCallSignature(signature: Signature | undefined): JsonObject {
  if (signature === undefined) return {}
  return { extra_content: { google: { thought_signature: showSignature(signature, 'OpenAI') } } }
}

export function readUsage(usage: Field): Usage | null {
  const outputTokens = usage.member('completion_tokens').number()
  const inputTokens = usage.member('prompt_tokens').number()
  if (outputTokens === undefined && inputTokens === undefined) return null
  const cached = usage.member('prompt_tokens_details').member('cached_tokens').number()
  const written = usage.member('prompt_tokens_details').member('cache_write_tokens').number()
  const reasoning = usage.member('completion_tokens_details').member('reasoning_tokens').number()
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    ...(cached !== undefined && { cachedInputTokens: cached }),
    ...(written !== undefined && { cacheWriteTokens: written }),
    ...(reasoning !== undefined && { reasoningTokens: reasoning }),
  }
}

export function writeUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens, reasoningTokens = 0 } = usage
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedInputTokens, cache_write_tokens: cacheWriteTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  }
}

export function writeAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject {
  const { parts, usage } = answer
  const calls = parts.filter((part) => part.kind === 'toolCall')
  const reasoning = joined(parts, 'reasoning')
  const text = joined(parts, 'text')
  return {
    id: answer.id ?? context.newId('chatcmpl-'),
    object: 'chat.completion',
    created: Math.floor(context.startedAtMs / 1000),
    model: answer.model ?? context.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text,
          refusal: joined(parts, 'refusal'),
          ...(reasoning !== null && { reasoning_content: reasoning }),
          ...(calls.length > 0 && { tool_calls: calls.map(writeCall) }),
        },
        logprobs: null,
        finish_reason: FINISH_REASONS[answer.stop],
      },
    ],
    ...(usage !== null && { usage: writeUsage(usage) }),
  }
}

function writeCall({ id, name, argumentsText, signature }: ToolCallPart): JsonObject {
  return { id, type: 'function', function: { name, arguments: argumentsText }, ...writeCallSignature(signature) }
}

function joined(parts: readonly AnswerPart[], kind: 'text' | 'refusal' | 'reasoning'): string | null {
  const texts = parts.flatMap((part) => (part.kind === kind ? [part.text] : []))
  return texts.length === 0 ? null : texts.join('')
}
