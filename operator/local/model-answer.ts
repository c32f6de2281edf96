// What a built-in model server says, in OpenAI's chat completion format. Pure: bytes and times are model-server.ts's.
//
//   request body -> parseChatRequest -> writeAnswer -> toCompletion | toChunks
//
// The answer names the server and the model, so that a person sees at once where a call went.
import * as z from 'zod'

/** Longest part of the last user message that an answer repeats. */
const MAX_ECHO_CHARACTERS = 200

const contentPart = z.looseObject({ type: z.string(), text: z.string().optional() })
const chatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z
    .array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(contentPart)]).nullish() }))
    .min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.literal(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
})
export type ChatRequest = Readonly<z.infer<typeof chatRequest>>

export type ParsedChatRequest =
  | { readonly kind: 'request'; readonly request: ChatRequest }
  | { readonly kind: 'fault'; readonly message: string; readonly param: string | null }

export interface ModelAnswer {
  readonly id: string
  readonly createdSeconds: number
  readonly model: string
  /** The text in the pieces in which it is streamed; joined they are the whole answer. */
  readonly tokens: readonly string[]
  readonly finishReason: 'stop' | 'length'
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number }
}

/** Reads a chat completion request; names the first field that is wrong, as OpenAI does. */
export function parseChatRequest(body: string): ParsedChatRequest {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return { kind: 'fault', message: 'We could not parse the JSON body of your request.', param: null }
  }
  const parsed = chatRequest.safeParse(value)
  if (parsed.success) return { kind: 'request', request: parsed.data }
  const [issue] = parsed.error.issues
  const param = issue === undefined || issue.path.length === 0 ? null : issue.path.join('.')
  return { kind: 'fault', message: `Invalid value for '${param ?? 'body'}': ${issue?.message ?? 'unreadable'}`, param }
}

/** Composes the answer of one server to one request. */
export function writeAnswer(
  request: ChatRequest,
  from: { readonly server: string; readonly id: string; readonly nowMs: number },
): ModelAnswer {
  const asked = lastUserText(request)
  const said = asked.length > MAX_ECHO_CHARACTERS ? `${asked.slice(0, MAX_ECHO_CHARACTERS)}…` : asked
  const text = `Hello from ${request.model} on server ${from.server}. You said: ${said === '' ? '(nothing)' : said}`
  const all = toTokens(text)
  const limit = request.max_completion_tokens ?? request.max_tokens ?? all.length
  const tokens = all.slice(0, limit)
  const promptTokens = request.messages.reduce((sum, message) => sum + toTokens(textOf(message.content)).length + 4, 0)
  return {
    id: from.id,
    createdSeconds: Math.floor(from.nowMs / 1000),
    model: request.model,
    tokens,
    finishReason: tokens.length < all.length ? 'length' : 'stop',
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: tokens.length,
      total_tokens: promptTokens + tokens.length,
    },
  }
}

/** The whole answer as one JSON object. */
export function toCompletion(answer: ModelAnswer): object {
  return {
    id: answer.id,
    object: 'chat.completion',
    created: answer.createdSeconds,
    model: answer.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.tokens.join(''), refusal: null },
        logprobs: null,
        finish_reason: answer.finishReason,
      },
    ],
    usage: answer.usage,
  }
}

/**
 * The answer as streamed chunks: the role first, one chunk a token, the finish reason, and the usage when asked for.
 * As with OpenAI, chunks before the usage chunk carry `usage: null` then, and no such field otherwise.
 */
export function* toChunks(answer: ModelAnswer, withUsage: boolean): Generator<object> {
  const chunk = (delta: object, finishReason: string | null) => ({
    id: answer.id,
    object: 'chat.completion.chunk',
    created: answer.createdSeconds,
    model: answer.model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    ...(withUsage ? { usage: null } : {}),
  })
  yield chunk({ role: 'assistant', content: '', refusal: null }, null)
  for (const token of answer.tokens) yield chunk({ content: token }, null)
  yield chunk({}, answer.finishReason)
  if (withUsage) yield { ...chunk({}, null), choices: [], usage: answer.usage }
}

/** Words with the space before them, about as a tokenizer cuts English. */
function toTokens(text: string): string[] {
  return text.match(/\s*\S+/gu) ?? []
}

function lastUserText(request: ChatRequest): string {
  return textOf(request.messages.findLast((message) => message.role === 'user')?.content)
}

function textOf(content: ChatRequest['messages'][number]['content']): string {
  if (typeof content === 'string') return content
  return (content ?? []).map((part) => part.text ?? '').join(' ')
}
