// Masking as the pipeline sees it: a routed call in, the same call without private text out, with what is needed to put
// the values back into its answer. A call that cannot be masked is refused, or passed where its rule says so, and then
// the answer, the log and the metrics say it; it never leaves half masked. Texts are looked at elsewhere (work/).
//
//   RoutedCall -> policy, keys -> MaskJob -> work -> MaskResult -> MaskedCall { routed, report, restoration }
import { Buffer } from 'node:buffer'
import { conversationOf } from '../dialect/conversation.ts'
import { failure, type Failure } from '../errors.ts'
import type { Call, Operation, RedactionReport, RoutedCall } from '../exchange.ts'
import { headerOf } from '../raw-headers.ts'
import type { KeyRing } from '../table/key-ring.ts'
import type { Redaction, RoutingTable } from '../table/schema.ts'
import type { Logger } from '../telemetry/log.ts'
import { neededHeaders, neededQuery } from './work/outgoing.ts'
import { conversationKey, namespaceKeysOf } from './placeholder/namespace-key.ts'
import type { PolicyOrders } from './policy-orders.ts'
import { Matcher } from './restore/matcher.ts'
import { RestoreMap } from './restore/restore-map.ts'
import type { Restoring } from './restore/text-restorer.ts'
import type { CountedBody, MaskedBody, MaskJob, MaskResult, MaskWork } from './work/job.ts'

export interface MaskingDeps {
  readonly keys: Pick<KeyRing, 'find'>
  readonly orders: PolicyOrders
  readonly work: MaskWork
  readonly logger: Pick<Logger, 'error'>
}

/** The same value has the same placeholder over all of these calls: vectors must match, files have no turns. */
const OF_NO_CONVERSATION: ReadonlySet<Operation | null> = new Set<Operation | null>(['Embedding', 'Other'])

/** How the values come back; null on a call: nothing of its answer is to be changed. */
export interface Restoration extends Restoring {
  /** The answer has no text unless it tells of an error. */
  readonly isForErrors: boolean
  /** The answer's text is a JSON document. */
  readonly isJsonOutput: boolean
}

export interface MaskedCall {
  readonly kind: 'masked'
  readonly routed: RoutedCall
  readonly report: RedactionReport | null
  readonly restoration: Restoration | null
  /** Of the body as it leaves, those that never come back included; absent: it has none. */
  readonly placeholders?: RestoreMap
}

export class Masking {
  readonly #deps: MaskingDeps

  constructor(deps: MaskingDeps) {
    this.#deps = deps
  }

  /** Compiles the policies of a new table and proves their detectors before the first call needs them. */
  async prepare({ routes }: Pick<RoutingTable, 'routes'>): Promise<void> {
    for (const { name, redact } of routes) {
      if (redact === undefined) continue
      const order = this.#deps.orders.of(name, redact)
      // A list of words that has not come may come yet.
      const fault = 'kind' in order ? null : await this.#deps.work.prepare(order, name)
      if (fault !== null)
        this.#deps.logger.error({ route: name, reason: fault.message }, 'a rule that redacts is closed')
    }
  }

  close(): void {
    this.#deps.work.close()
  }

  async mask(routed: RoutedCall): Promise<MaskedCall | Failure> {
    const { redact } = routed.route
    if (redact === undefined) return { kind: 'masked', routed, report: null, restoration: null }
    const job = this.#jobOf(routed, redact)
    const asked = 'kind' in job ? job : this.#deps.work.mask(job)
    const result = asked instanceof Promise ? await asked : asked
    const masked = this.#settled(routed, result)
    return masked.kind === 'failure' ? notMasked(routed, redact, masked) : masked
  }

