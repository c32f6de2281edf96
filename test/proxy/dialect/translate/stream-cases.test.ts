// Streams that hurt the users of other gateways, one by one: each test is named after what the user sees.
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../../proxy/dialect/neutral/json.ts'
import type { FormatName, StreamEvent } from '../../../../proxy/dialect/neutral/chat.ts'
import { MAX_ANSWER_CHARACTERS, StreamTranslator } from '../../../../proxy/dialect/translate/stream-translator.ts'
import type { AnswerContext } from '../../../../proxy/dialect/neutral/format.ts'
import { testContext } from './arbitrary.ts'
import { framingOf, readStream } from './streams.ts'

type Payload = JsonObject | '[DONE]'

/** The caller's events, as JSON. */
function stream(
  from: FormatName,
  to: FormatName,
  payloads: readonly Payload[],
  context: AnswerContext = testContext(),
): unknown[] {
  const translator = new StreamTranslator({ from, to }, context)
  const pushed = payloads.flatMap((payload) => {
    const data = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
    return [...translator.push({ name: null, data })]
  })
  const bytes = Buffer.concat([...pushed, ...translator.end()])
  const framing = framingOf(to, context)
  return [...framing.push(bytes), ...framing.end()].map(({ data }) => {
    const text = data.toString()
    return text === '[DONE]' ? text : (JSON.parse(text) as unknown)
  })
}

const chunk = (delta: JsonObject, finish: string | null = null): JsonObject => ({
  id: 'c1',
  model: 'gpt',
  choices: [{ index: 0, delta, finish_reason: finish }],
})
const call = (index: number, more: JsonObject): JsonObject => chunk({ tool_calls: [{ index, ...more }] })
const fragment = (text: string): JsonObject => ({ function: { arguments: text } })

function read(to: FormatName, events: readonly unknown[]): StreamEvent[] {
  const bytes = events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('')
  return readStream(to, Buffer.from(bytes), testContext())
}

test('tool calls that interleave reach an Anthropic caller as whole blocks, one after another', () => {
  const events = stream('OpenAIChat', 'Anthropic', [
    call(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x"' } }),
    call(1, { id: 'b', type: 'function', function: { name: 'g', arguments: '{"y"' } }),
    call(0, fragment(':1')),
    call(1, fragment(':2')),
    call(0, fragment('}')),
    call(1, fragment('}')),
    chunk({}, 'tool_calls'),
    '[DONE]',
  ]) as { type: string; index?: number; delta?: { partial_json?: string } }[]
  const blocks = events.filter(({ type }) => type.startsWith('content_block'))
  expect(blocks.map(({ type, index }) => `${type} ${index}`)).toEqual([
    'content_block_start 0',
    'content_block_delta 0',
    'content_block_delta 0',
    'content_block_delta 0',
    'content_block_stop 0',
    'content_block_start 1',
    'content_block_delta 1',
    'content_block_stop 1',
  ])
  expect(blocks.map(({ delta }) => delta?.partial_json ?? '').join('')).toBe('{"x":1}{"y":2}')
})

test('a finished call is not held back until the end when the next one starts', () => {
  const translator = new StreamTranslator({ from: 'OpenAIChat', to: 'Anthropic' }, testContext())
  const push = (payload: JsonObject) =>
    Buffer.concat([...translator.push({ name: null, data: Buffer.from(JSON.stringify(payload)) })]).toString()
  push(call(0, { id: 'a', function: { name: 'f', arguments: '{}' } }))
  expect(push(call(1, { id: 'b', function: { name: 'g', arguments: '{' } }))).toContain('"name":"g"')
})

test('a first chunk with the role only still opens the stream', () => {
  const [first] = stream('OpenAIChat', 'Anthropic', [chunk({ role: 'assistant', content: '' })]) as JsonObject[]
  expect(first).toMatchObject({ type: 'message_start', message: { id: 'c1', model: 'gpt', role: 'assistant' } })
})

test('the first delta of an OpenAI stream holds the role', () => {
  const [first] = stream('Anthropic', 'OpenAIChat', [{ type: 'message_start', message: { id: 'm' } }]) as {
    choices: { delta: JsonObject }[]
  }[]
  expect(first?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' })
})

test('calls of a server that numbers all of them 0 stay apart by their ids', () => {
  const events = stream('OpenAIChat', 'Ollama', [
    call(0, { id: 'a', function: { name: 'f', arguments: '{"n":1}' } }),
    call(0, { id: 'b', function: { name: 'f', arguments: '{"n":2}' } }),
    chunk({}, 'stop'),
    '[DONE]',
  ]) as { message: { tool_calls?: { function: JsonObject }[] } }[]
  expect(events.flatMap(({ message }) => message.tool_calls?.map((one) => one.function['arguments']) ?? [])).toEqual([
    { n: 1 },
    { n: 2 },
  ])
})

test('a server that repeats id and name in every fragment does not start a call each time', () => {
  const piece = (text: string) => call(0, { id: 'a', function: { name: 'f', arguments: text } })
  const events = read(
    'Anthropic',
    stream('OpenAIChat', 'Anthropic', [piece('{"n"'), piece(':1}'), chunk({}, 'tool_calls'), '[DONE]']),
  )
  expect(events.filter(({ kind }) => kind === 'blockStart')).toHaveLength(1)
})

test('a call without arguments is given an empty object, since clients parse the text', () => {
  const events = stream('Anthropic', 'OpenAIChat', [
    { type: 'message_start', message: {} },
    { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'a', name: 'now', input: {} } },
    { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
    { type: 'message_stop' },
  ])
  expect(JSON.stringify(events)).toContain('"arguments":"{}"')
})

test.each<readonly [FormatName, readonly Payload[]]>([
  ['OpenAIChat', [call(0, { id: 'a', function: { name: 'f', arguments: '{}' } }), chunk({}, 'stop'), '[DONE]']],
  ['Gemini', [{ candidates: [{ content: { parts: [{ functionCall: { name: 'f' } }] }, finishReason: 'STOP' }] }]],
  [
    'Ollama',
    [{ message: { tool_calls: [{ function: { name: 'f', arguments: {} } }] }, done: true, done_reason: 'stop' }],
  ],
])('%s says it stopped, but it called a tool: the caller is told of the tool', (from, payloads) => {
  expect(stream(from, 'Anthropic', payloads)).toContainEqual(
    expect.objectContaining({ delta: { stop_reason: 'tool_use', stop_sequence: null } }),
  )
})

test('an answer without `[DONE]` but with its finish reason is complete', () => {
  expect(stream('OpenAIChat', 'Anthropic', [chunk({ content: 'a' }), chunk({}, 'stop')]).at(-1)).toEqual({
    type: 'message_stop',
  })
})

test.each<readonly [FormatName, readonly Payload[]]>([
  ['OpenAIChat', [chunk({ content: 'a' })]],
  [
    'Anthropic',
    [
      { type: 'message_start', message: {} },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'a' } },
    ],
  ],
  ['Gemini', [{ candidates: [{ content: { parts: [{ text: 'a' }] } }] }]],
  ['Ollama', [{ message: { content: 'a' }, done: false }]],
  ['OpenAIResponses', [{ type: 'response.created', response: {} }]],
])('%s ends without its last event: the caller gets one error, never silence', (from, payloads) => {
  const to = from === 'OpenAIChat' ? 'Anthropic' : 'OpenAIChat'
  const events = stream(from, to, payloads)
  expect(events.at(-1)).toMatchObject({
    error: { message: 'The answer of the provider ended before it was complete.' },
  })
  expect(events.filter((event) => JSON.stringify(event).includes('"error"'))).toHaveLength(1)
})

