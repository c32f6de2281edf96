// What a caller gets whose bytes are no request that can be read: contradictory lengths, headers beyond their bound, a
// head that does not come to its end. node:http has given up on the connection by then, so the answer is written onto
// the socket, in the dialect of the path where one was read, and the connection closed.
import type { Buffer } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { emptyTrail, refuse } from './answer.ts'
import { recognise } from './dialect/recognise.ts'
import { failure, type Failure } from './errors.ts'
import { http } from './node-http.ts'

export interface HeadBounds {
  readonly headersTimeoutMs: number
  readonly maxHeaderBytes: number
}

/** node:http's `clientError`. */
type ClientError = Error & { readonly code?: string; readonly rawPacket?: Buffer }

export interface UnreadableRequest {
  readonly socket: Duplex
  readonly error: ClientError
  /** Calls on this connection that have not ended. */
  readonly underWay: readonly (ServerResponse | null)[]
}

export function refuseHead({ socket, error, underWay }: UnreadableRequest, bounds: HeadBounds): void {
  const [current = null, ...others] = underWay
  // An answer of ours would land inside of another, or in place of one that an earlier call still waits for.
  const isTaken = others.length > 0 || current?.headersSent === true || (current === null && underWay.length > 0)
  if (error.code === 'ECONNRESET' || !socket.writable || isTaken) return void socket.destroy()
  const place = recognise('POST', current?.req.url ?? targetIn(error.rawPacket))
  writeRefusal(socket, refuse(failureOf(error, bounds), place, emptyTrail(place)))
}

/** A whole answer onto a bare socket, which is closed behind it. */
export function writeRefusal(socket: Duplex, { status, rawHeaders, body }: ReturnType<typeof refuse>): void {
  const pairs = [...rawHeaders, 'connection', 'close']
  const lines = pairs.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${pairs[index + 1] ?? ''}\r\n`] : []))
  const head = `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`
  socket.end(head + body.toString('utf8'), () => socket.destroy())
}

function failureOf({ code }: ClientError, { headersTimeoutMs, maxHeaderBytes }: HeadBounds): Failure {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return failure('headers_too_large', `The request's headers are larger than the limit of ${maxHeaderBytes} bytes.`)
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return failure('upload_timeout', `The request's headers did not come within ${headersTimeoutMs / 1000} s.`)
    default:
      return failure(
        'request_unreadable',
        "The request is not valid HTTP/1.1: its head or its body's framing is broken.",
      )
  }
}

/** The path of the request line, when it is in the bytes at which the reading stopped. */
function targetIn(rawPacket: Buffer | undefined): string {
  const line = rawPacket?.toString('latin1', 0, 2048) ?? ''
  return /^[A-Z]{3,10} (\/[^ \r\n]*) HTTP\/1\.[01]\r?\n/.exec(line)?.[1] ?? '/'
}
