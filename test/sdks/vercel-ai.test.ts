// Vercel's `ai` with the provider packages of four vendors, against providers of every dialect. The package for Gemini
// reads no variable for its base URL and the one for Ollama neither, so an application hands it over itself.
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import {
  APICallError,
  generateText,
  jsonSchema,
  type LanguageModel,
  type ModelMessage,
  streamText,
  tool,
  type ToolSet,
} from 'ai'
import { createOllama } from 'ollama-ai-provider-v2'
import type { DialectName } from '../../proxy/table/schema.ts'
import {
  type Answer,
  type InjectedVariables,
  type Question,
  type Sdk,
  type SdkError,
  type SdkKind,
  WEATHER,
} from './client.ts'
import { describeSdk } from './matrix.ts'

interface Provider extends Pick<SdkKind, 'isUnlikeVendor' | 'missesFaults'> {
  readonly provider: string
  readonly dialect: DialectName
  readonly makeModel: (variables: InjectedVariables) => LanguageModel
}

const PROVIDERS: readonly Provider[] = [
  {
    provider: '@ai-sdk/openai, responses',
    dialect: 'OpenAI',
    isUnlikeVendor: true,
    makeModel: () => createOpenAI()('asked-for'),
  },
  { provider: '@ai-sdk/openai, chat', dialect: 'OpenAI', makeModel: () => createOpenAI().chat('asked-for') },
  { provider: '@ai-sdk/anthropic', dialect: 'Anthropic', makeModel: () => createAnthropic()('asked-for') },
  {
    provider: '@ai-sdk/google',
    dialect: 'Gemini',
    makeModel: ({ GOOGLE_GEMINI_BASE_URL: origin, GEMINI_API_KEY: apiKey = '' }) =>
      createGoogleGenerativeAI({ baseURL: `${origin}/v1beta`, apiKey })('asked-for'),
  },
  {
    provider: 'ollama-ai-provider-v2',
    dialect: 'Ollama',
    missesFaults: true,
    makeModel: ({ OLLAMA_HOST: origin }) => createOllama({ baseURL: `${origin}/api` })('asked-for'),
  },
]

// It warns of models that it does not know, which are all of these.
Reflect.set(globalThis, 'AI_SDK_LOG_WARNINGS', false)

for (const { provider, makeModel, ...kind } of PROVIDERS) {
  describeSdk({
    ...kind,
    name: `ai with ${provider}`,
    finish: { stop: 'stop', tools: 'tool-calls', length: 'length', filter: 'content-filter' },
    errors: { badRequest: 'AI_APICallError', rateLimit: 'AI_APICallError' },
    connect: (variables): Sdk => {
      const model = makeModel(variables)
      return {
        ask: async (question) => answerOf(await generateText({ model, ...requestOf(question) })),
        stream: (question) => stream(model, question),
      }
    },
    errorOf,
  })
}

async function stream(model: LanguageModel, question: Question) {
  const pieces: string[] = []
  // What goes wrong is in the stream; the results are promises that tell of it a second time.
  const result = streamText({ model, ...requestOf(question), onError: () => {} })
  for await (const part of result.fullStream) {
    if (part.type === 'error') throw part.error
    if (part.type === 'text-delta') pieces.push(part.text)
  }
  const [text, toolCalls, finishReason, usage] = await Promise.all([
    result.text,
    result.toolCalls,
    result.finishReason,
    result.usage,
  ])
  return { ...answerOf({ text, toolCalls, finishReason, usage }), pieces }
}

interface Prompt {
  readonly maxRetries: number
  readonly system: string
  readonly messages: ModelMessage[]
  readonly tools: ToolSet
}

function requestOf({ text, image, hasTools, round }: Question): Prompt {
  const { description, schema } = WEATHER
  const picture = { type: 'file' as const, mediaType: 'image/png', data: image ?? '' }
  const messages: ModelMessage[] = [
    { role: 'user', content: [{ type: 'text', text }, ...(image === undefined ? [] : [picture])] },
    ...roundOf(round),
  ]
  return {
    maxRetries: 0,
    system: 'Be brief.',
    messages,
    tools: hasTools ? { weather: tool({ description, inputSchema: jsonSchema(schema) }) } : {},
  }
}

function roundOf(round: Question['round']): ModelMessage[] {
  if (round === undefined) return []
  const calls = round.calls.map(({ id: toolCallId = '', name: toolName, input }) => ({
    type: 'tool-call' as const,
    toolCallId,
    toolName,
    input,
  }))
  const results = round.results.map((value, index) => ({
    type: 'tool-result' as const,
    toolCallId: round.calls[index]?.id ?? '',
    toolName: round.calls[index]?.name ?? '',
    output: { type: 'text' as const, value },
  }))
  return [
    { role: 'assistant', content: calls },
    { role: 'tool', content: results },
  ]
}

interface Result {
  readonly text: string
  readonly toolCalls: readonly { readonly toolCallId: string; readonly toolName: string; readonly input: unknown }[]
  readonly finishReason: string
  readonly usage: { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined }
}

function answerOf({ text, toolCalls, finishReason, usage }: Result): Answer {
  return {
    text,
    calls: toolCalls.map(({ toolCallId: id, toolName: name, input }) => ({ id, name, input })),
    finish: finishReason,
    usage: { input: usage.inputTokens, output: usage.outputTokens },
  }
}

function errorOf(cause: unknown): SdkError {
  if (!APICallError.isInstance(cause)) return { name: String(cause), status: undefined, message: String(cause) }
  return { name: cause.name, status: cause.statusCode, message: `${cause.message}: ${cause.responseBody}` }
}
