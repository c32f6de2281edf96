// An answer that is too long to be whole before it is delivered (images, long texts), collected on its way: it can be
// said in another dialect only when all of it is there. Bounded; what is longer, or no answer, breaks the connection.
import { Buffer } from 'node:buffer'
import { failure, type Failure } from '../errors.ts'
import type { AnswerStream } from '../exchange.ts'
import { Relay } from '../relay.ts'
import { sayWhole, type TranslationInUse } from './whole-answer.ts'

export const MAX_COLLECTED_BYTES = 32 * 1024 * 1024

export class WholeTranslation extends Relay {
  readonly #how: TranslationInUse
  readonly #chunks: Buffer[] = []
  #sizeBytes = 0

  constructor(source: AnswerStream, how: TranslationInUse) {
    super(source)
    this.#how = how
  }

  write(chunk: Buffer): boolean {
    this.#sizeBytes += chunk.length
    if (this.#sizeBytes <= MAX_COLLECTED_BYTES) this.#chunks.push(chunk)
    return true
  }

  end(): void {
    if (this.#sizeBytes > MAX_COLLECTED_BYTES) return this.cut(tooLong())
    const translated = sayWhole(Buffer.concat(this.#chunks), this.#how)
    if (translated.kind === 'unreadable') return this.cut(unreadable())
    this.sink?.write(translated.body)
    this.sink?.end(null)
  }
}

function tooLong(): Failure {
  return failure('stream_cut', `The answer is longer than ${MAX_COLLECTED_BYTES} bytes and could not be translated.`)
}

function unreadable(): Failure {
  return failure('stream_cut', 'The answer of the provider is none of its dialect.')
}
