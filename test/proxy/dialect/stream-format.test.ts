// The streams of every format over every split and cut: whole ones pass byte for byte, cut ones keep whole events and
// end in one error event that a reader of the format understands.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { anthropicStream } from '../../../proxy/dialect/anthropic.ts'
import { EventGuard, MAX_HELD_BYTES } from '../../../proxy/dialect/event-guard.ts'
import { geminiArrayStream, geminiSseStream } from '../../../proxy/dialect/gemini-stream.ts'
import { ollamaStream } from '../../../proxy/dialect/ollama.ts'
import { openAiResponsesStream } from '../../../proxy/dialect/openai-responses.ts'
import { promptStream } from '../../../proxy/dialect/prompt.ts'
import type { StreamFormat } from '../../../proxy/dialect/stream-format.ts'
import { failure, type Failure } from '../../../proxy/errors.ts'
import type { AnswerStream, BodySink } from '../../../proxy/exchange.ts'

const sse = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`
const line = (value: object) => `${JSON.stringify(value)}\n`
const candidate = (text: string, more: object = {}) => ({ candidates: [{ content: { parts: [{ text }] }, ...more }] })
/** Words that would end a stream if they stood outside of a text. */
const TRAP = 'häl"type":"message_stop"\nevent: message_stop "done":true "finishReason" ] }'

interface Sample {
  readonly format: StreamFormat
  readonly events: readonly string[]
  /** How many events from the end say that the answer is complete. */
  readonly lastEvents: number
  /** Reads a whole body; the messages of its error events. */
  readonly errorsOf: (text: string) => readonly string[]
}

interface ErrorObject {
  readonly error?: { readonly message: string } | string
  readonly type?: string
  readonly message?: string
}

const messageOf = ({ type, message, error }: ErrorObject): string[] => {
  if (type === 'error' && message !== undefined) return [message]
  return error === undefined ? [] : [typeof error === 'string' ? error : error.message]
}
const sseErrors = (text: string) =>
  text.split(/\r?\n/).flatMap((row) => (row.startsWith('data: {') ? messageOf(JSON.parse(row.slice(6))) : []))
const lineErrors = (text: string) =>
  text.split('\n').flatMap((row) => (row === '' ? [] : messageOf(JSON.parse(row) as ErrorObject)))
const arrayErrors = (text: string) => (JSON.parse(text) as ErrorObject[]).flatMap(messageOf)

const SAMPLES: Readonly<Record<string, Sample>> = {
  'of responses': {
    format: openAiResponsesStream,
    events: [
      sse('response.created', { sequence_number: 0 }),
      sse('response.output_text.delta', { sequence_number: 1, delta: TRAP }),
      sse('response.completed', { sequence_number: 2, response: { output: [TRAP] } }),
    ],
    lastEvents: 1,
    errorsOf: sseErrors,
  },
  'of messages': {
    format: anthropicStream,
    events: [
      sse('message_start', { message: {} }),
      sse('ping', {}),
      sse('content_block_delta', { delta: { text: TRAP } }),
      sse('message_stop', {}),
    ],
    lastEvents: 1,
    errorsOf: sseErrors,
  },
  'of Gemini as events': {
    format: geminiSseStream,
    events: [candidate('a'), candidate(TRAP.replaceAll('"', "'")), candidate('', { finishReason: 'STOP' })].map(
      (data) => `data: ${JSON.stringify(data)}\r\n\r\n`,
    ),
    lastEvents: 1,
    errorsOf: sseErrors,
  },
  'of Gemini as an array': {
    format: geminiArrayStream,
    events: [`[${JSON.stringify(candidate('a'), null, 2)}`, `\n,\r\n${JSON.stringify(candidate(TRAP))}`, '\n]\n'],
    lastEvents: 1,
    errorsOf: arrayErrors,
  },
  'of Ollama': {
    format: ollamaStream,
    events: [
      line({ message: { content: TRAP }, done: false }),
      line({ message: { tool_calls: [{ function: { arguments: { done: true } } }] }, done: false }),
      line({ done: true, done_reason: 'stop' }),
    ],
    lastEvents: 1,
    errorsOf: lineErrors,
  },
  'of prompts': {
    format: promptStream,
    events: [line({ text: TRAP }), line({ text: 'b' })],
    lastEvents: 0,
    errorsOf: lineErrors,
  },
}

function splitAt(bytes: Buffer, points: readonly number[]): Buffer[] {
  const sorted = [...new Set(points.map((point) => point % (bytes.length + 1)))].sort((left, right) => left - right)
  const edges = [0, ...sorted, bytes.length]
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge))
}

function guarded(format: StreamFormat, parts: readonly Buffer[], how: 'end' | Failure) {
  const chunks: Buffer[] = []
  const ends: string[] = []
  const sink: BodySink = {
    write: (chunk) => chunks.push(Buffer.from(chunk)) > 0,
    end: (fault) => void ends.push(fault?.code ?? 'whole'),
    cut: (fault) => void ends.push(`cut ${fault.code}`),
  }
  const source: AnswerStream = {
    start: (guard) => {
      for (const part of parts) guard.write(part)
      if (how === 'end') guard.end(null)
      else guard.cut(how)
    },
    resume: () => {},
    abandon: () => {},
  }
  new EventGuard(source, format).start(sink)
  return { text: Buffer.concat(chunks).toString('utf8'), ends }
}

const CUT = failure('stream_cut', 'The answer broke off before its end: the connection was reset.')
const points = fc.array(fc.nat(), { maxLength: 12 })

describe.each(Object.entries(SAMPLES))('a stream %s', (_, { format, events, lastEvents, errorsOf }) => {
  const whole = Buffer.from(events.join(''))

  test('passes byte for byte wherever it is split', () => {
    const expected = { text: whole.toString('utf8'), ends: ['whole'] }
    for (let at = 0; at <= whole.length; at += 1) expect(guarded(format, splitAt(whole, [at]), 'end')).toEqual(expected)
    fc.assert(
      fc.property(points, (at) => {
        expect(guarded(format, splitAt(whole, at), 'end')).toEqual(expected)
      }),
    )
  })

  test('keeps its whole events and ends in one error event, wherever it is cut and split', () => {
    const length = fc.nat(Buffer.byteLength(events.slice(0, events.length - lastEvents).join('')) - 1)
    fc.assert(
      fc.property(length, points, (at, splits) => {
        const { text, ends } = guarded(format, splitAt(whole.subarray(0, at), splits), CUT)
        expect(ends).toEqual(['stream_cut'])
        expect(errorsOf(text)).toEqual([CUT.message])
        const error = text.slice(commonLength(text, whole.toString('utf8')))
        expect(Buffer.byteLength(text) - Buffer.byteLength(error)).toBeLessThanOrEqual(at + 16)
      }),
    )
  })
})

const withLastEvent = Object.entries(SAMPLES).filter(([, { lastEvents }]) => lastEvents > 0)

describe.each(withLastEvent)('a stream %s', (_, { format, events, lastEvents, errorsOf }) => {
  test('that ends without its last event is told as cut', () => {
    const cut = Buffer.from(events.slice(0, events.length - lastEvents).join(''))
    const { text, ends } = guarded(format, [cut], 'end')
    expect(ends).toEqual(['stream_cut'])
    expect(errorsOf(text)).toHaveLength(1)
    expect(text.startsWith(cut.toString('utf8'))).toBe(true)
  })
})

// The last event of messages is a name and nothing else.
const withLongLastEvent = Object.entries(SAMPLES).filter(
  ([, { format }]) => format.framing.eventBreak !== null && format !== anthropicStream,
)

describe.each(withLongLastEvent)('a stream %s', (_, { format, events }) => {
  test('is not called cut when its last event is longer than is held', () => {
    const padded = events.map((event, index) =>
      index === events.length - 1 ? event.replace(/\}(\s*)$/, `,"more":"${'x'.repeat(2 * MAX_HELD_BYTES)}"}$1`) : event,
    )
    const bytes = Buffer.from(padded.join(''))
    fc.assert(
      fc.property(points, (at) => {
        expect(guarded(format, splitAt(bytes, [...at, 70_000, 140_000]), 'end').ends).toEqual(['whole'])
      }),
      { numRuns: 20 },
    )
  })
})

function commonLength(one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  return at
}

describe('the error event', () => {
  it.each([
    ['goes on with the numbers', 'event: x\ndata: {"sequence_number":41}\n\n', 42],
    ['begins with 0 where there are none', null, 0],
  ])('of responses %s', (_, last, expected) => {
    const text = openAiResponsesStream.errorEvent(CUT, last === null ? null : Buffer.from(last)).toString('utf8')
    expect(JSON.parse(text.split('data: ')[1] ?? '')).toEqual({
      type: 'error',
      code: 'stream_cut',
      message: CUT.message,
      param: null,
      sequence_number: expected,
    })
  })

  test.each([
    ['messages', anthropicStream, 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n'],
    ['Gemini', geminiSseStream, 'data: {"error":{"code":503}}\r\n\r\n'],
    ['Ollama', ollamaStream, '{"error":"out of memory"}\n'],
    ['prompts', promptStream, '{"error":"out of memory"}\n'],
    ['responses', openAiResponsesStream, 'event: error\ndata: {"type":"error","code":"x"}\n\n'],
  ])("is not added to the provider's own in %s", (_, format, own) => {
    expect(guarded(format, [Buffer.from(own)], CUT)).toEqual({ text: own, ends: ['stream_cut'] })
  })
})
