// The events of a provider's stream, one by one -> bytes of the caller's stream. Holds one call's state; no I/O, no
// time. Whatever the provider sends, what comes out is a whole stream of the caller's dialect: it begins with its first
// event, its blocks are opened before they grow, and it ends with its terminal events or with one error event, never
// silently.
import type { Buffer } from 'node:buffer'
import type { AnswerContext, StreamReader, StreamWriter } from '../neutral/format.ts'
import { formatOf } from './formats.ts'
import type { ChatError, StreamEvent } from '../neutral/chat.ts'
import type { Pair } from './settle.ts'

/** Text of one streamed answer, in characters; writers may keep all of it until its end. */
export const MAX_ANSWER_CHARACTERS = 8 * 1024 * 1024

export class StreamTranslator {
  readonly #reader: StreamReader
  readonly #writer: StreamWriter
  readonly #onEvent: ((event: StreamEvent) => void) | undefined
  /** Calls whose arguments have not begun. */
  readonly #emptyCalls = new Set<number>()
  #characters = 0
  #hasStarted = false
  #hasEnded = false

  /** `from` is the provider's dialect, `to` the caller's. `onEvent` sees every neutral event (usage, stop reason). */
  constructor(pair: Pair, context: AnswerContext, onEvent?: (event: StreamEvent) => void) {
    this.#reader = formatOf(pair.from).createStreamReader(context)
    this.#writer = formatOf(pair.to).createStreamWriter(context)
    this.#onEvent = onEvent
  }

  /** Whether the caller's stream has got its last event. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  push(event: { readonly name: string | null; readonly data: Buffer }): readonly Buffer[] {
    if (this.#hasEnded) return []
    const written = this.#write(this.#reader.read(event.name, event.data))
    if (this.#characters <= MAX_ANSWER_CHARACTERS) return written
    return [
      ...written,
      ...this.fail({ class: 'server', status: null, message: 'The answer is longer than the proxy holds.' }),
    ]
  }

  /** The provider's stream has ended by itself. */
  end(): readonly Buffer[] {
    if (this.#hasEnded) return []
    const last = this.#write(this.#reader.end())
    if (this.#hasEnded) return last
    const message = 'The answer of the provider ended before it was complete.'
    return [...last, ...this.fail({ class: 'server', status: null, message })]
  }

  /** The provider's stream has been cut or given up. */
  fail(error: ChatError): readonly Buffer[] {
    return this.#hasEnded ? [] : this.#write([{ kind: 'error', error }])
  }

  #write(events: readonly StreamEvent[]): readonly Buffer[] {
    const written: Buffer[] = []
    for (const event of events) {
      for (const sound of this.#soundly(event)) {
        if (this.#hasEnded) return written
        this.#onEvent?.(sound)
        written.push(...this.#writer.write(sound))
        if (sound.kind === 'end' || sound.kind === 'error') this.#hasEnded = true
      }
    }
    return written
  }

  /** Adds what the provider left out: the start, and arguments of calls that take none. */
  #soundly(event: StreamEvent): readonly StreamEvent[] {
    const isMissing = !this.#hasStarted && event.kind !== 'start' && event.kind !== 'ping' && event.kind !== 'error'
    const start: StreamEvent[] = isMissing ? [{ kind: 'start', id: null, model: null, usage: null }] : []
    if (event.kind === 'start' && this.#hasStarted) return []
    if (event.kind === 'ping' && !this.#hasStarted) return []
    if (isMissing || event.kind === 'start') this.#hasStarted = true
    if (event.kind === 'blockStart' && event.opening.kind === 'toolCall') this.#emptyCalls.add(event.block)
    if (event.kind === 'blockDelta') {
      this.#emptyCalls.delete(event.block)
      this.#characters += event.text.length
    }
    const isEmpty = event.kind === 'blockEnd' && this.#emptyCalls.delete(event.block)
    return isEmpty ? [...start, { kind: 'blockDelta', block: event.block, text: '{}' }, event] : [...start, event]
  }
}
