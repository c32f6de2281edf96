// One vendor's family of wire formats: which paths are its operations, how a request is read, and how a key, an error
// and a model list look in it. Pure; a dialect never talks to a provider. Implemented by one file per vendor beside
// this one (dialects.ts lists them); what an answer that comes event by event looks like is a StreamFormat.
import type { Buffer } from 'node:buffer'
import type { Failure } from '../errors.ts'
import type { Call, Operation, Received } from '../exchange.ts'
import type { Secret } from '../secret.ts'
import type { DialectName } from '../table/schema.ts'

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

export interface Endpoint {
  readonly operation: Operation
  /** Null where there is nothing to read: the proxy answers by itself. */
  readonly readCall: ((received: Received) => Call | Failure) | null
}

export interface Dialect {
  readonly name: DialectName
  /** The part of a path below the dialect's version prefix; null: outside of it. */
  pathOf(fullPath: string): string | null
  /** What a path below the version prefix is; null: not an operation that this dialect reads. */
  endpointOf(method: string, path: string): Endpoint | null
  /** True for the requests into which a provider's key is put although their bytes are passed through. */
  takesKey(asked: PassedRequest): boolean
  /** The path of a provider's URL, without a trailing slash, with the version prefix that people leave out. */
  basePathOf(path: string): string
  modelList(models: readonly ListedModel[]): Buffer
  /** Headers that carry a provider's key. Name and value alternating. */
  keyHeaders(key: Secret): readonly string[]
  /** The query without a caller's key. */
  withoutKey(query: string): string
  /** The body of an error answer. */
  errorBody(failure: Failure): Buffer
}

/** Where a dialect has no keys in the query. */
export function asItCame(query: string): string {
  return query
}

/** Where a dialect has no WebSockets. `..` is in no pattern's reach: models have names, not paths. */
export function isAmong(
  { method, path, isUpgrade }: PassedRequest,
  { posts, gets }: { readonly posts: RegExp; readonly gets: RegExp },
): boolean {
  if (isUpgrade || path.includes('..')) return false
  return method === 'POST' ? posts.test(path) : method === 'GET' && gets.test(path)
}
