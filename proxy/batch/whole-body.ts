// An answer's body when all of it has come, within a bound. Merged answers are longer than the pipeline holds back, so
// they come as streams and are gathered here.
import { Buffer } from 'node:buffer'
import { Chunks } from '../chunks.ts'
import type { AnswerBody } from '../exchange.ts'

/** Null: it broke off, or is longer than the bound; the rest is not read. */
export function wholeBody(body: AnswerBody, maxBytes: number): Promise<Buffer | null> | Buffer | null {
  if (Buffer.isBuffer(body)) return body.length <= maxBytes ? body : null
  const stream = body
  return new Promise((resolve) => {
    const chunks = new Chunks()
    let sizeBytes = 0
    stream.start({
      write: (chunk) => {
        sizeBytes += chunk.length
        if (sizeBytes > maxBytes) {
          resolve(null)
          stream.abandon()
        } else chunks.push(chunk)
        return true
      },
      end: (fault) => resolve(fault === null && sizeBytes <= maxBytes ? chunks.whole() : null),
      cut: () => resolve(null),
    })
  })
}
