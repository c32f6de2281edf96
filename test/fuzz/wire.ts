// The answers of providers as bytes of HTTP/1.1: whatever comes, and however it is cut, it is read in one way.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { HeaderNames } from '../../proxy/upstream/wire/answer-head.ts'
import { AnswerReader } from '../../proxy/upstream/wire/answer-reader.ts'
import { inPieces, nearly, pieceSizes } from './inputs.ts'

const ANSWERS = [
  'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=1\r\n{}\r\n0\r\nx-sum: 1\r\n\r\n',
  'HTTP/1.1 103 Early\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No\r\n\r\n',
  'HTTP/1.0 200 \r\nx-a: 1\r\nx-a: 2\r\n\r\nto the end',
  'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil',
]

/** What the reader tells, bodies joined, until the answer is over. */
function told(pieces: readonly Buffer[]): string {
  const seen: unknown[] = []
  let body = ''
  const reader: AnswerReader = new AnswerReader(new HeaderNames(), {
    onHead: ({ status, headers, framing }) => seen.push(['head', status, headers, framing]),
    onBody: (bytes) => (body += bytes.toString('latin1')),
    onEnd: () => {
      seen.push('end')
      reader.stop()
    },
    onFault: (fault) => {
      seen.push(fault)
      reader.stop()
    },
  })
  reader.expect()
  for (const piece of pieces) reader.read(Buffer.from(piece))
  reader.close()
  return JSON.stringify([seen, body])
}

export function readsAnswers(): fc.IRawProperty<unknown, false> {
  return fc.property(nearly(ANSWERS), pieceSizes, (bytes, sizes) => {
    const whole = told([bytes])
    const parts = told(inPieces(bytes, sizes))
    // A fault may be seen before a body that came in the same piece is told: what is told then is never used.
    const isFaulty = /"(?:not HTTP|head too large|closed|unasked)"/.test(whole)
    if (isFaulty ? !/"(?:not HTTP|head too large|closed|unasked)"/.test(parts) : whole !== parts) {
      throw new Error(`${whole} in one piece, ${parts} in several`)
    }
  })
}
