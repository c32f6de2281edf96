// A stream on its way from the provider's dialect to the caller's: bytes -> the provider's events -> the caller's
// bytes. Ends with the terminal events of the caller's dialect or with one error event of it, like everything that an
// EventGuard lets through.
//
//   AnswerStream (provider) -> FramingReader -> StreamTranslator -> BodySink (caller)
import { Buffer } from 'node:buffer'
import type { FramingReader, SourceEvent } from '../dialect/framing.ts'
import { createReader } from '../dialect/stream-reader.ts'
import type { AnswerContext } from '../dialect/neutral/format.ts'
import { StreamTranslator } from '../dialect/translate/stream-translator.ts'
import { failure, type Failure } from '../errors.ts'
import type { AnswerStream, Translation } from '../exchange.ts'
import { Relay } from '../relay.ts'

export class StreamTranslation extends Relay {
  readonly #reader: FramingReader
  readonly #translator: StreamTranslator
  /** Set by an error event of the provider's. */
  #fault: Failure | null = null

  constructor(source: AnswerStream, how: { readonly translation: Translation; readonly context: AnswerContext }) {
    super(source)
    const { from, to, stream } = how.translation
    this.#reader = createReader(stream)
    this.#translator = new StreamTranslator({ from: to, to: from }, how.context, (event) => {
      if (event.kind === 'error') this.#fault = failure('stream_cut', event.error.message)
    })
  }

  write(chunk: Buffer): boolean {
    const isReady = this.#pass(this.#translated(this.#reader.push(chunk)))
    const { fault } = this.#reader
    return fault === null ? isReady : this.#fail(fault.message)
  }

  end(fault: Failure | null): void {
    this.#pass(this.#translated(this.#reader.end()))
    this.#pass(this.#translator.end())
    this.sink?.end(fault ?? this.#fault)
  }

  override cut(fault: Failure): void {
    if (fault.code !== 'caller_gone') this.#fail(fault.message)
    this.sink?.end(fault)
  }

  #translated(events: readonly SourceEvent[]): readonly Buffer[] {
    return events.flatMap((event) => this.#translator.push(event))
  }

  #fail(message: string): boolean {
    return this.#pass(this.#translator.fail({ class: 'server', status: null, message }))
  }

  #pass(parts: readonly Buffer[]): boolean {
    if (parts.length === 0) return true
    const [only] = parts
    return this.sink?.write(parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)) ?? true
  }
}

/** A stream that has come to its end already, as one that began with an error has. */
export function translateEvents(
  body: Buffer,
  { translation, context }: { readonly translation: Translation; readonly context: AnswerContext },
): Buffer {
  const reader = createReader(translation.stream)
  const translator = new StreamTranslator({ from: translation.to, to: translation.from }, context)
  const events = [...reader.push(body), ...reader.end()]
  return Buffer.concat([...events.flatMap((event) => translator.push(event)), ...translator.end()])
}