test('what comes after an error or after the end is not passed on', () => {
  const after = [chunk({ content: 'late' }), '[DONE]'] as const
  const failed = stream('OpenAIChat', 'Ollama', [chunk({ content: 'a' }), { error: { message: 'x' } }, ...after])
  const ended = stream('OpenAIChat', 'Ollama', [chunk({ content: 'a' }, 'stop'), '[DONE]', ...after])
  expect(JSON.stringify([failed, ended])).not.toContain('late')
  expect(failed.at(-1)).toEqual({ error: 'x' })
})

test('usage comes to an OpenAI caller only when asked for', () => {
  const source = [
    chunk({ content: 'a' }, 'stop'),
    { ...chunk({}), choices: [], usage: { prompt_tokens: 3, completion_tokens: 1 } },
    '[DONE]',
  ] as const
  const anthropic = stream('OpenAIChat', 'Anthropic', source) as JsonObject[]
  const back = (wantsStreamUsage: boolean) =>
    stream('Anthropic', 'OpenAIChat', anthropic, testContext({ wantsStreamUsage }))
  expect(JSON.stringify(back(false))).not.toContain('usage')
  expect(back(true).at(-2)).toMatchObject({
    choices: [],
    usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
  })
})

test('the cumulative usage of Anthropic replaces, it does not add up', () => {
  const events = stream('Anthropic', 'Ollama', [
    { type: 'message_start', message: { usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 1 } } },
    { type: 'message_delta', delta: {}, usage: { output_tokens: 20 } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 30 } },
    { type: 'message_stop' },
  ])
  expect(events.at(-1)).toMatchObject({ prompt_eval_count: 15, eval_count: 30 })
})

test('events and blocks of new types are passed over, and pings keep the connection alive', () => {
  const payloads = [
    { type: 'message_start', message: {} },
    { type: 'brand_new_event', data: 1 },
    { type: 'content_block_start', index: 0, content_block: { type: 'brand_new_block' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'brand_new_delta', text: 'no' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'ping' },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
    { type: 'message_stop' },
  ]
  const events = stream('Anthropic', 'OpenAIChat', payloads)
  expect(JSON.stringify(events)).not.toContain('no')
  const translator = new StreamTranslator({ from: 'Anthropic', to: 'OpenAIChat' }, testContext())
  const written = payloads.map((payload) =>
    Buffer.concat([...translator.push({ name: null, data: Buffer.from(JSON.stringify(payload)) })]).toString(),
  )
  expect(written[5]).toBe(': keep-alive\n\n')
})

test.each([
  ['MAX_TOKENS', 'max_tokens'],
  ['SAFETY', 'refusal'],
  ['RECITATION', 'refusal'],
  ['STOP', 'end_turn'],
])('Gemini’s %s is %s: the length and the filter stay apart', (finishReason, stop) => {
  const events = stream('Gemini', 'Anthropic', [
    { candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason }] },
  ])
  expect(events).toContainEqual(expect.objectContaining({ delta: { stop_reason: stop, stop_sequence: null } }))
})

