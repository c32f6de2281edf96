// Streams as the vendors themselves write them, with what their documents allow and packaged mocks leave out: fragments
// of calls that interleave, pings, reasoning with signatures, usage told twice, CRLF, an answer that a filter ended,
// and an error in the middle. Written by hand from the vendors' references; bytes are cut where neither character nor
// event ends.
import { Buffer } from 'node:buffer'
import type { DialectName } from '../../proxy/table/schema.ts'

export type Vendor = Exclude<DialectName, 'Prompt'>

export interface VendorStreams {
  readonly type: string
  /** Reasoning where the vendor shows it, SAID, the two calls of upstreams.ts, and TOTALS. */
  readonly hard: string
  /** SAID, ended by the vendor's filter; null: the vendor has none. */
  readonly filtered: string | null
  /** The beginning of SAID, then an error with the sentence FAULT. */
  readonly broken: string
}

export const SAID = 'Let me look: Zürich 👋, then 東京.'
export const FAULT = 'The model server fell over.'
export const TOTALS = { input: 100, cached: 40, output: 50, reasoning: 20 }

/** Odd sizes, so that characters of several bytes and line ends are cut. */
const CUT_BYTES = 37

export function cutUp(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text)
  const count = Math.ceil(bytes.length / CUT_BYTES)
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * CUT_BYTES, (index + 1) * CUT_BYTES))
}

const sse = (data: object): string => `data: ${JSON.stringify(data)}\n\n`
const named = (data: { readonly type: string } & Readonly<Record<string, unknown>>): string =>
  `event: ${data.type}\n${sse(data)}`
const crlf = (data: object): string => `data: ${JSON.stringify(data)}\r\n\r\n`
const line = (data: object): string => `${JSON.stringify(data)}\n`
const [SAID_FIRST, SAID_LAST] = [SAID.slice(0, 16), SAID.slice(16)]

function chunk(delta: object, finish: string | null = null): string {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt', usage: null }
  return sse({ ...head, choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }], obfuscation: 'x7Gk2' })
}

const callPart = (index: number, more: object): string => chunk({ tool_calls: [{ index, ...more }] })
const openedCall = (index: number): string =>
  callPart(index, { id: `call_${index}`, type: 'function', function: { name: 'weather', arguments: '' } })
const argumentsPart = (index: number, text: string): string => callPart(index, { function: { arguments: text } })
const openAiText = [
  ': keep-alive\n\n',
  chunk({ role: 'assistant', content: '', refusal: null }),
  chunk({ content: SAID_FIRST }),
  chunk({ content: SAID_LAST }),
].join('')
const openAiUsage = sse({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'gpt',
  choices: [],
  usage: {
    prompt_tokens: 100,
    completion_tokens: 50,
    total_tokens: 150,
    prompt_tokens_details: { cached_tokens: 40, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 0 },
  },
})

const block = (index: number, content: object, deltas: readonly object[]): string =>
  [
    named({ type: 'content_block_start', index, content_block: content }),
    ...deltas.map((delta) => named({ type: 'content_block_delta', index, delta })),
    named({ type: 'content_block_stop', index }),
  ].join('')
const toolBlock = (index: number, parts: readonly string[]): string =>
  block(
    index,
    { type: 'tool_use', id: `toolu_${index}`, name: 'weather', input: {} },
    parts.map((part) => ({ type: 'input_json_delta', partial_json: part })),
  )
const textBlock = (index: number, ...parts: readonly string[]): string =>
  block(
    index,
    { type: 'text', text: '' },
    parts.map((text) => ({ type: 'text_delta', text })),
  )
const messageStart = named({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 60, cache_creation_input_tokens: 0, cache_read_input_tokens: 40, output_tokens: 1 },
  },
})
const messageEnd = (reason: string): string =>
  named({
    type: 'message_delta',
    delta: { stop_reason: reason, stop_sequence: null },
    usage: { input_tokens: 60, cache_creation_input_tokens: 0, cache_read_input_tokens: 40, output_tokens: 50 },
  }) + named({ type: 'message_stop' })
const ping = named({ type: 'ping' })

const gemini = (parts: readonly object[], more: object = {}, usage: object = {}): string =>
  crlf({
    candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
    usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 40, totalTokenCount: 150, ...usage },
    modelVersion: 'gemini',
    responseId: 'r1',
  })
