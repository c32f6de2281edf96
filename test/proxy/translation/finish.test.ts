// Why answers end, in every format: whole ones and events by their structure, streams by their last bytes. What a tool is
// called with may look like a reason and is none.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { FormatName } from '../../../proxy/dialect/neutral/chat.ts'
import type { FinishReason } from '../../../proxy/exchange.ts'
import { finishOfEvent, finishOfTail, finishOfWhole } from '../../../proxy/translation/finish.ts'

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

const choice = (reason: string | null, index = 0) => ({ index, message: { content: 'x' }, finish_reason: reason })
const chat = (...reasons: (string | null)[]) => ({ id: 'c', choices: reasons.map(choice), usage: { total_tokens: 1 } })
const message = (reason: string | null) => ({ type: 'message', content: [], stop_reason: reason, usage: {} })
const response = (status: string, reason: string | null = null, output: object[] = []) => ({
  id: 'resp_1',
  object: 'response',
  status,
  incomplete_details: reason === null ? null : { reason },
  output,
})
const candidate = (reason: string, parts: object[] = [{ text: 'x' }]) => ({
  candidates: [{ content: { parts }, finishReason: reason }],
})
const line = (more: object) => ({ model: 'm', message: { role: 'assistant', content: 'x' }, done: true, ...more })

type Case = readonly [format: FormatName, answer: object, reason: FinishReason | null]

const wholes: readonly Case[] = [
  ['OpenAIChat', chat('stop'), 'stop'],
  ['OpenAIChat', chat('length'), 'length'],
  ['OpenAIChat', chat('tool_calls'), 'tool'],
  ['OpenAIChat', chat('function_call'), 'tool'],
  ['OpenAIChat', chat('content_filter'), 'filter'],
  ['OpenAIChat', chat('stop', 'content_filter', 'length'), 'filter'],
  ['OpenAIChat', chat('stop', 'length'), 'length'],
  ['OpenAIChat', chat('error'), 'error'],
  ['OpenAIChat', chat('abort'), 'unknown'],
  ['OpenAIChat', chat(null), null],
  ['OpenAIChat', { object: 'list' }, null],
  ['OpenAIResponses', response('completed'), 'stop'],
  ['OpenAIResponses', response('completed', null, [{ type: 'message' }, { type: 'function_call' }]), 'tool'],
  ['OpenAIResponses', response('completed', null, [{ type: 'web_search_call' }]), 'stop'],
  ['OpenAIResponses', response('incomplete', 'max_output_tokens'), 'length'],
  ['OpenAIResponses', response('incomplete', 'content_filter'), 'filter'],
  ['OpenAIResponses', response('incomplete'), 'unknown'],
  ['OpenAIResponses', response('failed'), 'error'],
  ['OpenAIResponses', response('in_progress'), null],
  ['Anthropic', message('end_turn'), 'stop'],
  ['Anthropic', message('stop_sequence'), 'stop'],
  ['Anthropic', message('max_tokens'), 'length'],
  ['Anthropic', message('model_context_window_exceeded'), 'length'],
  ['Anthropic', message('tool_use'), 'tool'],
  ['Anthropic', message('refusal'), 'filter'],
  ['Anthropic', message(null), null],
  ['Gemini', candidate('STOP'), 'stop'],
  ['Gemini', candidate('STOP', [{ functionCall: { name: 'f' } }]), 'tool'],
  ['Gemini', candidate('MAX_TOKENS'), 'length'],
  ['Gemini', candidate('SAFETY'), 'filter'],
  ['Gemini', candidate('RECITATION'), 'filter'],
  ['Gemini', candidate('MALFORMED_FUNCTION_CALL'), 'error'],
  ['Gemini', candidate('OTHER'), 'unknown'],
  ['Gemini', { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }, 'filter'],
  ['Gemini', { candidates: [{ content: { parts: [] } }] }, null],
  ['Ollama', line({ done_reason: 'stop' }), 'stop'],
  ['Ollama', line({ done_reason: 'length' }), 'length'],
  ['Ollama', line({}), 'stop'],
  ['Ollama', line({ done_reason: 'stop', message: { tool_calls: [{ function: {} }] } }), 'tool'],
  ['Ollama', line({ done: false }), null],
  ['Prompt', { output: 'x' }, null],
]

describe('a whole answer', () => {
  it.each(wholes)('of %s: %j ended with %s', (format, answer, reason) => {
    expect(finishOfWhole(bytes(answer), format)).toBe(reason)
    expect(finishOfWhole(Buffer.from(JSON.stringify(answer, null, 2)), format)).toBe(reason)
  })

  it.each([
    ['OpenAIChat', { finish_reason: 'length', ...chat('stop'), metadata: { finish_reason: 'content_filter' } }, 'stop'],
    [
      'Anthropic',
      { content: [{ type: 'tool_use', input: { stop_reason: 'refusal' } }], stop_reason: 'tool_use' },
      'tool',
    ],
    ['Gemini', candidate('STOP', [{ functionCall: { args: { finishReason: 'SAFETY' } } }]), 'tool'],
    ['Ollama', line({ message: { tool_calls: [{ arguments: { done_reason: 'length' } }] } }), 'tool'],
  ] as const)('of %s is told by its own members, not by what a tool is called with', (format, answer, reason) => {
    expect(finishOfWhole(bytes(answer), format)).toBe(reason)
  })

  test('of any bytes is read without a fault', () => {
    const formats: readonly FormatName[] = ['OpenAIChat', 'OpenAIResponses', 'Anthropic', 'Gemini', 'Ollama', 'Prompt']
    const anything = fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.json().map(bytes))
    fc.assert(
      fc.property(anything, fc.constantFrom(...formats), (data, format) => {
        const any = Buffer.from(data)
        const reasons = [finishOfWhole(any, format), finishOfEvent(any, format), finishOfTail(any, format)]
        expect(reasons.every((reason) => reason === null || typeof reason === 'string')).toBe(true)
      }),
    )
  })
})

