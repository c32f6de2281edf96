// The record of one passed-through call, from its start to its one report: what http-proxy's events say becomes an
// Exchange like any other call's. passthrough.ts moves the bytes.
import type { ErrorCode } from '../errors.ts'
import { statusOf } from '../errors.ts'
import type { Exchange } from '../exchange.ts'

const UNAUTHORIZED = 401

export interface PassedCallDeps {
  readonly now: () => number
  readonly report: (exchange: Exchange) => void
  readonly onEnd: () => void
}

export interface PassedCallFacts {
  readonly id: string
  readonly targetId: string | null
  readonly tableVersion: string | null
  /** The provider's key was put in. */
  readonly isKeyed: boolean
}

export class PassedCall {
  readonly #facts: PassedCallFacts
  readonly #deps: PassedCallDeps
  readonly #startMs: number
  #firstByteAtMs: number | null = null
  #answerBytes = 0
  #status = 0
  #error: ErrorCode | null = null
  #isClosed = false

  constructor(facts: PassedCallFacts, deps: PassedCallDeps) {
    this.#facts = facts
    this.#deps = deps
    this.#startMs = deps.now()
  }

  answered(status: number): void {
    this.#status = status
  }

  countChunk(sizeBytes: number): void {
    this.#firstByteAtMs ??= this.#deps.now()
    this.#answerBytes += sizeBytes
  }

  /** The first fault counts; later ones follow from it. */
  failed(error: ErrorCode): void {
    if (this.#error !== null) return
    this.#error = error
    if (this.#status === 0 || error === 'caller_gone') this.#status = statusOf(error)
  }

  /** `isComplete`: the caller has its whole answer. */
  close(isComplete: boolean): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (!isComplete) this.failed('caller_gone')
    const durationMs = this.#deps.now() - this.#startMs
    const { isKeyed, ...facts } = this.#facts
    const { targetId } = facts
    const failureClass = isKeyed && this.#status === UNAUTHORIZED && this.#error === null ? 'Auth' : null
    const outcome = this.#error ?? String(this.#status)
    this.#deps.onEnd()
    this.#deps.report({
      ...facts,
      atMs: this.#startMs,
      operation: 'Passthrough',
      model: null,
      route: null,
      attempts: targetId === null ? [] : [{ targetId, outcome, failureClass, durationMs }],
      status: this.#status,
      error: this.#error,
      isStreaming: false,
      finish: null,
      firstByteMs: this.#firstByteAtMs === null ? null : this.#firstByteAtMs - this.#startMs,
      durationMs,
      requestBytes: 0,
      answerBytes: this.#answerBytes,
    })
  }
}
