// The commit point of a stream, by what real providers send first, cut anywhere.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { OPENINGS } from '../../../proxy/dialect/opening.ts'
import { MAX_PREAMBLE_BYTES, Preamble } from '../../../proxy/upstream/preamble.ts'

const delta = (fields: object, finishReason: string | null = null) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: fields, finish_reason: finishReason }],
})
const data = (value: unknown) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`
const ROLE = data(delta({ role: 'assistant', content: '', refusal: null }))

const preambles: readonly (readonly [string, string])[] = [
  ['a role', ROLE],
  [
    'a role with spaces, as Python writes it',
    'data: {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}\n\n',
  ],
  ['a comment', ': ping\n\n'],
  ["Azure's filter results", data({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] })],
  ['an empty list of tool calls', data(delta({ role: 'assistant', content: null, tool_calls: [] }))],
  ['an error that is null', data({ ...delta({ role: 'assistant' }), error: null })],
  ['a response that begins', data({ type: 'response.created', response: { id: 'r' } })],
  ['a message that begins', data({ type: 'response.output_item.added', item: { type: 'message', content: [] } })],
]

const contents: readonly (readonly [string, string])[] = [
  ['text', data(delta({ content: 'H' }))],
  ['a space', data(delta({ content: ' ' }))],
  ['text with spaces, as Python writes it', 'data: {"choices": [{"delta": {"content": "H"}}]}\n\n'],
  ['a tool call', data(delta({ tool_calls: [{ index: 0, id: 't', function: { name: 'f', arguments: '' } }] }))],
  ['a refusal', data(delta({ refusal: 'no' }))],
  ['reasoning', data(delta({ reasoning_content: 'hm' }))],
  ['a reason to finish', data(delta({}, 'stop'))],
  ['text of the second choice', data({ choices: [{ delta: { content: '' } }, { delta: { content: 'x' } }] })],
  ['text of a completion', data({ choices: [{ text: 'H', index: 0, finish_reason: null }] })],
  ['the last event', data('[DONE]')],
  ['a form that nobody knows', data('hello')],
  ['text of a response', data({ type: 'response.output_text.delta', delta: 'H' })],
  ['a tool call of a response', data({ type: 'response.output_item.added', item: { type: 'function_call' } })],
  ['an event of a response that is new', data({ type: 'response.surprise' })],
]

const errors: readonly (readonly [string, string])[] = [
  ['an error', data({ error: { message: 'busy', code: 'server_overloaded' } })],
  ['an error as text', data({ error: 'busy' })],
  ['an error of a response', data({ type: 'error', code: 'server_error', message: 'x' })],
  ['a response that failed', data({ type: 'response.failed', response: { error: { code: 'server_error' } } })],
]

const read = (...chunks: readonly (string | Buffer)[]) => {
  const preamble = new Preamble(OPENINGS['openai-chat'])
  const parts = chunks.map((chunk) => preamble.push(Buffer.from(chunk)))
  return { last: parts.at(-1), parts, errorData: preamble.errorData?.toString() ?? null }
}

describe('a stream of OpenAI', () => {
  it.each(preambles)('may go elsewhere after %s', (_, event) => expect(read(event).last).toBe('preamble'))
  it.each(contents)('is committed with %s', (_, event) => expect(read(event).last).toBe('content'))
  it.each(errors)('has failed with %s', (_, event) => {
    expect(read(event)).toMatchObject({ last: 'error', errorData: event.slice('data: '.length).trimEnd() })
  })

  test('is held while preambles follow each other, and fails with an error after them', () => {
    const all = preambles.map(([, event]) => event)
    expect(new Set(read(...all).parts)).toEqual(new Set(['preamble']))
    expect(read(all.join('') + (errors[0]?.[1] ?? '')).last).toBe('error')
  })

  test('is committed with its first content although an error follows in the same chunk', () => {
    expect(read(`${ROLE}${contents[0]?.[1]}${errors[0]?.[1]}`).last).toBe('content')
  })

  test('is committed when one event is longer than what may be held', () => {
    expect(read(`data: ${'x'.repeat(MAX_PREAMBLE_BYTES + 1)}`).last).toBe('content')
  })

  test('is judged the same however it is cut', () => {
    const events = [...preambles, ...contents, ...errors].map(([, event]) => event)
    const streams = fc.array(fc.constantFrom(...events), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(streams, fc.array(fc.nat(), { maxLength: 8 }), (stream, cuts) => {
        const bytes = Buffer.from(stream)
        const at = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].toSorted((one, other) => one - other)
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
        const firstDecided = read(...chunks).parts.find((part) => part !== 'preamble') ?? 'preamble'
        expect(firstDecided).toBe(read(bytes).last)
      }),
    )
  })
})

type Events = readonly object[]

const others: readonly (readonly [keyof typeof OPENINGS, Events, Events, Events])[] = [
  [
    'anthropic',
    [
      { type: 'message_start', message: { role: 'assistant', content: [] } },
      { type: 'ping' },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
    ],
    [
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'H' } },
      { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'f', input: {} } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
      { type: 'surprise' },
    ],
    [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
  ],
  [
    'gemini-sse',
    [{ usageMetadata: { promptTokenCount: 3 } }, { candidates: [{ content: { parts: [{ text: '' }] }, index: 0 }] }],
    [
      { candidates: [{ content: { parts: [{ text: 'H' }] } }] },
      { candidates: [{ content: { parts: [{ functionCall: { name: 'f' } }] } }] },
      { candidates: [{ finishReason: 'STOP' }] },
      { promptFeedback: { blockReason: 'SAFETY' } },
    ],
    [{ error: { code: 503, status: 'UNAVAILABLE', message: 'overloaded' } }],
  ],
  [
    'ollama',
    [
      { message: { role: 'assistant', content: '' }, done: false },
      { response: '', done: false },
    ],
    [
      { message: { role: 'assistant', content: 'H' }, done: false },
      { message: { content: '', thinking: 'hm' }, done: false },
      { message: { content: '', tool_calls: [{ function: { name: 'f' } }] }, done: false },
      { response: 'H', done: false },
      { message: { content: '' }, done: true },
    ],
    [{ error: 'model runner has stopped' }],
  ],
  ['prompt', [{ text: '' }], [{ text: 'H' }, { output: 'H' }], [{ error: 'busy' }]],
]

describe.each(others)('an event of %s', (name, preambleEvents, contentEvents, errorEvents) => {
  const partOf = (event: object) => OPENINGS[name]({ name: null, data: Buffer.from(JSON.stringify(event)) })

  it.each(preambleEvents)('%j says nothing yet', (event) => expect(partOf(event)).toBe('preamble'))
  it.each(contentEvents)('%j is content', (event) => expect(partOf(event)).toBe('content'))
  it.each(errorEvents)('%j is an error', (event) => expect(partOf(event)).toBe('error'))
})
