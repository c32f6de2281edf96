// One wire format: which paths are its operations, what a request asks for, and how an error, a model list and the
// end of a stream look in it. Pure; a dialect never talks to a provider. Implemented by one file per format beside
// this one.
import type { Buffer } from 'node:buffer'
import type { Failure } from '../errors.ts'
import type { Call, Operation, Received } from '../exchange.ts'
import type { Secret } from '../secret.ts'

export interface ListedModel {
  readonly id: string
  readonly ownedBy: string
}

/** What decides whether a passed-through request is inference or the administration of an account. */
export interface PassedRequest {
  readonly method: string
  /** Below the version prefix. */
  readonly path: string
  /** To a WebSocket. */
  readonly isUpgrade: boolean
}

export interface Dialect {
  readonly name: 'OpenAI'
  /** The operation of a path below the version prefix; null: not one that this dialect reads. */
  operationOf(method: string, path: string): Operation | null
  /** True for the requests into which a provider's key is put although their bytes are passed through. */
  takesKey(asked: PassedRequest): boolean
  readCall(received: Received): Call | Failure
  modelList(models: readonly ListedModel[]): Buffer
  /** Headers that carry a provider's key. Name and value alternating. */
  keyHeaders(key: Secret): readonly string[]
  /** The body of an error answer. */
  errorBody(failure: Failure): Buffer
  /** One whole event that tells a stream's reader of a failure. */
  errorEvent(failure: Failure): Buffer
  /** Whether these bytes of a stream end with the format's last event. Asked for every chunk: must be cheap. */
  endsStream(events: Buffer): boolean
  /** The same with anything after it (a comment, say). Asked once, when a stream ends. */
  holdsLastEvent(events: Buffer): boolean
  /** Whether these bytes end with an error event of the provider's own. Asked once, when a stream breaks. */
  endsWithError(events: Buffer): boolean
}
