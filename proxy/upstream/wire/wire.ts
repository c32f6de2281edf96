// What the connections to providers share: undici's connector, so that TLS sessions are resumed across connections, and
// one buffer that all sockets read into. Reads come one after the other and each is copied out before the next, so one
// is enough; Node would otherwise make one of 64 KiB for every read.
import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import buildConnector from 'undici/lib/core/connect.js'
import { HeaderNames } from './answer-head.ts'

const READ_BYTES = 64 * 1024

export interface Receiver {
  /** The bytes are valid until this returns. */
  receive(bytes: Buffer): void
}

export class Wire {
  readonly names = new HeaderNames()
  readonly #receivers = new WeakMap<Socket, Receiver>()
  readonly #connector: ReturnType<typeof buildConnector>

  constructor(connectTimeoutMs: number) {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
    const receivers = this.#receivers
    const onread = {
      buffer,
      callback(this: Socket, byteCount: number): boolean {
        receivers.get(this)?.receive(buffer.subarray(0, byteCount))
        return true
      },
    }
    // Certificates are verified whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    const options = { timeout: connectTimeoutMs, allowH2: false, rejectUnauthorized: true, onread }
    this.#connector = buildConnector(options)
  }

  /** `done` runs once, with null when the connection is there. */
  connect(origin: string, receiver: Receiver, done: (error: Error | null) => void): Socket {
    const { hostname, host, protocol, port } = new URL(origin)
    // An address of IPv6 is in brackets in a URL only.
    const address = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
    const socket = this.#connector({ hostname: address, host, protocol, port }, (...[error]) => done(error))
    this.#receivers.set(socket, receiver)
    return socket
  }
}
