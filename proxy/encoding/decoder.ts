// Undoes the content codings of one body as it comes, at the pace of whoever takes the decoded bytes. Used for request
// bodies, where every stage is bounded (a small body may hold a huge one), and for answers, which are read on their
// way.
//
//   write(chunk) -> decompressor -> (decompressor)* -> sink.write(decoded) ... sink.end() | sink.fail(fault)
import type { Buffer } from 'node:buffer'
import type { Transform } from 'node:stream'
import { createDecompressor, type Coding } from './codings.ts'

export type DecodingFault = 'corrupt' | 'too large'

export interface DecodedSink {
  write(chunk: Buffer): void
  end(): void
  /** Once, and nothing after it. */
  fail(fault: DecodingFault): void
  /** After a write() that returned false: there is room again. */
  drain(): void
}

export class Decoder {
  readonly #codings: readonly Coding[]
  readonly #sink: DecodedSink
  readonly #limitBytes: number
  #stages: readonly Transform[] = []
  #isOver = false

  /** `limitBytes` holds for what comes out of each coding. */
  constructor(codings: readonly Coding[], sink: DecodedSink, limitBytes = Infinity) {
    this.#codings = codings
    this.#sink = sink
    this.#limitBytes = limitBytes
  }

  /** False: enough for the moment; drain() follows. */
  write(chunk: Buffer): boolean {
    if (this.#isOver || chunk.length === 0) return true
    if (this.#stages.length === 0) this.#open(chunk)
    return this.#stages[0]?.write(chunk) ?? true
  }

  /** A body of no bytes decodes to none, whatever its header says (RFC 9110 section 8.4.1 leaves it open). */
  end(): void {
    if (this.#isOver) return
    const [first] = this.#stages
    if (first !== undefined) first.end()
    else this.#finish()
  }

  pause(): void {
    this.#stages.at(-1)?.pause()
  }

  resume(): void {
    this.#stages.at(-1)?.resume()
  }

  /** Nobody wants the rest. */
  close(): void {
    this.#isOver = true
    for (const stage of this.#stages) stage.destroy()
  }

  #open(chunk: Buffer): void {
    const stages = this.#codings.map((coding, index) => createDecompressor(coding, index === 0 ? chunk[0] : undefined))
    this.#stages = stages
    stages.forEach((stage, index) => {
      stage.on('error', () => this.#fail('corrupt'))
      this.#bound(stage)
      const next = stages[index + 1]
      if (next !== undefined) stage.pipe(next)
    })
    stages[0]?.on('drain', () => this.#sink.drain())
    const last = stages.at(-1)
    last?.on('data', (decoded: Buffer) => {
      if (!this.#isOver) this.#sink.write(decoded)
    })
    last?.on('end', () => this.#finish())
  }

  #bound(stage: Transform): void {
    let sizeBytes = 0
    stage.on('data', (decoded: Buffer) => {
      sizeBytes += decoded.length
      if (sizeBytes > this.#limitBytes) this.#fail('too large')
    })
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#sink.end()
  }

  #fail(fault: DecodingFault): void {
    if (this.#isOver) return
    this.close()
    this.#sink.fail(fault)
  }
}
