// A guarded stream over every split of its bytes: whole streams pass byte for byte, cut ones end in one error event.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { endOfLastEvent, EventGuard, MAX_HELD_BYTES } from '../../../proxy/dialect/event-guard.ts'
import { openaiChat } from '../../../proxy/dialect/openai-chat.ts'
import { failure, type Failure } from '../../../proxy/errors.ts'
import type { AnswerStream, BodySink } from '../../../proxy/exchange.ts'

interface Collected {
  readonly text: string
  readonly error: string | null
  readonly ends: number
}

/** Feeds the parts through a guard; `how` is the way the source ends. */
function guarded(parts: readonly Buffer[], how: 'end' | Failure): Collected {
  const chunks: Buffer[] = []
  const ends: (Failure | null)[] = []
  const sink: BodySink = {
    write: (chunk) => chunks.push(Buffer.from(chunk)) > 0,
    end: (fault) => void ends.push(fault),
    cut: () => {
      throw new Error('a guarded stream is never cut in silence')
    },
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
  new EventGuard(source, openaiChat).start(sink)
  return { text: Buffer.concat(chunks).toString('utf8'), error: ends[0]?.code ?? null, ends: ends.length }
}

function splitAt(bytes: Buffer, points: readonly number[]): Buffer[] {
  const sorted = [...new Set(points.map((point) => point % (bytes.length + 1)))].sort((left, right) => left - right)
  const edges = [0, ...sorted, bytes.length]
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge))
}

const EVENTS = [
  'data: {"choices":[{"delta":{"content":"häl"}}]}',
  ': ping',
  'event: x\ndata: {"a":"[DONE]"}',
  'data: {}',
]
const points = fc.array(fc.nat(), { maxLength: 12 })
const cut = failure('stream_cut', 'The answer broke off before its end: the connection was reset.')

describe.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
])('a stream whose lines end with %s', (_, lineEnd) => {
  const whole = Buffer.from(
    `${[...EVENTS, 'data: [DONE]'].map((event) => event.replaceAll('\n', lineEnd)).join(lineEnd + lineEnd)}${lineEnd}${lineEnd}`,
  )

  test('passes byte for byte wherever it is split', () => {
    for (let at = 0; at <= whole.length; at += 1) {
      const result = guarded(splitAt(whole, [at]), 'end')
      expect(result).toEqual({ text: whole.toString('utf8'), error: null, ends: 1 })
    }
    fc.assert(
      fc.property(points, (at) => {
        expect(guarded(splitAt(whole, at), 'end')).toEqual({ text: whole.toString('utf8'), error: null, ends: 1 })
      }),
    )
  })

  test('ends with one error event and whole events before it, wherever it is cut and split', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), points, fc.constantFrom('end' as const, cut), (length, at, how) => {
        const bytes = whole.subarray(0, length)
        fc.pre(!bytes.toString('utf8').trimEnd().endsWith('[DONE]'))
        const { text, error, ends } = guarded(splitAt(bytes, at), how)
        expect([error, ends]).toEqual(['stream_cut', 1])
        const events = text.split(/\n\n|\r\n\r\n/)
        const known = EVENTS.map((event) => event.replaceAll('\n', lineEnd))
        expect(events.at(-1)).toBe('')
        expect(JSON.parse(events.at(-2)?.replace('data: ', '') ?? '')).toMatchObject({ error: { code: 'stream_cut' } })
        expect(events.slice(0, -2)).toEqual(known.slice(0, events.length - 2))
      }),
    )
  })
})

describe('the end of a stream', () => {
  const delta = 'data: {"choices":[]}\n\n'
  it.each([
    ['with its last event', `${delta}data: [DONE]\n\n`, null],
    ['without a space before the last event', `${delta}data:[DONE]\n\n`, null],
    ['with a comment after its last event', `${delta}data: [DONE]\n\n: bye\n\n`, null],
    ['with no blank line after its last event', `${delta}data: [DONE]`, null],
    ['with its last event alone', 'data: [DONE]\n\n', null],
    ['without its last event', delta, 'stream_cut'],
    ['with those words inside of a delta', 'data: {"content":"data: [DONE]"}\n\n', 'stream_cut'],
    ['with those words in another field', 'event: data: [DONE]\n\n', 'stream_cut'],
  ])('%s', (_, text, expected) => {
    expect(guarded([Buffer.from(text)], 'end').error).toBe(expected)
  })

  test("adds no second error event after the provider's own", () => {
    const own = `${delta}data: {"error":{"message":"overloaded"}}\n\n`
    const result = guarded([Buffer.from(own)], 'end')
    expect(result).toEqual({ text: own, error: 'stream_cut', ends: 1 })
  })

  test('writes nothing more to a caller that has gone', () => {
    const result = guarded([Buffer.from(delta)], failure('caller_gone', 'gone'))
    expect(result).toEqual({ text: delta, error: 'caller_gone', ends: 1 })
  })

  test('passes an event on in parts when it is longer than what may be held', () => {
    const long = Buffer.from(`data: ${'x'.repeat(3 * MAX_HELD_BYTES)}`)
    const parts = splitAt(long, [1000, MAX_HELD_BYTES, 2 * MAX_HELD_BYTES])
    const { text, error } = guarded(parts, cut)
    expect(error).toBe('stream_cut')
    expect(text.split('\n\n')).toHaveLength(3)
    expect(text.startsWith(`data: ${'x'.repeat(MAX_HELD_BYTES)}`)).toBe(true)
  })
})

describe('endOfLastEvent', () => {
  it.each([
    ['', 0],
    ['\n', 0],
    ['a\n\n', 3],
    ['a\n\nb', 3],
    ['a\n\nb\n', 3],
    ['a\r\n\r\n', 5],
    ['a\r\n\r', 0],
    ['a\r\n\r\nb\r\n', 5],
    ['a\n\r\n', 4],
    ['a\r\rb', 3],
  ])('of %j is %i', (text, expected) => {
    expect(endOfLastEvent(Buffer.from(text))).toBe(expected)
  })
})
