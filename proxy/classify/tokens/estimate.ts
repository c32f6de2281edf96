// How many tokens a call's prompt has, estimated for each family of models without their vocabularies: what tokenizers
// cut at is counted once, and each family has its weights for it. Within 10 % on average over English, Chinese, code
// and JSON (docs/tokens.md). Bounded: of a long call a part is read, spread over it, and taken for the whole.
import type { Buffer } from 'node:buffer'
import type { Span } from '../../exchange.ts'
import type { Piece } from '../reading/pieces.ts'
import type { CallReading } from '../reading/read-call.ts'
import { readText, WINDOWS } from '../reading/texts.ts'
import type { Family } from './families.ts'
import { FeatureCounter, FEATURES } from './features.ts'
import { sizeOfPicture, type PictureSize } from './picture.ts'
import { tokensOfPicture } from './pictures.ts'
import { WEIGHTS } from './weights.ts'

/** Bytes of texts and data that are read of one call. */
export const MAX_READ_BYTES = 32 * 1024
const MAX_PIECE_BYTES = 8 * 1024
/** Pictures whose size is looked at; the others count as the mean of those. */
const MAX_PICTURES = 16
/** A role and the marks around a turn; the start of the answer. */
const TURN_TOKENS = 4
const ANSWER_TOKENS = 3
/** Gemini, "Audio understanding": 32 a second; of speech in a compressed format, 4,000 base64 characters a second. */
const AUDIO_TOKENS_A_SECOND = 32
const AUDIO_BYTES_A_SECOND = 4000
/** A page of a document in PDF, by its base64: about as much as a picture of it. */
const DOCUMENT_BYTES_A_PAGE = 60_000

/** What an estimate for any family is made from. */
export interface Measured {
  readonly features: Float64Array
  readonly turns: number
  readonly pictures: readonly (PictureSize | null)[]
  readonly pictureCount: number
  readonly soundBytes: number
  readonly documentBytes: number
  /** All was read; false: parts stand for the whole. */
  readonly isWhole: boolean
}

export class TokenEstimator {
  readonly #counter = new FeatureCounter()

  measure({ body, turns, tools, stoppedAt }: CallReading): Measured {
    const pieces = turns.flatMap((turn) => turn.pieces)
    const words = pieces.filter(({ use }) => use !== 'media')
    const data = [...words.filter(({ use }) => use === 'data').map(({ span }) => span), ...tools]
    const texts = words.filter(({ use }) => use === 'text').map(({ span }) => span)
    const reading = new SampledReading(body, totalOf(texts) + totalOf(data), this.#counter)
    for (const span of texts) reading.take(span, true)
    for (const span of data) reading.take(span, false)
    const whole = stoppedAt === null ? 1 : body.length / Math.max(1, stoppedAt)
    return {
      features: reading.scaled(whole),
      turns: turns.length * whole,
      isWhole: reading.isWhole && stoppedAt === null,
      ...measureMedia(pieces, body),
    }
  }

  /** What stands around the texts. */
  overhead({ turns }: Pick<CallReading, 'turns'>): number {
    return turns.length * TURN_TOKENS + ANSWER_TOKENS
  }

  tokens(measured: Measured, family: Family): number {
    const { features, turns, pictures, pictureCount, soundBytes, documentBytes } = measured
    const weights = WEIGHTS[family]
    let tokens = turns * TURN_TOKENS + ANSWER_TOKENS
    for (let index = 0; index < FEATURES.length; index += 1) tokens += (weights[index] ?? 0) * (features[index] ?? 0)
    const looked = pictures.reduce((sum, size) => sum + tokensOfPicture(family, size), 0)
    if (pictures.length > 0) tokens += (looked / pictures.length) * pictureCount
    if (soundBytes > 0) tokens += (soundBytes / AUDIO_BYTES_A_SECOND) * AUDIO_TOKENS_A_SECOND
    if (documentBytes > 0) tokens += Math.ceil(documentBytes / DOCUMENT_BYTES_A_PAGE) * tokensOfPicture(family, null)
    return Math.round(tokens)
  }
}

function totalOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0)
}

/** Reads evenly: never more of what has come than its share of the bytes that may be read. */
class SampledReading {
  readonly #body: Buffer
  readonly #totalBytes: number
  readonly #counter: FeatureCounter
  readonly #sums = new Float64Array(FEATURES.length)
  #seenBytes = 0
  #readBytes = 0
  #stoodForBytes = 0

  constructor(body: Buffer, totalBytes: number, counter: FeatureCounter) {
    this.#body = body
    this.#totalBytes = totalBytes
    this.#counter = counter
  }

  get isWhole(): boolean {
    return this.#readBytes >= this.#seenBytes
  }

  take(span: Span, isString: boolean): void {
    const sizeBytes = span.end - span.start
    const hasRoom =
      this.#totalBytes <= MAX_READ_BYTES || this.#readBytes <= (this.#seenBytes / this.#totalBytes) * MAX_READ_BYTES
    this.#seenBytes += sizeBytes
    if (!hasRoom) return
    const limit = this.#totalBytes <= MAX_READ_BYTES ? MAX_READ_BYTES : MAX_PIECE_BYTES
    // Data has no quotes of its own that would have to go; one character more or less at its ends does not count.
    const { text, readBytes } = readText(this.#body, span, limit)
    const counts = this.#counter.count(isString ? text : text.replaceAll('\\"', '"'))
    const share = readBytes === 0 ? 1 : (sizeBytes - (isString ? 2 : 0)) / readBytes
    for (let index = 0; index < counts.length; index += 1) {
      this.#sums[index] = (this.#sums[index] ?? 0) + (counts[index] ?? 0) * share
    }
    this.#readBytes += readBytes + WINDOWS
    this.#stoodForBytes += sizeBytes
  }

  scaled(whole: number): Float64Array {
    const share = this.#stoodForBytes === 0 ? 0 : (this.#totalBytes / this.#stoodForBytes) * whole
    return this.#sums.map((sum) => sum * share)
  }
}

function measureMedia(pieces: readonly Piece[], body: Buffer) {
  const sizeOf = (kind: Piece['media']) =>
    pieces.reduce((sum, { media, span }) => (media === kind ? sum + span.end - span.start : sum), 0)
  const images = pieces.filter(({ media }) => media === 'image')
  return {
    pictures: images.slice(0, MAX_PICTURES).map(({ span }) => sizeOfPicture(body, span)),
    pictureCount: images.length,
    soundBytes: sizeOf('audio'),
    documentBytes: sizeOf('document'),
  }
}
