// The official Anthropic SDK against providers of every dialect.
import Anthropic from '@anthropic-ai/sdk'
import { type Answer, type Question, type Sdk, WEATHER } from './client.ts'
import { describeSdk } from './matrix.ts'

describeSdk({
  name: '@anthropic-ai/sdk',
  dialect: 'Anthropic',
  finish: { stop: 'end_turn', tools: 'tool_use', length: 'max_tokens', filter: 'refusal' },
  errors: { badRequest: 'BadRequestError', rateLimit: 'RateLimitError' },
  // Anthropic counts what came from its cache beside the input.
  countsOf: ({ input, cached, output }) => ({ input: input - cached, output }),
  connect: (): Sdk => {
    const client = new Anthropic({ maxRetries: 0 })
    return {
      ask: async (question) => answerOf(await client.messages.create(requestOf(question))),
      stream: async (question) => {
        const pieces: string[] = []
        const stream = client.messages.stream(requestOf(question))
        stream.on('text', (piece) => pieces.push(piece))
        return { ...answerOf(await stream.finalMessage()), pieces }
      },
    }
  },
})

function requestOf({ text, image, hasTools, round }: Question): Anthropic.MessageCreateParamsNonStreaming {
  const { name, description, schema } = WEATHER
  const source = { type: 'base64' as const, media_type: 'image/png' as const, data: image ?? '' }
  return {
    model: 'asked-for',
    max_tokens: 100,
    system: 'Be brief.',
    messages: [
      {
        role: 'user',
        content: [...(image === undefined ? [] : [{ type: 'image' as const, source }]), { type: 'text', text }],
      },
      ...roundOf(round),
    ],
    ...(hasTools ? { tools: [{ name, description, input_schema: schema }] } : {}),
  }
}

function roundOf(round: Question['round']): Anthropic.MessageParam[] {
  if (round === undefined) return []
  const calls = round.calls.map(({ id = '', name, input }) => ({ type: 'tool_use' as const, id, name, input }))
  const results = round.results.map((content, index) => ({
    type: 'tool_result' as const,
    tool_use_id: round.calls[index]?.id ?? '',
    content,
  }))
  return [
    { role: 'assistant', content: calls },
    { role: 'user', content: results },
  ]
}

function answerOf({ content, stop_reason: finish, usage }: Anthropic.Message): Answer {
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    finish,
    usage: { input: usage.input_tokens, output: usage.output_tokens },
  }
}
