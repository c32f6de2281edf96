// LangChain's chat models of four vendors against providers of every dialect. Its Gemini model reads no variable for
// its base URL, and its Ollama model another one than Ollama's own tools, so an application hands those over itself.
import { ChatAnthropic } from '@langchain/anthropic'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import {
  AIMessage,
  type AIMessageChunk,
  HumanMessage,
  SystemMessage,
  ToolMessage,
  type UsageMetadata,
} from '@langchain/core/messages'
import { ChatGoogleGenerativeAI } from '@langchain/google-genai'
import { ChatOllama } from '@langchain/ollama'
import { ChatOpenAI } from '@langchain/openai'
import type { Answer, Question, Sdk, SdkError, SdkKind } from './client.ts'
import { WEATHER } from './client.ts'
import { describeSdk } from './matrix.ts'

type LangChainKind = Pick<SdkKind, 'dialect' | 'finish' | 'errors' | 'isStreamUsageLoose' | 'missesFaults'> & {
  readonly name: string
  readonly makeModel: (...variables: Parameters<SdkKind['connect']>) => BaseChatModel
}

const MODELS: readonly LangChainKind[] = [
  {
    name: '@langchain/openai',
    dialect: 'OpenAI',
    finish: { stop: 'stop', tools: 'tool_calls', length: 'length', filter: 'content_filter' },
    errors: { badRequest: 'BadRequestError', rateLimit: 'RateLimitCapacityError' },
    makeModel: () => new ChatOpenAI({ model: 'asked-for', maxRetries: 0 }),
  },
  {
    name: '@langchain/anthropic',
    dialect: 'Anthropic',
    finish: { stop: 'end_turn', tools: 'tool_use', length: 'max_tokens', filter: 'refusal' },
    errors: { badRequest: 'BadRequestError', rateLimit: 'RateLimitCapacityError' },
    isStreamUsageLoose: true,
    makeModel: () => new ChatAnthropic({ model: 'asked-for', maxRetries: 0 }),
  },
  {
    name: '@langchain/google-genai',
    dialect: 'Gemini',
    finish: { stop: 'STOP', tools: 'STOP', length: 'MAX_TOKENS', filter: 'SAFETY' },
    errors: { badRequest: 'GoogleGenerativeAIFetchError', rateLimit: 'RateLimitCapacityError' },
    isStreamUsageLoose: true,
    missesFaults: true,
    makeModel: ({ GOOGLE_GEMINI_BASE_URL: baseUrl = '' }) =>
      new ChatGoogleGenerativeAI({ model: 'gemini-3-pro', maxRetries: 0, baseUrl }),
  },
  {
    name: '@langchain/ollama',
    dialect: 'Ollama',
    finish: { stop: 'stop', tools: 'stop', length: 'length', filter: 'content_filter' },
    errors: { badRequest: 'ResponseError', rateLimit: 'ResponseError' },
    makeModel: ({ OLLAMA_HOST: baseUrl = '' }) => new ChatOllama({ model: 'asked-for', maxRetries: 0, baseUrl }),
  },
]

for (const { makeModel, ...kind } of MODELS) {
  describeSdk({
    ...kind,
    connect: (variables): Sdk => {
      const model = makeModel(variables)
      return {
        ask: async (question) => answerOf(await withTools(model, question).invoke(messagesOf(question))),
        stream: async (question) => {
          const parts: AIMessageChunk[] = []
          for await (const part of await withTools(model, question).stream(messagesOf(question))) parts.push(part)
          const whole = parts.reduce((sum, part) => sum.concat(part))
          const pieces = parts.map(({ text }) => text).filter((piece) => piece !== '')
          return { ...answerOf(whole), pieces }
        },
      }
    },
    errorOf,
  })
}

function withTools(model: BaseChatModel, { hasTools }: Question) {
  return hasTools && model.bindTools !== undefined ? model.bindTools([WEATHER]) : model
}

function messagesOf({ text, image, round }: Question) {
  const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }
  return [
    new SystemMessage('Be brief.'),
    new HumanMessage({ content: [{ type: 'text', text }, ...(image === undefined ? [] : [picture])] }),
    ...roundOf(round),
  ]
}

function roundOf(round: Question['round']) {
  if (round === undefined) return []
  const calls = round.calls.map(({ id = '', name, input }) => ({ id, name, args: input as Record<string, unknown> }))
  const results = round.results.map(
    (content, index) =>
      new ToolMessage({ content, tool_call_id: calls[index]?.id ?? '', name: calls[index]?.name ?? '' }),
  )
  return [new AIMessage({ content: '', tool_calls: calls }), ...results]
}

/** LangChain leaves the word for the end of an answer where each vendor has it. */
function answerOf(message: AIMessageChunk): Answer {
  const told = { ...message.additional_kwargs, ...message.response_metadata }
  const finish = [told['finish_reason'], told['stop_reason'], told['finishReason'], told['done_reason']]
  return {
    text: message.text,
    calls: (message.tool_calls ?? []).map(({ id, name, args: input }) => ({ id, name, input })),
    finish: finish.find((word) => typeof word === 'string'),
    usage: usageOf(message.usage_metadata),
  }
}

function usageOf(usage: UsageMetadata | undefined): Answer['usage'] {
  return { input: usage?.input_tokens, output: usage?.output_tokens }
}

function errorOf(cause: unknown): SdkError {
  const {
    name,
    constructor,
    status,
    status_code: code,
    message,
  } = cause as Error & { status?: number; status_code?: number }
  return { name: name === 'Error' ? constructor.name : name, status: status ?? code, message }
}
