// The event-stream reader: the standard's rules one by one, then the same events for every way to cut the bytes.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SseReader } from '../../../proxy/dialect/sse.ts'
import { allSplits, cut, readAll, sizes } from './framing.ts'

const data = (...texts: string[]) => texts.map((text) => ({ name: null, text }))

const cases: readonly (readonly [
  string,
  string,
  ReturnType<typeof readAll>['events'] | { name: string; text: string }[],
])[] = [
  ['an event ends at a blank line', 'data: a\n\ndata: b\n\n', data('a', 'b')],
  ['lines end with CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', data('a', 'b')],
  ['lines end with CR alone', 'data: a\r\rdata: b\r\r', data('a', 'b')],
  ['line ends may be mixed', 'data: a\r\n\ndata: b\n\r\ndata: c\r\r\n', data('a', 'b', 'c')],
  ['the space after the colon is optional, and only one is taken', 'data:a\n\ndata:  b\n\n', data('a', ' b')],
  ['several data lines join with LF', 'data: a\ndata: b\r\ndata\ndata:\n\n', data('a\nb\n\n')],
  [
    'a type is kept for its own event only',
    'event: ping\ndata: {}\n\ndata: x\n\n',
    [
      { name: 'ping', text: '{}' },
      { name: null, text: 'x' },
    ],
  ],
  ['an event without data is none, and its type is forgotten', 'event: ping\n\ndata: x\n\n', data('x')],
  ['an empty data line is an event with empty data', 'data:\n\n', data('')],
  [
    'comments, ids, retries and unknown fields are skipped',
    ': hi\nid: 1\nretry: 2\ndatax: 3\nnothing\n\ndata: a\n\n',
    data('a'),
  ],
  ['a comment between the lines of an event does not end it', 'data: a\n: keep-alive\ndata: b\n\n', data('a\nb')],
  ['a byte order mark at the start is skipped', '\ufeffdata: a\n\n', data('a')],
  ['a byte order mark elsewhere is not', 'data: a\n\n\ufeffdata: b\n\n', data('a')],
  ['an unterminated last event is discarded', 'data: a\n\ndata: b\n', data('a')],
  ['characters of several bytes stay whole', 'data: grüße 👋 日本\n\n', data('grüße 👋 日本')],
  ['colons in the data belong to it', 'data: a: b\n\n', data('a: b')],
]

test.each(cases)('%s, wherever the bytes are cut', (_, stream, expected) => {
  for (const chunks of allSplits(Buffer.from(stream))) expect(readAll(new SseReader(), chunks).events).toEqual(expected)
})

test('an event comes out with the byte that completes it, also when a CR may be half of a CRLF', () => {
  const reader = new SseReader()
  expect(reader.push(Buffer.from('data: a\r\n\r'))).toHaveLength(1)
  expect(reader.push(Buffer.from('\ndata: b\n\n')).map(({ data: bytes }) => bytes.toString())).toEqual(['b'])
})

test('a single data line in one chunk is handed out as a slice of that chunk', () => {
  const chunk = Buffer.from('data: abc\n\n')
  const [event] = new SseReader().push(chunk)
  expect(event?.data.buffer).toBe(chunk.buffer)
})

test('events that were handed out stay as they are while the stream goes on', () => {
  const reader = new SseReader()
  const stream = Buffer.from('data: first\n\ndata: second\n\ndata: third\n\n')
  const events = cut(stream, [5, 12, 3, 9, 2]).flatMap((chunk) => {
    const own = Buffer.from(chunk)
    return [...reader.push(own)]
  })
  expect(events.map(({ data: bytes }) => bytes.toString())).toEqual(['first', 'second', 'third'])
})

test.each([
  [10, null],
  [11, 'event_too_large'],
])('an event of %i bytes against a bound of 10 gives %s, whether it is complete or not', (length, fault) => {
  const event = `data:${'x'.repeat(length - 6)}\n`
  for (const chunks of allSplits(Buffer.from(`${event}\ndata:y\n\n`))) {
    const read = readAll(new SseReader(10), chunks)
    expect(read).toEqual({ events: fault === null ? data('x'.repeat(length - 6), 'y') : [], fault })
  }
})

test('a stream without any line end is given up at the bound and not kept', () => {
  const reader = new SseReader(1000)
  for (let count = 0; count < 100; count += 1) reader.push(Buffer.alloc(100, 'x'))
  expect(reader.fault?.code).toBe('event_too_large')
  expect(reader.push(Buffer.from('\n\ndata: a\n\n'))).toEqual([])
})

test('any bytes, cut anywhere, give the events that the whole gives, and never throw', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'data:',
      'data: ',
      'event:',
      '\n',
      '\r',
      '\r\n',
      '\n\n',
      ':',
      ' ',
      '\ufeff',
      'é',
      '👋',
      '{"a":1}',
      '[DONE]',
    ),
    fc.string({ maxLength: 8 }),
  )
  const stream = fc.oneof(
    fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(''))),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  )
  fc.assert(
    fc.property(stream, sizes, (bytes, cuts) => {
      expect(readAll(new SseReader(), cut(bytes, cuts))).toEqual(readAll(new SseReader(), [bytes]))
    }),
    { numRuns: 3000 },
  )
})

test('events written by the standard are read back, whatever their text and line ends', () => {
  const event = fc.record({
    name: fc.option(fc.constantFrom('a', 'message_start')),
    text: fc.string({ unit: 'grapheme' }),
  })
  const clean = fc
    .array(event, { maxLength: 10 })
    .map((events) => events.map(({ name, text }) => ({ name, text: text.replace(/\r\n?/g, '\n') })))
  fc.assert(
    fc.property(clean, fc.constantFrom('\n', '\r', '\r\n'), sizes, (events, lineEnd, cuts) => {
      const lines = events.flatMap(({ name, text }) => [
        ...(name === null ? [] : [`event: ${name}`]),
        ...text.split('\n').map((line) => `data: ${line}`),
        '',
      ])
      const bytes = Buffer.from(lines.map((line) => line + lineEnd).join(''))
      expect(readAll(new SseReader(), cut(bytes, cuts)).events).toEqual(events)
    }),
    { numRuns: 500 },
  )
})
