// One request to a provider beside the calls' path, for its batches: sent with the target's key over the same
// connections, read whole and within a bound. Never rejects; null is everything that is no answer.
import type { Buffer } from 'node:buffer'
import type { Dispatcher } from 'undici'
import { Chunks } from '../chunks.ts'
import { dialectOf } from '../dialect/dialects.ts'
import { decodeSmall } from '../encoding/small-body.ts'
import type { Attempt } from '../exchange.ts'
import type { KeyRing } from '../table/key-ring.ts'
import type { Connections } from './connections.ts'
import { findKey } from './request.ts'
import type { Timers } from './timers.ts'

/** Results of a batch, the largest of what is read here. */
export const MAX_REPLY_BYTES = 64 * 1024 * 1024
const REQUEST_LIMIT_MS = 120_000

export interface ProviderRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below the target's base URL. */
  readonly path: string
  /** Name and value alternating. */
  readonly headers: readonly string[]
  readonly body: Buffer | null
}

export interface ProviderReply {
  readonly status: number
  readonly body: Buffer
}

export type AskProvider = (request: ProviderRequest) => Promise<ProviderReply | null>

export interface ProviderDeps {
  readonly connections: Connections
  readonly keys: Pick<KeyRing, 'find'>
  readonly timers: Timers
}

/** Null: the target's key has not come. */
export function askerOf({ target, endpoint }: Attempt, deps: ProviderDeps): AskProvider | null {
  const key = findKey(target, deps.keys)
  if (key?.kind === 'failure') return null
  const keyHeaders = key === null ? [] : dialectOf(target.dialect).keyHeaders(key.secret)
  return ({ method, path, headers, body }) => {
    const connection = deps.connections.take(endpoint.origin, true)
    if (connection === null) return Promise.resolve(null)
    return new Promise((resolve) => {
      const late = () => deps.connections.drop(connection, new Error('it took too long'))
      const limit = deps.timers.start(REQUEST_LIMIT_MS, late)
      const settle = (reply: ProviderReply | null) => {
        limit.close()
        deps.connections.drop(connection, new Error('the request has ended'))
        resolve(reply)
      }
      const sent = [...headers, 'accept-encoding', 'identity', ...keyHeaders]
      const request = { path: endpoint.basePath + path, method, headers: sent, ...(body !== null && { body }) }
      connection.client.dispatch(request, new WholeReply(settle))
    })
  }
}

class WholeReply implements Dispatcher.DispatchHandler {
  readonly #settle: (reply: ProviderReply | null) => void
  readonly #chunks = new Chunks()
  #status = 0
  #coding = 'identity'
  #sizeBytes = 0
  #isOver = false

  constructor(settle: (reply: ProviderReply | null) => void) {
    this.#settle = settle
  }

  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    if (status < 200) return
    this.#status = status
    const coding = headers['content-encoding']
    if (typeof coding === 'string') this.#coding = coding
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#sizeBytes += chunk.length
    if (this.#sizeBytes > MAX_REPLY_BYTES) return this.#end(null)
    this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const body = this.#chunks.whole()
    this.#end({ status: this.#status, body: this.#coding === 'identity' ? body : decodeSmall(body, this.#coding) })
  }

  /** Dropping the connection is an error to it as well. */
  onResponseError(): void {
    this.#end(null)
  }

  #end(reply: ProviderReply | null): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#settle(reply)
  }
}
