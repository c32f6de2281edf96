// The errors of sockets, TLS and undici as classes and as short reasons for people, without addresses or stack. Codes
// come from Node's `errors` page, OpenSSL's verify codes and undici's lib/core/errors.js.
import type { FailoverClass } from '../table/schema.ts'

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed while sending',
  UND_ERR_SOCKET: 'the connection was closed',
  ENOTFOUND: 'its host name was not found',
  EAI_AGAIN: 'its host name could not be looked up at this moment',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection was not made in time',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by a known authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by a known authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  UND_ERR_HEADERS_OVERFLOW: 'its answer has too many headers',
  MODELROUTE_ANSWER_NOT_DECODABLE: 'it is not what its content-encoding says',
}

const CONNECT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])
const DNS = /^(ENOTFOUND|EAI_|ENODATA|ESERVFAIL)/
const TLS = /CERT|^UNABLE_TO_|^ERR_TLS_|^ERR_SSL_|^EPROTO$/

/** Of an attempt that ended before any byte of an answer. */
export function classOfError(error: Error): FailoverClass {
  const code = codeOf(error)
  if (CONNECT.has(code)) return 'Connect'
  if (DNS.test(code)) return 'Dns'
  if (TLS.test(code)) return 'Tls'
  return code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW' ? 'Server' : 'Reset'
}

const RESETS: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

/** A connection that ended under a call, as a stale keep-alive connection does. */
export function isReset(error: Error): boolean {
  return RESETS.has(codeOf(error))
}

export function reasonOf(error: Error): string {
  const code = codeOf(error)
  if (code.startsWith('HPE_')) return 'its answer is not valid HTTP'
  return REASONS[code] ?? (code === '' ? 'the connection failed' : `the connection failed (${code})`)
}

function codeOf(error: Error): string {
  const [first] = error instanceof AggregateError ? error.errors : []
  const code = 'code' in error ? error.code : first instanceof Error && 'code' in first ? first.code : ''
  return typeof code === 'string' ? code : ''
}
