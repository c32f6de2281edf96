// What is sent to a target for one attempt: path, headers and body, with the target's key and model in place of the
// caller's. The caller's key never leaves; the body's other bytes stay as they came.
import { Buffer } from 'node:buffer'
import { withoutSentByteHeaders } from '../encoding/byte-headers.ts'
import { dialectOf } from '../dialect/dialects.ts'
import type { StreamFormat } from '../dialect/stream-format.ts'
import { failure, type Failure } from '../errors.ts'
import type { Attempt, Call, Translation } from '../exchange.ts'
import { spliceAll, type Edit } from '../json/splice.ts'
import type { KeyRing } from '../table/key-ring.ts'
import type { Secret } from '../secret.ts'
import type { Target } from '../table/schema.ts'
import { withoutForeignThoughts } from '../translation/foreign-thoughts.ts'
import { translateCall } from '../translation/request.ts'
import { toUpstreamHeaders } from './headers.ts'
import { clampsOf, outputLimitOf, type Clamp } from './output-limit.ts'

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
  /** What was brought within the model's limits, for the answer's header. */
  readonly adjusted: readonly string[]
}

export interface RequestDeps {
  readonly keys: Pick<KeyRing, 'find'>
}

export function buildRequest(call: Call, attempt: Attempt, deps: RequestDeps): UpstreamRequest | Failure {
  const { target, endpoint } = attempt
  const key = findKey(target, deps.keys)
  if (key?.kind === 'failure') return key
  const said = target.dialect === call.received.place.dialect.name ? asItIs(call, target) : translated(call, attempt)
  if (said.kind === 'failure') return said
  if (key !== null) said.headers.push(...dialectOf(target.dialect).keyHeaders(key.secret))
  const { headers, body, stream, isAnswerRead, translation, adjusted } = said
  return {
    kind: 'request',
    origin: endpoint.origin,
    path: fromRoot(endpoint.basePath + said.path),
    headers,
    body,
    stream,
    isAnswerRead,
    translation,
    adjusted,
  }
}

/** RFC 9112 section 3.2.1: a Prompt server may be a host alone. */
function fromRoot(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

/** The caller's own bytes, but for the model and a number that is beyond its limit. */
function asItIs(call: Call, target: Target) {
  const { dialect, model } = target
  const { received, stream, isStreaming } = call
  const clamps = clampsFor(received.body, call, target)
  const edited = spliceAll(received.body, editsOf(call, model, clamps))
  const body = withoutForeignThoughts(edited, received.place)
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
    adjusted: body === edited ? notesOf(clamps) : [...notesOf(clamps), 'foreign_reasoning=removed'],
  } as const
}

function translated(call: Call, attempt: Attempt) {
  const said = translateCall(call, attempt)
  if (said.kind === 'failure') return said
  const clamps = clampsFor(said.body, call, attempt.target)
  const body = spliceAll(
    said.body,
    clamps.map(({ edit }) => edit),
  )
  return { ...said, body, adjusted: notesOf(clamps) }
}

const NONE = [] as const

function clampsFor(body: Buffer, call: Call, target: Target): readonly Clamp[] {
  const limit = outputLimitOf(target, call.model)
  return limit === null ? NONE : clampsOf(body, { dialect: target.dialect, limit })
}

function notesOf(clamps: readonly Clamp[]): readonly string[] {
  return clamps.length === 0 ? NONE : clamps.map(({ note }) => note)
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

function editsOf({ model: asked, modelPlaces }: Call, model: string | undefined, clamps: readonly Clamp[]): Edit[] {
  const edits = clamps.map(({ edit }) => edit)
  if (model === undefined || model === asked) return edits
  const name = JSON.stringify(model).slice(1, -1)
  for (const { span, before, after } of modelPlaces) edits.push({ span, text: Buffer.from(before + name + after) })
  return clamps.length === 0 ? edits : edits.toSorted((one, other) => one.span.start - other.span.start)
}

/** A model that says its kind (Gemini: `tunedModels/x`) needs no word before it. */
function pathWithModel({ model: asked, modelPathPlace: place, received }: Call, model: string | undefined): string {
  const path = received.place.path ?? ''
  if (place === null || model === undefined || model === asked) return path
  const name = model.split('/').map(encodeURIComponent)
  const before = name.length === 1 ? place.before : ''
  return path.slice(0, place.span.start) + before + name.join('/') + place.after + path.slice(place.span.end)
}
