// An OpenAI response object <-> the neutral answer. Source: the API reference of the Response object. What one part of
// the neutral answer says is one output item here.
import { Reading, type Field } from '../../neutral/field.ts'
import type { AnswerContext } from '../../neutral/format.ts'
import type { JsonArray, JsonObject } from '../../neutral/json.ts'
import type { AnswerPart, ChatAnswer, Signature, StopReason, Usage } from '../../neutral/chat.ts'
import { showSignature, signed } from '../../neutral/signature.ts'
import { reasoningText } from './input-reader.ts'

export function readAnswer(body: JsonObject, context: AnswerContext): ChatAnswer | null {
  const root = new Reading().root(body)
  if (!root.member('output').isList) return null
  const parts = root
    .member('output')
    .items()
    .flatMap((item) => readItem(item, context))
  return {
    id: root.member('id').text() || null,
    model: root.member('model').text() || null,
    parts,
    stop: readStop(
      root,
      parts.some(({ kind }) => kind === 'toolCall'),
    ),
    stopSequence: null,
    usage: readUsage(root.member('usage')),
  }
}

export function readStop(response: Field, hasCalls: boolean): StopReason {
  const reason = response.member('incomplete_details').member('reason').text()
  if (reason === 'max_output_tokens') return 'length'
  if (reason === 'content_filter') return 'contentFilter'
  if (reason !== undefined) return 'other'
  return hasCalls ? 'toolUse' : 'end'
}

function readItem(item: Field, context: AnswerContext): readonly AnswerPart[] {
  switch (item.member('type').text()) {
    case 'message':
      return item.member('content').items().flatMap(readContent)
    case 'function_call':
      return [
        {
          kind: 'toolCall',
          id: item.member('call_id').text() || context.newId('call_'),
          name: item.member('name').text() ?? '',
          argumentsText: item.member('arguments').text() || '{}',
        },
      ]
    case 'reasoning': {
      const text = reasoningText(item)
      const encrypted = item.member('encrypted_content').text()
      if (text === '' && encrypted === undefined) return []
      const id = item.member('id').text()
      return [
        {
          kind: 'reasoning',
          text,
          ...signed(encrypted, { of: 'OpenAI', id }),
        },
      ]
    }
    default:
      return []
  }
}

function readContent(part: Field): readonly AnswerPart[] {
  const refusal = part.member('refusal').text()
  if (refusal !== undefined) return [{ kind: 'refusal', text: refusal }]
  const text = part.member('text').text()
  return text === undefined || text === '' ? [] : [{ kind: 'text', text }]
}

export function readUsage(usage: Field): Usage | null {
  const inputTokens = usage.member('input_tokens').number()
  const outputTokens = usage.member('output_tokens').number()
  if (inputTokens === undefined && outputTokens === undefined) return null
  const cached = usage.member('input_tokens_details').member('cached_tokens').number()
  const written = usage.member('input_tokens_details').member('cache_write_tokens').number()
  const reasoning = usage.member('output_tokens_details').member('reasoning_tokens').number()
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    ...(cached !== undefined && { cachedInputTokens: cached }),
    ...(written !== undefined && { cacheWriteTokens: written }),
    ...(reasoning !== undefined && { reasoningTokens: reasoning }),
  }
}

export function writeUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = usage
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens, cache_write_tokens: cacheWriteTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  }
}

export function writeAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject {
  const output = answer.parts.flatMap((part) => [...signatureItem(part, context), writeItem(part, context)])
  const head = { id: answer.id ?? context.newId('resp_'), model: answer.model ?? context.model }
  return writeResponse({ ...head, stop: answer.stop, output, usage: answer.usage }, context)
}

export interface ResponseState {
  readonly id: string
  readonly model: string
  /** Null: in progress. */
  readonly stop: StopReason | null
  readonly output: JsonArray
  readonly usage: Usage | null
}

const INCOMPLETE: Readonly<Partial<Record<StopReason, string>>> = {
  length: 'max_output_tokens',
  contextLength: 'max_output_tokens',
  contentFilter: 'content_filter',
}

/** Every member that the reference calls required, so that typed clients read it. */
export function writeResponse({ id, model, stop, output, usage }: ResponseState, context: AnswerContext): JsonObject {
  const reason = stop === null ? undefined : INCOMPLETE[stop]
  return {
    id,
    object: 'response',
    created_at: Math.floor(context.startedAtMs / 1000),
    status: responseStatus(stop),
    background: false,
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: null,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    truncation: 'disabled',
    ...(usage !== null && { usage: writeUsage(usage) }),
  }
}

export function responseStatus(stop: StopReason | null): 'in_progress' | 'completed' | 'incomplete' {
  if (stop === null) return 'in_progress'
  return INCOMPLETE[stop] === undefined ? 'completed' : 'incomplete'
}

/** Another vendor's signature of a text or call: an item of its own, since these have no place for one here. */
export function signatureItem(
  part: { readonly kind: string; readonly signature?: Signature },
  context: AnswerContext,
): readonly JsonObject[] {
  if (part.kind === 'reasoning' || part.signature === undefined) return []
  return [reasoningItem(context.newId('rs_'), { text: '', signature: part.signature })]
}

function writeItem(part: AnswerPart, context: AnswerContext): JsonObject {
  switch (part.kind) {
    case 'text':
      return messageItem(context.newId('msg_'), [textContent(part.text)])
    case 'refusal':
      return messageItem(context.newId('msg_'), [{ type: 'refusal', refusal: part.text }])
    case 'toolCall':
      return callItem(context.newId('fc_'), part)
    case 'reasoning':
      return reasoningItem(context.newId('rs_'), part)
  }
}

export function messageItem(id: string, content: JsonArray): JsonObject {
  return { id, type: 'message', status: content.length === 0 ? 'in_progress' : 'completed', role: 'assistant', content }
}

export function textContent(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [], logprobs: [] }
}

type Call = Omit<Extract<AnswerPart, { kind: 'toolCall' }>, 'kind'>

export function callItem(itemId: string, { id, name, argumentsText }: Call, status = 'completed'): JsonObject {
  return { id: itemId, type: 'function_call', status, call_id: id, name, arguments: argumentsText }
}

export function reasoningItem(
  id: string,
  { text, signature }: Omit<Extract<AnswerPart, { kind: 'reasoning' }>, 'kind'>,
): JsonObject {
  return {
    id: signature?.vendor === 'OpenAI' ? (signature.id ?? id) : id,
    type: 'reasoning',
    summary: text === '' ? [] : [{ type: 'summary_text', text }],
    ...(signature !== undefined && { encrypted_content: showSignature(signature, 'OpenAI') }),
  }
}
