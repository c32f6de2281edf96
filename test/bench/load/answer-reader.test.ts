// The load generator must know exactly where an answer ends: an end seen early would count calls that never finished.
import { describe, expect, it } from 'vitest'
import { AnswerReader } from './answer-reader.ts'

const SIZED = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const EMPTY = 'HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n'
const CHUNKED =
  'HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nx-end: 1\r\n\r\n'

/** Whether each read ended an answer. */
function ends(reader: AnswerReader, pieces: readonly string[]): boolean[] {
  return pieces.map((piece) => reader.read(Buffer.from(piece)))
}

describe('the end of an answer', () => {
  it.each([
    ['with a length', SIZED, 200],
    ['that is empty', EMPTY, 204],
    ['in chunks with an extension and a trailer', CHUNKED, 503],
  ])('is found in one %s, wherever the bytes are split', (_, answer, status) => {
    for (let at = 1; at < answer.length; at += 1) {
      const reader = new AnswerReader()
      expect(ends(reader, [answer.slice(0, at), answer.slice(at)]), `split at ${at}`).toEqual([false, true])
      expect(reader.status).toBe(status)
    }
  })

  it('is found byte by byte, and the reader is ready for the next answer', () => {
    const reader = new AnswerReader()
    for (const answer of [CHUNKED, SIZED, CHUNKED]) {
      expect(ends(reader, answer.split(''))).toEqual(answer.split('').map((_, index) => index === answer.length - 1))
    }
  })

  it.each([
    ['has more bytes than its length', `${SIZED}!`, /1 bytes longer/],
    ['has neither a length nor chunks', 'HTTP/1.1 200 OK\r\n\r\nhello', /without an end/],
    [
      'has a chunk without a size',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nhi\r\n',
      /not a chunk size: "hi"/,
    ],
  ])('is a fault when the answer %s', (_, answer, sentence) => {
    expect(() => new AnswerReader().read(Buffer.from(answer))).toThrow(sentence)
  })
})
