// The official OpenAI SDK, with chat completions and with responses, against providers of every dialect.
import OpenAI from 'openai'
import type { Answer, Question, Sdk, SdkKind, StreamedAnswer } from './client.ts'
import { parse, WEATHER } from './client.ts'
import { describeSdk } from './matrix.ts'

const ERRORS = { badRequest: 'BadRequestError', rateLimit: 'RateLimitError' }

describeSdk({
  name: 'openai, chat completions',
  dialect: 'OpenAI',
  finish: { stop: 'stop', tools: 'tool_calls', length: 'length', filter: 'content_filter' },
  errors: ERRORS,
  connect: (): Sdk => {
    const client = new OpenAI({ maxRetries: 0 })
    return {
      ask: async (question) => chatAnswer(await client.chat.completions.create(chatRequest(question))),
      stream: (question) => streamChat(client, question),
    }
  },
} satisfies SdkKind)

describeSdk({
  name: 'openai, responses',
  isUnlikeVendor: true,
  dialect: 'OpenAI',
  finish: {
    stop: 'completed',
    tools: 'completed',
    length: 'incomplete: max_output_tokens',
    filter: 'incomplete: content_filter',
  },
  errors: ERRORS,
  connect: (): Sdk => {
    const client = new OpenAI({ maxRetries: 0 })
    return {
      ask: async (question) => responseAnswer(await client.responses.create(responseRequest(question))),
      stream: (question) => streamResponse(client, question),
    }
  },
} satisfies SdkKind)

type ChatRequest = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming

function chatRequest({ text, image, hasTools, round }: Question): ChatRequest {
  const { name, description, schema: parameters } = WEATHER
  const url = `data:image/png;base64,${image}`
  return {
    model: 'asked-for',
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content:
          image === undefined
            ? text
            : [
                { type: 'text', text },
                { type: 'image_url', image_url: { url } },
              ],
      },
      ...chatRound(round),
    ],
    ...(hasTools ? { tools: [{ type: 'function', function: { name, description, parameters } }] } : {}),
  }
}

function chatRound(round: Question['round']): OpenAI.Chat.ChatCompletionMessageParam[] {
  if (round === undefined) return []
  const calls = round.calls.map(({ id = '', name, input }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: JSON.stringify(input) },
  }))
  const results = round.results.map((content, index) => ({
    role: 'tool' as const,
    tool_call_id: round.calls[index]?.id ?? '',
    content,
  }))
  return [{ role: 'assistant', tool_calls: calls }, ...results]
}

function chatAnswer({ choices, usage }: OpenAI.Chat.ChatCompletion): Answer {
  const [choice] = choices
  const calls = (choice?.message.tool_calls ?? []).flatMap((call) =>
    call.type === 'function' ? [{ id: call.id, name: call.function.name, input: parse(call.function.arguments) }] : [],
  )
  return {
    text: choice?.message.content ?? '',
    calls,
    finish: choice?.finish_reason,
    usage: { input: usage?.prompt_tokens, output: usage?.completion_tokens },
  }
}

async function streamChat(client: OpenAI, question: Question): Promise<StreamedAnswer> {
  const pieces: string[] = []
  const stream = client.chat.completions.stream({
    ...chatRequest(question),
    stream: true,
    stream_options: { include_usage: true },
  })
  stream.on('content', (piece) => pieces.push(piece))
  return { ...chatAnswer(await stream.finalChatCompletion()), pieces }
}

type ResponseRequest = OpenAI.Responses.ResponseCreateParamsNonStreaming

function responseRequest({ text, image, hasTools, round }: Question): ResponseRequest {
  const { name, description, schema: parameters } = WEATHER
  const picture = { type: 'input_image' as const, detail: 'auto' as const, image_url: `data:image/png;base64,${image}` }
  return {
    model: 'asked-for',
    instructions: 'Be brief.',
    input: [
      { role: 'user', content: [{ type: 'input_text', text }, ...(image === undefined ? [] : [picture])] },
      ...responseRound(round),
    ],
    ...(hasTools ? { tools: [{ type: 'function', name, description, parameters, strict: false }] } : {}),
  }
}

function responseRound(round: Question['round']): OpenAI.Responses.ResponseInputItem[] {
  if (round === undefined) return []
  const calls = round.calls.map(({ id = '', name, input }) => ({
    type: 'function_call' as const,
    call_id: id,
    name,
    arguments: JSON.stringify(input),
  }))
  const results = round.results.map((output, index) => ({
    type: 'function_call_output' as const,
    call_id: round.calls[index]?.id ?? '',
    output,
  }))
  return [...calls, ...results]
}

function responseAnswer(response: OpenAI.Responses.Response): Answer {
  const calls = response.output.flatMap((item) =>
    item.type === 'function_call' ? [{ id: item.call_id, name: item.name, input: parse(item.arguments) }] : [],
  )
  const reason = response.incomplete_details?.reason
  return {
    text: response.output_text,
    calls,
    finish: reason === undefined ? response.status : `${response.status}: ${reason}`,
    usage: { input: response.usage?.input_tokens, output: response.usage?.output_tokens },
  }
}

async function streamResponse(client: OpenAI, question: Question): Promise<StreamedAnswer> {
  const pieces: string[] = []
  const stream = client.responses.stream({ ...responseRequest(question), stream: true })
  stream.on('response.output_text.delta', ({ delta }) => pieces.push(delta))
  return { ...responseAnswer(await stream.finalResponse()), pieces }
}
