// What is sent to a target for one attempt: path, headers and body, with the target's key and model in place of the
// caller's. The caller's key never leaves; the body's other bytes stay as they came.
import { Buffer } from 'node:buffer'
import { failure, type Failure } from '../errors.ts'
import type { Attempt, Call } from '../exchange.ts'
import { splice } from '../json/splice.ts'
import type { KeyRing } from '../table/key-ring.ts'
import type { Secret } from '../secret.ts'
import type { Target } from '../table/schema.ts'
import { toUpstreamHeaders } from './headers.ts'

export interface UpstreamRequest {
  readonly kind: 'request'
  readonly origin: string
  readonly path: string
  readonly headers: string[]
  readonly body: Buffer
}

export interface RequestDeps {
  readonly keys: Pick<KeyRing, 'find'>
}

export function buildRequest(call: Call, attempt: Attempt, deps: RequestDeps): UpstreamRequest | Failure {
  const { received } = call
  const { target, endpoint } = attempt
  const headers = toUpstreamHeaders(received.rawHeaders, call.isStreaming)
  const key = findKey(target, deps.keys)
  if (key?.kind === 'failure') return key
  if (key !== null) headers.push(...received.place.dialect.keyHeaders(key.secret))
  return {
    kind: 'request',
    origin: endpoint.origin,
    path: endpoint.basePath + (received.place.path ?? '') + received.place.query,
    headers,
    body: target.model === undefined ? received.body : withModel(call, target.model),
  }
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

function withModel(call: Call, model: string): Buffer {
  if (model === call.model) return call.received.body
  return splice(call.received.body, call.modelSpan, Buffer.from(JSON.stringify(model)))
}
