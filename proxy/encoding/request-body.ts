// The body of a request without its content codings, since routing reads it: within the same bounds as the body that
// came, on its own and together with all others. The bytes that came are kept beside it, and go on to the provider
// where nothing is changed in them (upstream/request.ts).
import type { Buffer } from 'node:buffer'
import type { BodiesInFlight } from '../bodies-in-flight.ts'
import type { Caller } from '../caller.ts'
import { Chunks } from '../chunks.ts'
import { failure, type Failure } from '../errors.ts'
import { KNOWN_CODINGS, MAX_CODINGS, readCodings, type Coding } from './codings.ts'
import { Decoder, type DecodingFault } from './decoder.ts'

export interface DecodingDeps {
  readonly maxBodyBytes: number
  readonly bodies: BodiesInFlight
}

export interface DecodedBody {
  readonly kind: 'body'
  /** Without content codings. */
  readonly read: Buffer
  /** As it came. */
  readonly sent: Buffer
  /** In BodiesInFlight, for both. */
  readonly heldBytes: number
}

interface EncodedBody {
  /** Held in BodiesInFlight, as the decoded bytes will be; a Failure holds neither. */
  readonly bytes: Buffer
  readonly contentEncoding: string
  readonly caller: Caller
}

export function decodeBody(body: EncodedBody, deps: DecodingDeps): Promise<DecodedBody | Failure> {
  const { bytes, contentEncoding } = body
  const codings = readCodings(contentEncoding)
  if (codings === null) {
    deps.bodies.release(bytes.length)
    return Promise.resolve(unknownCoding())
  }
  if (codings.length === 0) return Promise.resolve({ kind: 'body', read: bytes, sent: bytes, heldBytes: bytes.length })
  return new Promise((resolve) => decode({ ...body, codings }, { ...deps, resolve }))
}

function decode(
  { bytes, codings, caller }: EncodedBody & { readonly codings: readonly Coding[] },
  { maxBodyBytes, bodies, resolve }: DecodingDeps & { readonly resolve: (result: DecodedBody | Failure) => void },
): void {
  const chunks = new Chunks()
  let heldBytes = bytes.length
  const fail = (reason: Failure) => {
    caller.whenGone(null)
    decoder.close()
    bodies.release(heldBytes)
    resolve(reason)
  }
  const write = (chunk: Buffer) => {
    if (!bodies.tryHold(chunk.length)) return fail(tooManyInFlight(bodies.limitBytes))
    heldBytes += chunk.length
    chunks.push(chunk)
  }
  const end = () => {
    caller.whenGone(null)
    resolve({ kind: 'body', read: chunks.whole(), sent: bytes, heldBytes })
  }
  const sink = { write, end, drain: () => {}, fail: (fault: DecodingFault) => fail(faultOf(fault, maxBodyBytes)) }
  const decoder = new Decoder(codings, sink, maxBodyBytes)
  caller.whenGone(() => fail(failure('caller_gone', 'The application closed the connection.')))
  decoder.write(bytes)
  decoder.end()
}

function faultOf(fault: DecodingFault, limitBytes: number): Failure {
  if (fault === 'corrupt') {
    return failure('body_not_decodable', 'The request body is cut short, or is not what its content-encoding says.')
  }
  const message = `The request body without its content-encoding is larger than the limit of ${limitBytes} bytes.`
  return failure('body_too_large', message)
}

function unknownCoding(): Failure {
  const message = `The content-encoding of the request body must be of ${KNOWN_CODINGS}, at most ${MAX_CODINGS} one upon another.`
  return failure('encoding_unknown', message)
}

function tooManyInFlight(limitBytes: number): Failure {
  const message = `The request bodies in flight would exceed the limit of ${limitBytes} bytes.`
  return failure('bodies_in_flight', message)
}
