// Streams of every format that carry the same running texts, in as many events as there are pieces: what
// restoring must make of them is told by reading them back. Used by event-restorer.test.ts.
import { anthropicStream } from '../../../../proxy/dialect/anthropic.ts'
import { geminiArrayStream, geminiSseStream } from '../../../../proxy/dialect/gemini-stream.ts'
import { ollamaStream } from '../../../../proxy/dialect/ollama.ts'
import { openAiChatStream } from '../../../../proxy/dialect/openai-chat.ts'
import { openAiResponsesStream } from '../../../../proxy/dialect/openai-responses.ts'
import { promptStream } from '../../../../proxy/dialect/prompt.ts'
import type { StreamFormat } from '../../../../proxy/dialect/stream-format.ts'

export interface StreamCase {
  readonly name: string
  readonly format: StreamFormat
  /** The whole stream with these pieces as its running text. */
  readonly write: (pieces: readonly string[]) => string
  /** The running text of a stream. */
  readonly read: (stream: string) => string
}

const sse = (event: object) => `data: ${JSON.stringify(event)}\n\n`
const named = (event: { readonly type: string; readonly [name: string]: unknown }) =>
  `event: ${event.type}\n${sse(event)}`
const line = (event: object) => `${JSON.stringify(event)}\n`

type Json = Readonly<Record<string, unknown>>

function eventsOf(stream: string): readonly Json[] {
  const lines = stream.split(/\r?\n/).map((text) => text.replace(/^data: ?/, ''))
  return lines.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text) as Json)
}

/** Every string member of these names, in order. */
function collect(value: unknown, names: ReadonlySet<string>): string {
  if (Array.isArray(value)) return value.map((item) => collect(item, names)).join('')
  if (typeof value !== 'object' || value === null) return ''
  const parts = Object.entries(value).map(([name, member]) =>
    typeof member === 'string' ? (names.has(name) ? member : '') : collect(member, names),
  )
  return parts.join('')
}

const reads =
  (...names: readonly string[]) =>
  (stream: string) =>
    eventsOf(stream)
      .map((event) => collect(event, new Set(names)))
      .join('')

const chat = (delta: object, finish: string | null = null) =>
  sse({ id: 'c', choices: [{ index: 0, delta, finish_reason: finish }] })

export const TEXT_CASES: readonly StreamCase[] = [
  {
    name: 'OpenAI chat',
    format: openAiChatStream,
    write: (pieces) =>
      [
        chat({ role: 'assistant' }),
        ...pieces.map((content) => chat({ content })),
        chat({}, 'stop'),
        'data: [DONE]\n\n',
      ].join(''),
    read: reads('content'),
  },
  {
    name: 'OpenAI chat, reasoning',
    format: openAiChatStream,
    write: (pieces) =>
      [...pieces.map((text) => chat({ reasoning_content: text })), chat({ content: '!' }), 'data: [DONE]\n\n'].join(''),
    read: reads('reasoning_content'),
  },
  {
    name: 'OpenAI completions',
    format: openAiChatStream,
    write: (pieces) => [...pieces.map((text) => sse({ choices: [{ index: 0, text }] })), 'data: [DONE]\n\n'].join(''),
    read: reads('text'),
  },
  {
    name: 'OpenAI responses',
    format: openAiResponsesStream,
    write: (pieces) =>
      [
        ...pieces.map((delta, index) =>
          named({ ...PLACE, type: 'response.output_text.delta', sequence_number: index, delta }),
        ),
        named({ ...PLACE, type: 'response.output_text.done', text: '' }),
        named({ type: 'response.completed', response: {} }),
      ].join(''),
    read: reads('delta'),
  },
  {
    name: 'Anthropic',
    format: anthropicStream,
    write: (pieces) =>
      [
        named({ type: 'message_start', message: {} }),
        named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
        ...pieces.flatMap((text) => [
          named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
          named({ type: 'ping' }),
        ]),
        named({ type: 'content_block_stop', index: 0 }),
        named({ type: 'message_stop' }),
      ].join(''),
    read: reads('text'),
  },
  {
    name: 'Gemini',
    format: geminiSseStream,
    write: (pieces) =>
      [...pieces.map((text) => gemini(text)), gemini('', 'STOP')]
        .map((event) => sse(event).replaceAll('\n', '\r\n'))
        .join(''),
    read: reads('text'),
  },
  {
    name: 'Gemini, an array',
    format: geminiArrayStream,
    write: (pieces) =>
      `[${[...pieces.map((text) => gemini(text)), gemini('', 'STOP')].map((event) => JSON.stringify(event)).join('\n,\r\n')}\n]\n`,
    read: (stream) => (JSON.parse(stream) as Json[]).map((event) => collect(event, new Set(['text']))).join(''),
  },
  {
    name: 'Ollama',
    format: ollamaStream,
    write: (pieces) =>
      [
        ...pieces.map((content) => line({ message: { role: 'a', content }, done: false })),
        line({ message: { content: '' }, done: true }),
      ].join(''),
    read: reads('content'),
  },
  {
    name: 'Prompt',
    format: promptStream,
    write: (pieces) => pieces.map((text) => line({ text })).join(''),
    read: reads('text'),
  },
]

const PLACE = { item_id: 'i', output_index: 0, content_index: 0 }

function gemini(text: string, finishReason?: string): object {
  return {
    candidates: [{ content: { parts: [{ text }], role: 'model' }, ...(finishReason && { finishReason }), index: 0 }],
  }
}

const tool = (index: number, text: string) => chat({ tool_calls: [{ index, function: { arguments: text } }] })

/** Sources of JSON, in pieces. */
export const ARGUMENT_CASES: readonly StreamCase[] = [
  {
    name: 'OpenAI chat, two calls side by side',
    format: openAiChatStream,
    write: (pieces) =>
      [...pieces.flatMap((text) => [tool(0, text), tool(1, '')]), chat({}, 'tool_calls'), 'data: [DONE]\n\n'].join(''),
    read: reads('arguments'),
  },
  {
    name: 'OpenAI responses',
    format: openAiResponsesStream,
    write: (pieces) =>
      [
        ...pieces.map((delta) => named({ ...PLACE, type: 'response.function_call_arguments.delta', delta })),
        named({ ...PLACE, type: 'response.function_call_arguments.done' }),
      ].join(''),
    read: reads('delta'),
  },
  {
    name: 'Anthropic',
    format: anthropicStream,
    write: (pieces) =>
      [
        ...pieces.map((text) =>
          named({ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: text } }),
        ),
        named({ type: 'content_block_stop', index: 1 }),
      ].join(''),
    read: reads('partial_json'),
  },
]
