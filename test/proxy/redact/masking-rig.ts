// Masking without the wire: a call as the proxy would make it from a path and a body, and the masking of a proxy with
// a key. Detection is a few patterns of the test's own (plain-detection.ts) unless a test brings another, so that these
// tests say what masking does and nothing about what detectors see.
import { Buffer } from 'node:buffer'
import { Caller } from '../../../proxy/caller.ts'
import { recognise } from '../../../proxy/dialect/recognise.ts'
import type { Call, Received, RoutedCall } from '../../../proxy/exchange.ts'
import type { Failure } from '../../../proxy/errors.ts'
import type { Detect } from '../../../proxy/redact/mask/inspector.ts'
import { Masking, type MaskedCall } from '../../../proxy/redact/masking.ts'
import { PolicyOrders } from '../../../proxy/redact/policy-orders.ts'
import { createBodyWork } from '../../../proxy/redact/work/create-body-work.ts'
import { KeyRing } from '../../../proxy/table/key-ring.ts'
import type { Redaction, Route } from '../../../proxy/table/schema.ts'
import { detectPlainly } from './plain-detection.ts'

export const CURRENT = { id: 'redaction/current', value: Buffer.alloc(32, 7).toString('base64') }

const REDACTION: Redaction = { profile: 'Standard', add: [], remove: [], mode: 'Enforce', onFailure: 'Refuse' }

const ROUTE: Route = {
  name: 'test/chat/rule-0',
  match: { models: [] },
  backends: [],
  timeouts: { firstTokenMs: 1000, idleMs: 1000 },
  failover: { attempts: 1, on: [] },
}

export interface MaskingRigOptions {
  readonly detect?: Detect
  readonly keys?: readonly { readonly id: string; readonly value: string }[]
  /** Detectors that do not fire on their samples. */
  readonly silent?: readonly string[]
  /** The detectors of the proxy. */
  readonly isReal?: true
  readonly now?: () => number
  readonly afterTurn?: (run: () => void) => void
}

export interface MaskingRig {
  readonly keys: KeyRing
  readonly masking: Masking
  /** A rule that does not redact. */
  readonly route: Route
  /** Everything that was logged. */
  readonly log: readonly object[]
  readonly mask: (
    path: string,
    body: object | string | Buffer,
    redact?: Partial<Redaction>,
  ) => Promise<MaskedCall | Failure>
}

export function maskingRig(options: MaskingRigOptions = {}): MaskingRig {
  const { detect = detectPlainly, keys: entries = [CURRENT] } = options
  const keys = new KeyRing()
  keys.replaceAll(entries)
  const log: object[] = []
  const logger = { error: (fields: object) => void log.push(fields) }
  const work = createBodyWork({
    memoryKey: Buffer.alloc(32, 1),
    now: options.now ?? (() => performance.now()),
    afterTurn: options.afterTurn ?? ((run) => void setImmediate(run)),
    ...(options.silent && { silentDetectors: () => options.silent ?? [] }),
    ...(options.isReal !== true && { detect, compile: () => ({ isEnabled: () => true, scanners: [], enabled: [] }) }),
  })
  const masking = new Masking({ keys, orders: new PolicyOrders(keys), work, logger })
  const mask: MaskingRig['mask'] = (path, body, redact = {}) =>
    masking.mask(routedCall(callTo(path, body), { ...REDACTION, ...redact }))
  return { keys, masking, route: ROUTE, log, mask }
}

export function callTo(path: string, body: object | string | Buffer, rawHeaders: readonly string[] = []): Call {
  const place = recognise('POST', path, rawHeaders)
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const bytes = Buffer.from(text)
  const original = { read: bytes, sent: bytes }
  const caller = new Caller()
  const received: Received = {
    id: 'r',
    method: 'POST',
    place,
    rawHeaders,
    body: bytes,
    original,
    receivedAtMs: 0,
    caller,
  }
  const call = place.endpoint?.readCall?.(received)
  if (call?.kind !== 'call') throw new Error(`no call: ${path} ${JSON.stringify(call)}`)
  return call
}

function routedCall(call: Call, redact: Redaction): RoutedCall {
  return { kind: 'routed', call, route: { ...ROUTE, redact } }
}

/** The body that would leave. */
export function bodyOf(masked: MaskedCall | Failure): string {
  if (masked.kind === 'failure') throw new Error(`${masked.code}: ${masked.message}`)
  return masked.routed.call.received.body.toString('utf8')
}