const sse = (...events: object[]) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
const delta = (reason: string | null) => ({ choices: [{ index: 0, delta: { content: 'x' }, finish_reason: reason }] })
const usage = { choices: [], usage: { total_tokens: 1 } }
const named = (type: string, event: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...event })}\n\n`
const ended = (kind: string, whole: object) => named(`response.${kind}`, { sequence_number: 9, response: whole })
const messageEnd = (reason: string) =>
  named('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: {} }) + named('message_stop', {})

const tails: readonly (readonly [format: FormatName, tail: string, reason: FinishReason | null])[] = [
  ['OpenAIChat', `${sse(delta(null), delta('stop'), usage)}data: [DONE]\n\n`, 'stop'],
  ['OpenAIChat', `${sse(delta('length'), usage)}data: [DONE]\n\n`, 'length'],
  ['OpenAIChat', `"x"},"finish_reason" : "content_filter"}]}\n\n${sse(delta(null))}data: [DONE]\n\n`, 'filter'],
  ['OpenAIChat', sse(delta(null)), null],
  ['OpenAIChat', sse({ choices: [{ delta: { content: '"finish_reason":"length"' } }] }), null],
  ['OpenAIResponses', ended('completed', response('completed')), 'stop'],
  ['OpenAIResponses', ended('completed', response('completed', null, [{ type: 'function_call' }])), 'tool'],
  ['OpenAIResponses', ended('incomplete', response('incomplete', 'max_output_tokens')), 'length'],
  ['OpenAIResponses', ended('incomplete', response('incomplete', 'content_filter')), 'filter'],
  ['OpenAIResponses', ended('failed', response('failed')), 'error'],
  ['OpenAIResponses', named('response.output_text.delta', { delta: '"type":"response.failed"' }), null],
  ['Anthropic', messageEnd('end_turn'), 'stop'],
  ['Anthropic', messageEnd('max_tokens'), 'length'],
  ['Anthropic', messageEnd('tool_use'), 'tool'],
  ['Anthropic', messageEnd('refusal'), 'filter'],
  ['Gemini', sse(candidate('STOP')), 'stop'],
  ['Gemini', `[${JSON.stringify(candidate('MAX_TOKENS'), null, 2)}\n]`, 'length'],
  ['Gemini', sse(candidate('STOP', [{ functionCall: {} }])), 'tool'],
  ['Gemini', sse({ promptFeedback: { blockReason: 'SAFETY' } }), 'filter'],
  [
    'Ollama',
    `${JSON.stringify(line({ done: false }))}\n${JSON.stringify(line({ done_reason: 'length' }))}\n`,
    'length',
  ],
  ['Ollama', `${JSON.stringify(line({}))}\n`, 'stop'],
  ['Prompt', '{"text":"x"}\n', null],
]

it.each(tails)('the last bytes of a stream of %s tell its reason: %s -> %s', (format, tail, reason) => {
  expect(finishOfTail(Buffer.from(tail), format)).toBe(reason)
})

const events: readonly (readonly [format: FormatName, event: object, reason: FinishReason | null])[] = [
  ['OpenAIChat', delta(null), null],
  ['OpenAIChat', delta('content_filter'), 'filter'],
  ['OpenAIChat', delta('length'), 'length'],
  ['OpenAIChat', delta('stop'), 'stop'],
  ['OpenAIResponses', { type: 'response.output_text.delta', delta: 'x' }, null],
  ['OpenAIResponses', { type: 'response.incomplete', response: response('incomplete', 'content_filter') }, 'filter'],
  ['Anthropic', { type: 'message_delta', delta: { stop_reason: 'refusal' } }, 'filter'],
  ['Anthropic', { type: 'content_block_start', content_block: { input: { stop_reason: 'refusal' } } }, null],
  ['Gemini', { promptFeedback: { blockReason: 'SAFETY' } }, 'filter'],
  ['Gemini', { candidates: [{ content: { parts: [{ functionCall: { args: { finishReason: 'SAFETY' } } }] } }] }, null],
  ['Ollama', { message: { tool_calls: [{ arguments: { done_reason: 'length' } }] }, done: false }, null],
]

it.each(events)('an event of %s tells its reason by its structure: %j -> %s', (format, event, reason) => {
  expect(finishOfEvent(bytes(event), format)).toBe(reason)
})
