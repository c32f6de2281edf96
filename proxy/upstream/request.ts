// What is sent to a target for one attempt: path, headers and body, with the target's key and model in place of the
// caller's. The caller's key never leaves; the body's other bytes stay as they came.
import { Buffer } from 'node:buffer'
import { withoutSentByteHeaders } from '../encoding/byte-headers.ts'
import { dialectOf } from '../dialect/dialects.ts'
import type { StreamFormat } from '../dialect/stream-format.ts'
import { failure, type Failure } from '../errors.ts'
import type { Attempt, Call, Translation } from '../exchange.ts'
import { spliceAll } from '../json/splice.ts'
import type { KeyRing } from '../table/key-ring.ts'
import type { Secret } from '../secret.ts'
import type { Target } from '../table/schema.ts'
import { translateCall } from '../translation/request.ts'
import { toUpstreamHeaders } from './headers.ts'

export interface UpstreamRequest {
  readonly kind: 'request'
  readonly origin: string
  readonly path: string
  readonly headers: string[]
  readonly body: Buffer
  /** How the provider was asked to answer event by event; null: whole. */
  readonly stream: StreamFormat | null
  /** Asked for without content codings, and decoded where the provider does not listen. */
  readonly isAnswerRead: boolean
  readonly translation: Translation | null
}

export interface RequestDeps {
  readonly keys: Pick<KeyRing, 'find'>
}

export function buildRequest(call: Call, attempt: Attempt, deps: RequestDeps): UpstreamRequest | Failure {
  const { target, endpoint } = attempt
  const key = findKey(target, deps.keys)
  if (key?.kind === 'failure') return key
  const said = target.dialect === call.received.place.dialect.name ? asItIs(call, target) : translateCall(call, attempt)
  if (said.kind === 'failure') return said
  if (key !== null) said.headers.push(...dialectOf(target.dialect).keyHeaders(key.secret))
  const { headers, body, stream, isAnswerRead, translation } = said
  return {
    kind: 'request',
    origin: endpoint.origin,
    path: endpoint.basePath + said.path,
    headers,
    body,
    stream,
    isAnswerRead,
    translation,
  }
}

/** The caller's own bytes, but for the model. */
function asItIs(call: Call, { dialect, model }: Target) {
  const { received, stream, isStreaming } = call
  const body = model === undefined ? received.body : withModel(call, model)
  // The end of a stream is looked for in its bytes.
  const isAnswerRead = isStreaming || call.isAnswerRead === true
  const headers = toUpstreamHeaders(received.rawHeaders, isAnswerRead)
  const isAsItCame = body === received.original.read
  return {
    kind: 'same',
    path: pathWithModel(call, model) + dialectOf(dialect).withoutKey(received.place.query),
    headers: isAsItCame ? headers : withoutSentByteHeaders(headers),
    body: isAsItCame ? received.original.sent : body,
    stream,
    isAnswerRead,
    translation: null,
  } as const
}

/** Null: the target needs none. */
export function findKey(
  target: Target,
  keys: Pick<KeyRing, 'find'>,
): { readonly kind: 'key'; readonly secret: Secret } | Failure | null {
  if (target.credential === undefined) return null
  const secret = keys.find(target.credential)
  if (secret !== undefined) return { kind: 'key', secret }
  const message = `The key "${target.credential}" of provider ${target.provider} has not come to this proxy.`
  return failure('key_missing', message)
}

function withModel({ model: asked, modelPlaces, received }: Call, model: string): Buffer {
  if (model === asked) return received.body
  const name = JSON.stringify(model).slice(1, -1)
  const edits = modelPlaces.map(({ span, before, after }) => ({ span, text: Buffer.from(before + name + after) }))
  return spliceAll(received.body, edits)
}

/** A model that says its kind (Gemini: `tunedModels/x`) needs no word before it. */
function pathWithModel({ model: asked, modelPathPlace: place, received }: Call, model: string | undefined): string {
  const path = received.place.path ?? ''
  if (place === null || model === undefined || model === asked) return path
  const name = model.split('/').map(encodeURIComponent)
  const before = name.length === 1 ? place.before : ''
  return path.slice(0, place.span.start) + before + name.join('/') + place.after + path.slice(place.span.end)
}
