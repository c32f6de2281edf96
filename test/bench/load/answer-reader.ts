// Finds where one HTTP/1.1 answer ends on a keep-alive connection: by content-length or by chunks. Cheap on purpose:
// the load generator shares a core with the upstream, and what it costs lowers the load it can make.

const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_FEED = 10
export const MAX_HEAD_BYTES = 64 * 1024

type State = 'head' | 'sized' | 'chunked'

export class AnswerReader {
  #state: State = 'head'
  #head: Buffer = Buffer.alloc(0)
  #remaining = 0
  #line = ''
  #isAfterLastChunk = false
  status = 0

  /** True when these bytes end the answer. Throws on bytes that are no answer this client can read. */
  read(bytes: Buffer): boolean {
    if (this.#state === 'sized') return this.#readSized(bytes.length)
    if (this.#state === 'chunked') return this.#readChunked(bytes, 0)
    return this.#readHead(this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]))
  }

  #readHead(bytes: Buffer): boolean {
    const end = bytes.indexOf(HEAD_END)
    if (end === -1) {
      if (bytes.length > MAX_HEAD_BYTES) throw new Error(`an answer's head is longer than ${MAX_HEAD_BYTES} bytes`)
      this.#head = Buffer.from(bytes)
      return false
    }
    this.#head = Buffer.alloc(0)
    const head = bytes.toString('latin1', 0, end)
    this.status = Number(head.slice(9, 12))
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)
    const bodyAt = end + HEAD_END.length
    if (length !== null) {
      this.#state = 'sized'
      this.#remaining = Number(length[1])
      return this.#readSized(bytes.length - bodyAt)
    }
    if (!/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error(`an answer without an end: ${head}`)
    this.#state = 'chunked'
    return this.#readChunked(bytes, bodyAt)
  }

  #readSized(byteCount: number): boolean {
    this.#remaining -= byteCount
    if (this.#remaining < 0) throw new Error(`an answer is ${-this.#remaining} bytes longer than its content-length`)
    return this.#remaining === 0 ? this.#finish() : false
  }

  #readChunked(bytes: Buffer, from: number): boolean {
    let at = from
    while (at < bytes.length) {
      if (this.#remaining > 0) {
        const taken = Math.min(this.#remaining, bytes.length - at)
        this.#remaining -= taken
        at += taken
        continue
      }
      const end = bytes.indexOf(LINE_FEED, at)
      this.#line += bytes.toString('latin1', at, end === -1 ? bytes.length : end)
      if (end === -1) return false
      at = end + 1
      if (this.#takeLine()) return this.#finish()
    }
    return false
  }

  // A size line, or a trailer line after the last chunk; true at the empty line that ends the answer.
  #takeLine(): boolean {
    const line = this.#line.trim()
    this.#line = ''
    if (this.#isAfterLastChunk) return line === ''
    const size = Number.parseInt(line, 16)
    if (Number.isNaN(size)) throw new Error(`not a chunk size: "${line}"`)
    if (size === 0) this.#isAfterLastChunk = true
    else this.#remaining = size + 2
    return false
  }

  #finish(): true {
    this.#state = 'head'
    this.#isAfterLastChunk = false
    return true
  }
}
