// One answer for several callers, while it arrives and after: what came is kept, within a bound, so that a caller who
// comes late reads from the beginning and then on with the others. Placed behind translation and the guard of events,
// and in front of restoring: the bytes hold the leader's placeholders.
//
//   provider's AnswerStream -> Recording -> RecordingReader (one per caller) -> guard -> restore -> caller
//                                 '-- ended: complete --> the cache's entry
//
// A caller who reads slowly holds up nobody: the provider is held back only when no reader wants more. Longer than the
// bound, or out of the common budget, it keeps what its readers have yet to read and nothing else; who joins is turned
// away, and who lags further behind than the bound while others read on is cut off.
import type { Buffer } from 'node:buffer'
import { failure, type Failure } from '../../errors.ts'
import type { Answered, AnswerBody, BodySink } from '../../exchange.ts'
import type { RecordingBudget } from './recording-budget.ts'
import { RecordingReader, type Ending, type Waiting } from './recording-reader.ts'
import { Tape } from './tape.ts'

/** Of one answer; a longer one is neither joined nor stored. */
export const MAX_RECORDING_BYTES = 4 * 1024 * 1024
/** How far a reader may lag behind once the common budget is used up: what was in flight to it when it ran out. */
export const MAX_LAG_WITHOUT_BUDGET_BYTES = 256 * 1024

/** What is alike for every caller of an answer. */
export type RecordedHead = Omit<Answered, 'body'>

export type RecordingEnd =
  /** To its last event or byte; `read` gives all of it, to be called at once. */
  | { readonly kind: 'complete'; readonly read: () => Buffer }
  /** The provider broke off, or its stream had no end. */
  | { readonly kind: 'cut'; readonly fault: Failure }
  /** Longer than the bound. */
  | { readonly kind: 'overflowed' }

export interface RecordingParts {
  readonly head: RecordedHead
  readonly body: AnswerBody
  readonly maxBytes: number
  readonly budget: RecordingBudget
  /** Nobody reads any more, and the answer has not ended: it may be called off. */
  readonly onDeserted: () => void
  /** Once; `overflowed` while the answer goes on. */
  readonly onEnded: (end: RecordingEnd) => void
}

export class Recording implements BodySink {
  readonly head: RecordedHead
  readonly #parts: RecordingParts
  readonly #tape = new Tape()
  readonly #readers = new Set<RecordingReader>()
  #isWhole = true
  #isEndTold = false
  #ending: Ending | null = null
  #heldBytes = 0

  constructor(parts: RecordingParts) {
    this.head = parts.head
    this.#parts = parts
  }

  /** False: its beginning is gone, or somebody called it off. */
  get isJoinable(): boolean {
    return this.#isWhole && this.#ending?.kind !== 'cut'
  }

  get endsAt(): number {
    return this.#tape.endsAt
  }

  /** Null: more may come. */
  get ending(): Ending | null {
    return this.#ending
  }

  /** Behind the first join(): a body that is here already is complete with it. */
  begin(): void {
    const { body, maxBytes } = this.#parts
    if ('start' in body) return body.start(this)
    this.#ending = { kind: 'ended', fault: null }
    this.#tellEnd(body.length > maxBytes ? { kind: 'overflowed' } : { kind: 'complete', read: () => body })
  }

  /** From the first byte; a body that had come as a whole is given as a whole. */
  join(waiting: Waiting): AnswerBody {
    const { body } = this.#parts
    if (!('start' in body)) return body
    const reader = new RecordingReader(this, waiting)
    this.#readers.add(reader)
    reader.board()
    return reader
  }

  write(chunk: Buffer): boolean {
    const from = this.#tape.endsAt
    this.#keep(chunk)
    for (const reader of this.#readers) reader.offer(chunk, from)
    if (!this.#isWhole) this.#forget()
    return this.#isWanted()
  }

  end(fault: Failure | null): void {
    this.#finish({ kind: 'ended', fault })
  }

  cut(fault: Failure): void {
    this.#finish({ kind: 'cut', fault })
  }

  /** For readers: what stands from there on. */
  read(from: number): Buffer {
    return this.#tape.read(from)
  }

  /** For readers: one wants more than there is. */
  resume(): void {
    const { body } = this.#parts
    if (this.#ending === null && 'start' in body) body.resume()
  }

  /** For readers: one has read all it wanted. */
  leave(reader: RecordingReader): void {
    this.#readers.delete(reader)
    if (!this.#isWhole) this.#forget()
    if (this.#readers.size > 0) return this.#isWanted() ? this.resume() : undefined
    if (this.#ending === null) this.#parts.onDeserted()
    else this.#release()
  }

  #keep(chunk: Buffer): void {
    const isTooLong = this.#tape.endsAt + chunk.length > this.#parts.maxBytes
    if (this.#isWhole && (isTooLong || !this.#parts.budget.hasRoom)) this.#overflow()
    if (!this.#isWhole && this.#isReadToTheEnd()) this.#tape.skip(chunk.length)
    else this.#tape.append(chunk)
    this.#account()
  }

  #overflow(): void {
    this.#isWhole = false
    this.#tellEnd({ kind: 'overflowed' })
  }

  /** What every reader has passed, and readers that hold too much. */
  #forget(): void {
    const { maxBytes, budget } = this.#parts
    const maxLagBytes = budget.hasRoom ? maxBytes : Math.min(maxBytes, MAX_LAG_WITHOUT_BUDGET_BYTES)
    let first = this.#tape.endsAt
    for (const reader of this.#readers) {
      if (this.#tape.endsAt - reader.place > maxLagBytes && this.#isWanted()) reader.cut(tooSlow(maxLagBytes))
      else first = Math.min(first, reader.place)
    }
    this.#tape.dropBefore(first)
    this.#account()
  }

  /** A reader that has not begun wants nothing yet. */
  #isWanted(): boolean {
    for (const { isReady } of this.#readers) if (isReady) return true
    return false
  }

  #isReadToTheEnd(): boolean {
    for (const { place } of this.#readers) if (place < this.#tape.endsAt) return false
    return true
  }

  #finish(ending: Ending): void {
    if (this.#ending !== null) return
    this.#ending = ending
    const { kind, fault } = ending
    if (fault !== null) this.#tellEnd({ kind: 'cut', fault })
    else if (kind === 'ended' && this.#isWhole) this.#tellEnd({ kind: 'complete', read: () => this.#tape.whole() })
    for (const reader of this.#readers) reader.pump()
    if (this.#readers.size === 0) this.#release()
  }

  #tellEnd(end: RecordingEnd): void {
    if (this.#isEndTold) return
    this.#isEndTold = true
    this.#parts.onEnded(end)
  }

  #release(): void {
    this.#isWhole = false
    this.#tape.dropBefore(this.#tape.endsAt)
    this.#account()
  }

  #account(): void {
    this.#parts.budget.move(this.#tape.heldBytes - this.#heldBytes)
    this.#heldBytes = this.#tape.heldBytes
  }
}

function tooSlow(maxLagBytes: number): Failure {
  const kibibytes = Math.floor(maxLagBytes / 1024)
  return failure(
    'stream_cut',
    `The answer is shared, and this caller lags more than ${kibibytes} KiB behind the others.`,
  )
}
