// The official Ollama SDK against providers of every dialect. Ollama's own word for the end of an answer with calls is
// "stop" too, and it gives calls no ids.
import { type ChatResponse, type Message, Ollama } from 'ollama'
import { type Answer, type Question, type Sdk, WEATHER } from './client.ts'
import { describeSdk } from './matrix.ts'

describeSdk({
  name: 'ollama',
  dialect: 'Ollama',
  finish: { stop: 'stop', tools: 'stop', length: 'length', filter: 'content_filter' },
  errors: { badRequest: 'ResponseError', rateLimit: 'ResponseError' },
  connect: ({ OLLAMA_HOST = '' }): Sdk => {
    const client = new Ollama({ host: OLLAMA_HOST })
    return {
      ask: async (question) => answerOf([await client.chat({ ...requestOf(question), stream: false })]),
      stream: async (question) => {
        const parts: ChatResponse[] = []
        for await (const part of await client.chat({ ...requestOf(question), stream: true })) parts.push(part)
        const pieces = parts.map(({ message }) => message.content).filter((piece) => piece !== '')
        return { ...answerOf(parts), pieces }
      },
    }
  },
  errorOf: (cause) => {
    const { name, message, status_code: status } = cause as Error & { status_code?: number }
    return { name, message, status }
  },
})

function requestOf({ text, image, hasTools, round }: Question) {
  const { name, description, schema: parameters } = WEATHER
  return {
    model: 'asked-for',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: text, ...(image === undefined ? {} : { images: [image] }) },
      ...roundOf(round),
    ],
    ...(hasTools ? { tools: [{ type: 'function', function: { name, description, parameters } }] } : {}),
  }
}

function roundOf(round: Question['round']): Message[] {
  if (round === undefined) return []
  const calls = round.calls.map(({ name, input }) => ({
    function: { name, arguments: input as Record<string, unknown> },
  }))
  const results = round.results.map((content, index) => ({
    role: 'tool',
    content,
    tool_name: round.calls[index]?.name ?? '',
  }))
  return [{ role: 'assistant', content: '', tool_calls: calls }, ...results]
}

function answerOf(parts: readonly ChatResponse[]): Answer {
  const last = parts.at(-1)
  const calls = parts.flatMap(({ message }) => message.tool_calls ?? [])
  return {
    text: parts.map(({ message }) => message.content).join(''),
    calls: calls.map((call) => ({ name: call.function.name, input: call.function.arguments })),
    finish: last?.done_reason,
    usage: { input: last?.prompt_eval_count, output: last?.eval_count },
  }
}
