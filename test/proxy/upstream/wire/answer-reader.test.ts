// Answers read at every boundary: the same parts come out, however the bytes were cut, and none points into the buffer
// that the next read will overwrite.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HeaderNames } from '../../../../proxy/upstream/wire/answer-head.ts'
import {
  AnswerReader,
  MAX_HEAD_BYTES,
  MAX_INFORMATIONAL,
  MAX_PASSED_OVER_BYTES,
} from '../../../../proxy/upstream/wire/answer-reader.ts'

interface Seen {
  status: number | null
  body: string
  /** `clean`, `unclean`, or the fault. */
  end: string | null
}

/** Feeds the pieces through one buffer, as a connection does. */
function readAll(pieces: readonly string[], isClosed = false): Seen {
  const seen: Seen = { status: null, body: '', end: null }
  const bodies: Buffer[] = []
  const reader = new AnswerReader(new HeaderNames(), {
    onHead: ({ status }) => (seen.status = status),
    onBody: (bytes) => void bodies.push(bytes),
    onEnd: (isClean) => (seen.end = isClean ? 'clean' : 'unclean'),
    onFault: (fault) => (seen.end = fault),
  })
  reader.expect()
  const shared = Buffer.alloc(128 * 1024)
  for (const piece of pieces) {
    const size = shared.write(piece, 'latin1')
    reader.read(shared.subarray(0, size))
    shared.fill('#')
  }
  if (isClosed) reader.close()
  return { ...seen, body: Buffer.concat(bodies).toString('latin1') }
}

