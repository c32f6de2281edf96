// Reads the few members of a JSON body that routing needs and leaves the rest as bytes: the model and where it is
// written, whether the answer is to be streamed, and what tells conversations apart. What each format calls them is
// data (BodyReading).
import type { Buffer } from 'node:buffer'
import { failure, type Failure } from '../errors.ts'
import type { Call, ModelPlace, Received, Span } from '../exchange.ts'
import { readString, scanObject } from '../json/scan.ts'
import type { StreamFormat } from './stream-format.ts'

export const MAX_MODEL_LENGTH = 256

const TRUE_START = 't'.charCodeAt(0)
const FALSE_START = 'f'.charCodeAt(0)
const QUOTED = { before: '"', after: '"' } as const

export interface BodyReading {
  /** The member that names the model. */
  readonly model: string
  /** The member that holds what the user said: messages, or a text. */
  readonly conversation: string
  readonly streams: 'never' | 'whenTrue' | 'unlessFalse'
  readonly stream: StreamFormat | null
}

export function readBody(reading: BodyReading): (received: Received) => Call | Failure {
  const { streams, conversation, stream } = reading
  const names = [reading.model, 'stream', conversation, 'prompt_cache_key', 'user', 'metadata']
  return (received) => {
    const { body } = received
    const spans = scanBody(body, names)
    if ('kind' in spans) return spans
    const [modelSpan, streamSpan, messages, promptCacheKey, user, metadata] = spans
    const model = modelSpan === undefined ? null : readString(body, modelSpan)
    if (modelSpan === undefined || model === null || !isModelName(model)) return modelMissing(reading.model)
    const isStreaming = asksForStream(streamSpan === undefined ? undefined : body[streamSpan.start], streams)
    return {
      kind: 'call',
      received,
      model,
      modelPlaces: [{ span: modelSpan, ...QUOTED }],
      modelPathPlace: null,
      isStreaming,
      stream: isStreaming ? stream : null,
      conversationSpans: { promptCacheKey, user, metadata, messages },
    }
  }
}

/** The places of the members asked for, in their order. */
export function scanBody(body: Buffer, names: readonly string[]): readonly (Span | undefined)[] | Failure {
  const scan = scanObject(body, names)
  if (scan.kind === 'members') return scan.spans
  if (scan.kind === 'repeated') {
    return failure('member_repeated', `The request body has the member "${scan.name}" more than once.`)
  }
  const message = `The request body is not a JSON object: ${scan.expected} was expected at byte ${scan.atByte} of ${body.length}.`
  return failure('body_not_json', message)
}

export function isModelName(model: string): boolean {
  return model !== '' && model.length <= MAX_MODEL_LENGTH
}

export function modelMissing(member: string): Failure {
  return failure('model_missing', `The member "${member}" must be a string of 1 to ${MAX_MODEL_LENGTH} characters.`)
}

/** A string that names the model, perhaps behind a prefix that stays. Null: the span holds no string. */
export function modelPlaceAt(body: Buffer, span: Span | undefined, prefix: string): ModelPlace | null {
  const text = span === undefined ? null : readString(body, span)
  if (span === undefined || text === null) return null
  return { span, before: text.startsWith(prefix) ? `"${prefix}` : '"', after: '"' }
}

function asksForStream(firstByte: number | undefined, streams: BodyReading['streams']): boolean {
  switch (streams) {
    case 'never':
      return false
    case 'whenTrue':
      return firstByte === TRUE_START
    case 'unlessFalse':
      return firstByte !== FALSE_START
  }
}
