// The HTTP/2 connection from a follower to the Lease holder's push port: kept while it works, dialled again when not.
// The holder is addressed by its pod's IP and verified by the name that every replica's certificate carries.
import { connect, constants, sensitiveHeaders } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import type { Secret } from '../../proxy/secret.ts'
import type { ReplicaMessage } from './replica-message.ts'
import { REPORTS_PATH } from './replica-message.ts'

const POST_TIMEOUT_MS = 3_000

export interface LeaderLinkDeps {
  readonly caPem: () => string
  readonly readToken: () => Promise<Secret>
  readonly serverName: string
}

export class LeaderLink {
  readonly #deps: LeaderLinkDeps
  #open: { readonly address: string; readonly session: ClientHttp2Session } | null = null

  constructor(deps: LeaderLinkDeps) {
    this.#deps = deps
  }

  /** Resolves with the status; rejects when no answer came within 3 s. */
  async post(address: string, message: ReplicaMessage): Promise<number> {
    const token = await this.#deps.readToken()
    const session = this.#session(address)
    try {
      return await send(session, token, JSON.stringify(message))
    } catch (cause) {
      session.destroy()
      throw cause
    }
  }

  stop(): void {
    this.#open?.session.destroy()
    this.#open = null
  }

  #session(address: string): ClientHttp2Session {
    const open = this.#open
    if (open?.address === address && !open.session.closed && !open.session.destroyed) return open.session
    open?.session.destroy()
    const { caPem, serverName } = this.#deps
    const session = connect(`https://${address}`, { ca: caPem(), servername: serverName, minVersion: 'TLSv1.3' })
    // The request that waits for this connection gets the same error; without a listener it would end the process.
    session.on('error', () => session.destroy())
    session.unref()
    this.#open = { address, session }
    return session
  }
}

function send(session: ClientHttp2Session, token: Secret, body: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const stream = session.request({
    ':method': 'POST',
    ':path': REPORTS_PATH,
    'content-type': 'application/json',
    authorization: `Bearer ${token.reveal()}`,
    [sensitiveHeaders]: ['authorization'],
  })
  stream.setTimeout(POST_TIMEOUT_MS, () => stream.destroy(new Error(`no answer within ${POST_TIMEOUT_MS} ms`)))
  stream.on('response', (headers) => resolve(Number(headers[constants.HTTP2_HEADER_STATUS])))
  stream.on('error', reject)
  stream.on('close', () => reject(new Error('the connection was closed before the answer')))
  stream.resume()
  stream.end(body)
  return promise
}
