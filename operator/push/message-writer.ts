// The writing side of a proxy's stream: messages to lines, and a limit to what waits for a slow reader. It decides that
// a reader is slow; ending the stream is the session's part.
import type { Duplex } from 'node:stream'
import { toLine } from '../../proxy/table/messages.ts'
import type { FromOperator } from '../../proxy/table/messages.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'

/** Two of the largest tables: one in flight, and what follows it. */
export const MAX_BUFFERED_BYTES = 8 * 1024 * 1024
/** A reader that has not taken everything within this time is slow. */
export const DRAIN_LIMIT_MS = 20_000

export class MessageWriter {
  readonly #stream: Duplex
  readonly #clock: Clock
  readonly #onSlow: () => void
  #cancelDrain: (() => void) | null = null
  #isStopped = false

  constructor(stream: Duplex, clock: Clock, onSlow: () => void) {
    this.#stream = stream
    this.#clock = clock
    this.#onSlow = onSlow
  }

  send(message: FromOperator): void {
    this.#write(toLine(message))
  }

  /** The table is serialised once for its whole group, so it is put into its envelope as text. */
  sendSnapshot(snapshot: { readonly version: string; readonly nonce: string; readonly tableJson: string }): void {
    const { version, nonce, tableJson } = snapshot
    const envelope = JSON.stringify({ type: 'snapshot', version, nonce })
    this.#write(`${envelope.slice(0, -1)},"table":${tableJson}}\n`)
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelDrain?.()
  }

  #write(line: string): void {
    if (this.#isStopped || this.#stream.writableEnded || this.#stream.destroyed) return
    const hasRoom = this.#stream.write(line)
    if (this.#stream.writableLength > MAX_BUFFERED_BYTES) this.#onSlow()
    else if (!hasRoom) this.#awaitDrain()
  }

  #awaitDrain(): void {
    if (this.#cancelDrain !== null || this.#isStopped) return
    this.#cancelDrain = this.#clock.after(DRAIN_LIMIT_MS, this.#onSlow)
    this.#stream.once('drain', () => {
      this.#cancelDrain?.()
      this.#cancelDrain = null
    })
  }
}