const geminiTotals = { candidatesTokenCount: 30, thoughtsTokenCount: 20 }
const geminiCall = (input: object, more: object = {}): object => ({
  functionCall: { name: 'weather', args: input },
  ...more,
})

const ollama = (message: object, more: object = {}): string =>
  line({
    model: 'llama',
    created_at: '2026-11-22T19:00:00.000Z',
    message: { role: 'assistant', content: '', ...message },
    done: false,
    ...more,
  })
const ollamaEnd = ollama(
  {},
  { done: true, done_reason: 'stop', total_duration: 9, load_duration: 1, prompt_eval_count: 100, eval_count: 50 },
)
const ollamaCall = (input: object): string =>
  ollama({ tool_calls: [{ function: { index: 0, name: 'weather', arguments: input } }] })

export const VENDOR_STREAMS: Readonly<Record<Vendor, VendorStreams>> = {
  OpenAI: {
    type: 'text/event-stream; charset=utf-8',
    hard: [
      openAiText,
      openedCall(0),
      argumentsPart(0, '{"city":"Z\\u00'),
      openedCall(1),
      argumentsPart(1, '{"ci'),
      argumentsPart(0, 'fcrich","days"'),
      argumentsPart(1, 'ty":"東京","days":1}'),
      argumentsPart(0, ':3}'),
      chunk({}, 'tool_calls'),
      openAiUsage,
      'data: [DONE]\n\n',
    ].join(''),
    filtered: [openAiText, chunk({}, 'content_filter'), openAiUsage, 'data: [DONE]\n\n'].join(''),
    broken: openAiText + sse({ error: { message: FAULT, type: 'server_error', param: null, code: null } }),
  },
  Anthropic: {
    type: 'text/event-stream; charset=utf-8',
    hard: [
      messageStart,
      ping,
      block(0, { type: 'thinking', thinking: '', signature: '' }, [
        { type: 'thinking_delta', thinking: 'Two cities. ' },
        { type: 'thinking_delta', thinking: 'Two calls.' },
        { type: 'signature_delta', signature: 'EqQBCgIYAhIM' },
      ]),
      textBlock(1, SAID_FIRST, SAID_LAST),
      toolBlock(2, ['', '{"city": "Z', 'ürich", "days"', ': 3}']),
      ping,
      toolBlock(3, ['', '{"city":"東京","days":1}']),
      messageEnd('tool_use'),
    ].join(''),
    filtered: [messageStart, textBlock(0, SAID_FIRST, SAID_LAST), messageEnd('refusal')].join(''),
    broken: [
      messageStart,
      named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
      named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: SAID_FIRST } }),
      named({ type: 'error', error: { type: 'overloaded_error', message: FAULT } }),
    ].join(''),
  },
  Gemini: {
    type: 'text/event-stream',
    hard: [
      gemini([{ text: '**Two cities**', thought: true }], {}, { thoughtsTokenCount: 20 }),
      gemini([{ text: SAID_FIRST }]),
      gemini([{ text: SAID_LAST }], {}, { candidatesTokenCount: 9 }),
      gemini([geminiCall({ city: 'Zürich', days: 3 }, { thoughtSignature: 'CpgBAR/q4w==' })]),
      gemini([geminiCall({ city: '東京', days: 1 })]),
      gemini([{ text: '' }], { finishReason: 'STOP' }, geminiTotals),
    ].join(''),
    filtered: gemini([{ text: SAID_FIRST }]) + gemini([{ text: SAID_LAST }], { finishReason: 'SAFETY' }, geminiTotals),
    broken: gemini([{ text: SAID_FIRST }]) + crlf({ error: { code: 503, message: FAULT, status: 'UNAVAILABLE' } }),
  },
  Ollama: {
    type: 'application/x-ndjson',
    hard: [
      ollama({ thinking: 'Two cities.' }),
      ollama({ content: SAID_FIRST }),
      ollama({ content: SAID_LAST }),
      ollamaCall({ city: 'Zürich', days: 3 }),
      ollamaCall({ city: '東京', days: 1 }),
      ollamaEnd,
    ].join(''),
    filtered: null,
    broken: ollama({ content: SAID_FIRST }) + line({ error: FAULT }),
  },
}
