// A provider's answer in the dialect of the caller, in whatever form it comes: an error, a whole answer, one that is
// too long to be held at once, or a stream.
import type { Buffer } from 'node:buffer'
import type { AnswerContext } from '../dialect/neutral/format.ts'
import { translateError } from '../dialect/translate/translate-answer.ts'
import { withoutByteHeaders } from '../encoding/byte-headers.ts'
import { failure, type Failure } from '../errors.ts'
import type { Answered, Call, Translation } from '../exchange.ts'
import { mediaTypeOf } from './formats.ts'
import { StreamTranslation, translateEvents } from './stream-translation.ts'
import { sayWhole } from './whole-answer.ts'
import { WholeTranslation } from './whole-translation.ts'

export interface TranslationDeps {
  readonly now: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

interface Translating {
  readonly call: Call
  readonly translation: Translation
  readonly deps: TranslationDeps
}

export function inCallersDialect(answered: Answered, translating: Translating): Answered | Failure {
  const { body, status, isEventStream } = answered
  const { call, translation } = translating
  if ((answered.headers['content-encoding'] ?? 'identity') !== 'identity')
    return unreadable('has a content-encoding of its own')
  const context = contextOf(translating)
  // An error is whole, whatever it is called: Ollama's and the prompt dialect's have the media type of a stream.
  if (!('start' in body) && isEventStream && call.stream !== null && status < 400) {
    const headers = headersOf(answered, mediaTypeOf(call.stream))
    return { ...answered, headers, body: translateEvents(body, { translation, context }), isEventStream: false }
  }
  if (!('start' in body)) return whole(answered, body, { ...translating, context })
  if (status >= 400) return unreadable('has too long an error')
  if (isEventStream) {
    if (call.stream === null) return unreadable('came as a stream, which it was not asked for')
    const stream = new StreamTranslation(body, { translation, context })
    return { ...answered, headers: headersOf(answered, mediaTypeOf(call.stream)), body: stream, isEventStream: false }
  }
  const late = new WholeTranslation(body, { translation, context })
  return { ...answered, headers: headersOf(answered, mediaTypeOf(null)), body: late }
}

function whole(
  answered: Answered,
  body: Buffer,
  { translation, context }: Translating & { readonly context: AnswerContext },
): Answered | Failure {
  const pair = { from: translation.to, to: translation.from }
  const headers = headersOf(answered, mediaTypeOf(null))
  if (answered.status >= 400) {
    return { ...answered, headers, ...withoutError(translateError({ status: answered.status, body }, pair)) }
  }
  const translated = sayWhole(body, { translation, context })
  switch (translated.kind) {
    case 'answer':
      return { ...answered, headers, body: translated.body }
    case 'error':
      return { ...answered, headers, ...withoutError(translated) }
    case 'unreadable':
      return unreadable('is none of its dialect')
  }
}

function withoutError({ status, body }: { readonly status: number; readonly body: Buffer }) {
  return { status, body }
}

function unreadable(what: string): Failure {
  return failure('targets_failed', `The answer of the provider ${what}, so that it could not be translated.`)
}

function headersOf({ headers }: Answered, mediaType: string): Answered['headers'] {
  return { ...withoutByteHeaders(headers), 'content-type': mediaType }
}

function contextOf({ call, translation, deps }: Translating): AnswerContext {
  const { place, receivedAtMs } = call.received
  return {
    model: call.model,
    startedAtMs: receivedAtMs,
    nowMs: deps.now,
    newId: (prefix) => prefix + Array.from({ length: 24 }, () => Math.floor(deps.random() * 36).toString(36)).join(''),
    wantsStreamUsage: translation.wantsStreamUsage,
    geminiFraming: call.stream?.name === 'gemini-array' ? 'jsonArray' : 'sse',
    ollamaShape: place.operation === 'Completion' ? 'generate' : 'chat',
  }
}