const HEAD = 'HTTP/1.1 200 OK\r\n'
const counted = `${HEAD}content-length: 11\r\n\r\nhello world`
const chunked = `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6;a="b"\r\n world\r\n0\r\nx-t: 1\r\n\r\n`
const untilClose = `${HEAD}x-a: 1\r\n\r\nhello world`
const hinted = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n${chunked}`

test.each([
  ['with a length', counted, 'clean'],
  ['in chunks, with an extension and a trailer', chunked, 'clean'],
  ['that ends with the connection', untilClose, 'unclean'],
  ['after informational ones', hinted, 'clean'],
])('an answer %s is the same for every two cuts', (_, text, end) => {
  const seen = new Set<string>()
  for (let first = 0; first <= text.length; first += 1) {
    for (let second = first; second <= text.length; second += 1) {
      const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)]
      seen.add(JSON.stringify(readAll(pieces, text === untilClose)))
    }
  }
  expect([...seen]).toEqual([JSON.stringify({ status: 200, body: 'hello world', end })])
})

test('whatever is in chunks of whatever sizes comes out as it is, at any cuts', () => {
  const body = fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 300 }), { maxLength: 8 })
  const cuts = fc.array(fc.nat(2_000), { maxLength: 12 })
  const property = fc.property(body, cuts, (parts, places) => {
    const chunks = parts.map((part) => `${part.length.toString(16).toUpperCase()}\r\n${part}\r\n`).join('')
    const text = `${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`
    const ordered = [0, ...places.filter((at) => at < text.length).sort((a, b) => a - b), text.length]
    const pieces = ordered.slice(1).map((at, index) => text.slice(ordered[index], at))
    expect(readAll(pieces)).toEqual({ status: 200, body: parts.join(''), end: 'clean' })
  })
  fc.assert(property, { numRuns: 1_000 })
})

test('no bytes at all make it throw, and it never says more than one end', () => {
  const noise = fc.oneof(
    fc.string({ unit: 'binary-ascii', maxLength: 60 }),
    fc.constantFrom(
      HEAD,
      '\r\n',
      'content-length: 3\r\n',
      'transfer-encoding: chunked\r\n',
      '0',
      '5\r\n',
      'ff',
      'abc',
      ':',
    ),
  )
  const property = fc.property(fc.array(noise, { maxLength: 14 }), (pieces) => {
    let ends = 0
    let bytesAfterEnd = 0
    const reader = new AnswerReader(new HeaderNames(), {
      onHead: () => {},
      onBody: ({ length }) => (bytesAfterEnd += ends === 0 ? 0 : length),
      onEnd: () => (ends += 1),
      onFault: () => (ends += 10),
    })
    reader.expect()
    for (const piece of pieces) reader.read(Buffer.from(piece, 'latin1'))
    reader.close()
    // Bytes that nobody asked for may follow a whole answer; then the connection is refused.
    expect([1, 10, 11]).toContain(ends)
    expect(bytesAfterEnd).toBe(0)
  })
  fc.assert(property, { numRuns: 1_000 })
})

const NOT_HTTP = 'not HTTP'
const inChunks = (rest: string) => `${HEAD}transfer-encoding: chunked\r\n\r\n${rest}`

test.each([
  ['a chunk without a size', inChunks('\r\nhello'), NOT_HTTP],
  ['a size that is no number', inChunks('x\r\n'), NOT_HTTP],
  ['a negative size', inChunks('-1\r\n'), NOT_HTTP],
  ['a size with 0x', inChunks('0x5\r\nhello\r\n'), NOT_HTTP],
  ['a size that no number holds', inChunks('fffffffffffffff\r\n'), NOT_HTTP],
  ['a size that ends in a line feed alone', inChunks('5\nhello\r\n'), NOT_HTTP],
  ['a chunk that is longer than its size', inChunks('5\r\nhello!\r\n'), NOT_HTTP],
  ['a chunk that ends in a line feed alone', inChunks('5\r\nhello\n0\r\n\r\n'), NOT_HTTP],
  ['an endless extension', inChunks(`5;${'a'.repeat(MAX_PASSED_OVER_BYTES)}`), NOT_HTTP],
  ['an endless trailer', inChunks(`0\r\n${'x: 1\r\n'.repeat(MAX_PASSED_OVER_BYTES / 6 + 1)}`), NOT_HTTP],
  ['an upgrade that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', NOT_HTTP],
  ['endless informational answers', 'HTTP/1.1 102 P\r\n\r\n'.repeat(MAX_INFORMATIONAL + 1), NOT_HTTP],
  ['an endless head', `${HEAD}x: ${'a'.repeat(MAX_HEAD_BYTES)}`, 'head too large'],
  ['a head that is too large and whole', `${HEAD}x: ${'a'.repeat(MAX_HEAD_BYTES)}\r\n\r\n`, 'head too large'],
  ['a page of text', 'hello\r\n\r\n', NOT_HTTP],
])('%s is a fault, in one piece and byte by byte', (_, text, fault) => {
  expect(readAll([text]).end).toBe(fault)
  expect(readAll(text.split('')).end).toBe(fault)
})

test.each([
  ['before an answer', ''],
  ['in the head', HEAD],
  ['in a counted body', counted.slice(0, -1)],
  ['in a chunk', chunked.slice(0, chunked.indexOf('hello') + 2)],
  ['before the last chunk', chunked.slice(0, chunked.indexOf('0\r\nx-t'))],
  ['in the trailer', chunked.slice(0, -2)],
])('a connection that closes %s is a fault', (_, text) => {
  expect(readAll([text], true).end).toBe('closed')
})

test('bytes behind an answer make the connection unclean, and are nobody’s answer', () => {
  expect(readAll([`${counted}${counted}`])).toEqual({ status: 200, body: 'hello world', end: 'unclean' })
  expect(readAll([`${chunked}x`])).toEqual({ status: 200, body: 'hello world', end: 'unclean' })
  expect(readAll([counted, 'x']).end).toBe('unasked')
})

test('a receiver that stops the reader gets nothing more of the same read', () => {
  const seen: string[] = []
  const reader = new AnswerReader(new HeaderNames(), {
    onHead: () => seen.push('head'),
    onBody: () => {
      seen.push('body')
      reader.stop()
    },
    onEnd: () => seen.push('end'),
    onFault: () => seen.push('fault'),
  })
  reader.expect()
  reader.read(Buffer.from(chunked))
  reader.close()
  expect(seen).toEqual(['head', 'body'])
})