test('a Gemini caller without `alt=sse` gets one JSON array, also when the stream fails', () => {
  const context = testContext({ geminiFraming: 'jsonArray' })
  const text = (payloads: readonly Payload[]) => {
    const translator = new StreamTranslator({ from: 'OpenAIChat', to: 'Gemini' }, context)
    const pushed = payloads.flatMap((payload) => [
      ...translator.push({ name: null, data: Buffer.from(JSON.stringify(payload)) }),
    ])
    return JSON.parse(Buffer.concat([...pushed, ...translator.end()]).toString()) as JsonObject[]
  }
  expect(text([chunk({ content: 'a' }), chunk({}, 'stop')])).toHaveLength(2)
  expect(text([chunk({ content: 'a' })]).at(-1)).toMatchObject({ error: { status: 'INTERNAL' } })
  expect(text([])).toMatchObject([{ error: { status: 'INTERNAL' } }])
})

test('events of a Responses stream are numbered without a gap, and every item is done before the end', () => {
  const events = stream('Gemini', 'OpenAIResponses', [
    {
      candidates: [
        {
          content: {
            parts: [
              { text: 'hm', thought: true },
              { text: 'a' },
              { functionCall: { name: 'f' }, thoughtSignature: 'c2ln' },
            ],
          },
          finishReason: 'STOP',
        },
      ],
    },
  ]) as { type: string; sequence_number: number }[]
  expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, at) => at))
  const count = (type: string) => events.filter((event) => event.type === type).length
  expect(count('response.output_item.added')).toBe(4)
  expect(count('response.output_item.done')).toBe(4)
  expect(events.at(-1)?.type).toBe('response.completed')
})

test('an endless answer is broken off with an error at the bound', () => {
  const translator = new StreamTranslator({ from: 'Ollama', to: 'Anthropic' }, testContext())
  const data = Buffer.from(JSON.stringify({ message: { content: 'x'.repeat(MAX_ANSWER_CHARACTERS / 4) }, done: false }))
  const written = Array.from({ length: 6 }, () => Buffer.concat([...translator.push({ name: null, data })]))
  expect(translator.hasEnded).toBe(true)
  expect(written[4]?.toString('latin1', written[4].length - 300)).toContain('event: error')
  expect(written[5]).toHaveLength(0)
})

test('a stream that the proxy gives up ends with the error it is given, once', () => {
  const translator = new StreamTranslator({ from: 'Ollama', to: 'OpenAIChat' }, testContext())
  const error = { class: 'timeout', status: null, message: 'No byte for 60 s.' } as const
  expect(Buffer.concat([...translator.fail(error)]).toString()).toBe(
    'data: {"error":{"message":"No byte for 60 s.","type":"server_error","param":null,"code":"timeout"}}\n\n',
  )
  expect([...translator.fail(error), ...translator.end()]).toEqual([])
})

test('whoever counts sees every neutral event, usage and stop reason included', () => {
  const seen: string[] = []
  const translator = new StreamTranslator({ from: 'OpenAIChat', to: 'Prompt' }, testContext(), ({ kind }) =>
    seen.push(kind),
  )
  const payloads = [
    chunk({ content: 'a' }, 'stop'),
    { ...chunk({}), choices: [], usage: { prompt_tokens: 3, completion_tokens: 1 } },
    '[DONE]',
  ]
  for (const payload of payloads)
    translator.push({ name: null, data: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)) })
  expect(seen).toEqual(['start', 'blockStart', 'blockDelta', 'blockEnd', 'usage', 'stop', 'end'])
})

test('a model of Mistral that reasons in parts of its content is heard, and so is what it says', () => {
  const thinking: JsonObject = { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }
  const events = stream('OpenAIChat', 'Anthropic', [
    chunk(thinking),
    chunk({ content: 'yes' }),
    chunk({}, 'stop'),
    '[DONE]',
  ])
  expect(JSON.stringify(events)).toMatch(/"thinking":"hm".*"text":"yes"/)
})

test('arguments that a server gives whole with the beginning of its call are not lost', () => {
  const events = stream('Anthropic', 'OpenAIChat', [
    { type: 'message_start', message: { id: 'm' } },
    { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'c', name: 'f', input: { a: 1 } } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
    { type: 'message_stop' },
  ])
  expect(JSON.stringify(events)).toContain(JSON.stringify({ arguments: '{"a":1}' }))
})