  #jobOf({ call, route }: RoutedCall, redact: Redaction): MaskJob | Failure {
    const { place, body, rawHeaders } = call.received
    const policy = this.#deps.orders.of(route.name, redact)
    if ('kind' in policy) return policy
    const keys = namespaceKeysOf(this.#deps.keys)
    if (keys === null) return failure('masking_not_ready', 'The key of the placeholders has not come to this proxy.')
    const conversation = OF_NO_CONVERSATION.has(place.operation) ? null : conversationOf(call)
    return {
      policy,
      rule: route.name,
      body,
      dialect: place.dialect.name,
      operation: place.operation,
      path: place.path,
      contentType: headerOf(rawHeaders, 'content-type') ?? '',
      rawHeaders: neededHeaders(rawHeaders),
      query: neededQuery(place.query),
      oddModel: call.modelPathPlace !== null && !MODEL.test(call.model) ? call.model : null,
      codesKey: conversationKey(keys.current, conversation),
      previousCodesKey: keys.previous && conversationKey(keys.previous, conversation),
    }
  }

  #settled(routed: RoutedCall, result: MaskResult): MaskedCall | Failure {
    switch (result.kind) {
      case 'failure':
        return result
      case 'fault':
        return this.#fault(routed, result.name)
      case 'counted':
        return counted(routed, result)
      case 'masked':
        return masked(routed, result)
    }
  }

  #fault({ call, route }: RoutedCall, fault: string): Failure {
    this.#deps.logger.error({ id: call.received.id, route: route.name, fault }, 'a request could not be masked')
    return failure('masking_failed', `A fault of the proxy kept the request of rule ${route.name} from being masked.`)
  }
}

function notMasked(routed: RoutedCall, { mode, onFailure }: Redaction, reason: Failure): MaskedCall | Failure {
  if (mode === 'Enforce' && onFailure === 'Refuse') return reason
  const report = { ...reportOf(mode === 'DryRun' ? 'dryRun' : 'passed', new Map(), 0), reason: reason.code }
  return { kind: 'masked', routed, report, restoration: null }
}

function counted(routed: RoutedCall, { foundByType, notInspected }: CountedBody): MaskedCall {
  return { kind: 'masked', routed, report: reportOf('dryRun', foundByType, notInspected), restoration: null }
}

function masked(routed: RoutedCall, result: MaskedBody): MaskedCall | Failure {
  const call = maskedCall(routed.call, result)
  if (call.kind === 'failure') return call
  const report = reportOf('masked', result.maskedByType, result.notInspected)
  report.sent = result.sent
  const map = new RestoreMap(result.map)
  const restoration = restorationOf(routed.call, map, { report, isJsonOutput: result.asksForJson })
  return { kind: 'masked', routed: { ...routed, call }, report, restoration, placeholders: map }
}

function reportOf(
  outcome: RedactionReport['outcome'],
  byType: ReadonlyMap<string, number>,
  notInspected: number,
): RedactionReport {
  const masked = Object.fromEntries(byType)
  const counts = { sent: 0, seen: 0, restored: 0, damaged: 0, unknown: 0 }
  return { outcome, reason: null, masked, notInspected, ...counts }
}

/** What models are called by. */
const MODEL = /^[\w.:/-]*$/

/** The call as its dialect reads it from the masked body. */
function maskedCall(call: Call, { body, rawHeaders, query }: MaskedBody): Call | Failure {
  const { received } = call
  const place = { ...received.place, query }
  const bytes = body === null ? bytesThatWereRead(received) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const read = place.endpoint?.readCall?.({ ...received, place, body: bytes, rawHeaders })
  if (read === undefined) return failure('internal_error', 'The masked request is no call.')
  return read.kind === 'failure' ? read : { ...call, ...read, isAnswerRead: true }
}

/** Where nothing was found, not the compressed bytes either: they may hold more than was read (a name, a tail). */
function bytesThatWereRead({ body, original: { read, sent } }: Call['received']): Buffer {
  return body === read && sent !== read ? Buffer.from(body) : body
}

/** Answers without text have nothing to restore but in what they say of errors. */
const WITHOUT_TEXT: ReadonlySet<string | null> = new Set(['Embedding', 'CountTokens'])

function restorationOf(
  { received }: Call,
  map: RestoreMap,
  { report, isJsonOutput }: { readonly report: RedactionReport; readonly isJsonOutput: boolean },
): Restoration | null {
  if (map.size === 0) return null
  const isForErrors = WITHOUT_TEXT.has(received.place.operation)
  return { map, matcher: new Matcher(map), counts: report, isJsonOutput, isForErrors }
}
