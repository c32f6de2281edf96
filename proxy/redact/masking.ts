// Masking as the pipeline sees it: a routed call in, the same call without private text out, with what is needed to put
// the values back into its answer. A call that cannot be masked is refused, or passed where its rule says so, and then
// the answer, the log and the metrics say it; it never leaves half masked.
//
//   RoutedCall -> policy, key -> walk -> find -> write -> MaskedCall { routed, report, restoring }
import { Buffer } from 'node:buffer'
import { conversationOf } from '../dialect/conversation.ts'
import { failure, type Failure } from '../errors.ts'
import type { Call, Operation, RedactionReport, RoutedCall } from '../exchange.ts'
import { headerOf } from '../raw-headers.ts'
import type { KeyRing } from '../table/key-ring.ts'
import type { Redaction, RoutingTable } from '../table/schema.ts'
import type { Logger } from '../telemetry/log.ts'
import { findAll, type Inspected } from './mask/find-all.ts'
import { LITERAL } from './mask/findings.ts'
import type { Inspector, NamedPolicy } from './mask/inspector.ts'
import { viewsOf } from './mask/views.ts'
import { Pace, type PaceDeps } from './mask/pace.ts'
import { writeMasked, type Labels, type Written } from './mask/write.ts'
import { headersOfMasked, placeOfMasked, type IsPrivate } from './outgoing.ts'
import { Codes } from './placeholder/placeholder.ts'
import { conversationKey, namespaceKeysOf, type NamespaceKeys } from './placeholder/namespace-key.ts'
import type { Policies } from './policies.ts'
import { Matcher } from './restore/matcher.ts'
import type { RestoreMap } from './restore/restore-map.ts'
import type { Restoring } from './restore/text-restorer.ts'
import type { Walked } from './walk/document.ts'
import { walkRequest } from './walk/shapes.ts'

export interface MaskingDeps extends PaceDeps {
  readonly keys: Pick<KeyRing, 'find'>
  readonly policies: Policies
  readonly inspector: Inspector
  readonly labels: Labels
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

interface Read {
  readonly kind: 'read'
  readonly walked: Walked
  readonly inspected: Inspected
  readonly keys: NamespaceKeys
  readonly named: NamedPolicy
  readonly pace: Pace
}

export class Masking {
  readonly #deps: MaskingDeps

  constructor(deps: MaskingDeps) {
    this.#deps = deps
  }

  /** Compiles the policies of a new table and proves their detectors before the first call needs them. */
  prepare({ routes }: Pick<RoutingTable, 'routes'>): void {
    for (const route of routes) {
      const result = route.redact === undefined ? null : this.#deps.policies.of(route, route.redact)
      // A list of words that has not come may come yet.
      if (result === null || !('kind' in result) || result.code === 'masking_not_ready') continue
      this.#deps.logger.error({ route: route.name, reason: result.message }, 'a rule that redacts is closed')
    }
  }

  async mask(routed: RoutedCall): Promise<MaskedCall | Failure> {
    const { redact } = routed.route
    if (redact === undefined) return { kind: 'masked', routed, report: null, restoration: null }
    const read = await this.#readSafely(routed, redact)
    if (read.kind === 'failure') return notMasked(routed, redact, read)
    if (redact.mode === 'DryRun') return counted(routed, read)
    const masked = await this.#written(routed, read)
    return masked.kind === 'failure' ? notMasked(routed, redact, masked) : masked
  }

  /** A detector that throws is a failure of masking like any other. Its message may hold text, so nobody sees it. */
  async #readSafely(routed: RoutedCall, redact: Redaction): Promise<Read | Failure> {
    try {
      return await this.#read(routed, redact)
    } catch (error) {
      return this.#fault(routed, error)
    }
  }

  async #read({ call, route }: RoutedCall, redact: Redaction): Promise<Read | Failure> {
    const { place, body } = call.received
    const named = this.#deps.policies.of(route, redact)
    if ('kind' in named) return named
    const keys = namespaceKeysOf(this.#deps.keys)
    if (keys === null) return failure('masking_not_ready', 'The key of the placeholders has not come to this proxy.')
    const { dialect, operation, path } = place
    const contentType = headerOf(call.received.rawHeaders, 'content-type') ?? ''
    const walked = walkRequest({ bytes: body, dialect: dialect.name, operation, path, contentType })
    if (walked.kind === 'failure') return walked
    const pace = new Pace(body.length, this.#deps)
    const inspected = await findAll(walked, { inspector: this.#deps.inspector, named, pace })
    if (inspected.kind === 'failure') return inspected
    if (redact.profile === 'Strict' && walked.notInspected + inspected.notInspected > 0) {
      return failure(
        'content_not_inspected',
        `Rule ${route.name} sends nothing that cannot be read, and this holds some.`,
      )
    }
    return { kind: 'read', walked, inspected, keys, named, pace }
  }

  async #written(routed: RoutedCall, read: Read): Promise<MaskedCall | Failure> {
    const { walked, inspected, keys, pace } = read
    try {
      const { operation } = routed.call.received.place
      const conversation = OF_NO_CONVERSATION.has(operation) ? null : conversationOf(routed.call)
      const codes = new Codes(conversationKey(keys.current, conversation))
      const previousCodes = keys.previous && new Codes(conversationKey(keys.previous, conversation))
      const deps = { ...this.#deps.labels, codes, previousCodes, pace }
      const written = await writeMasked(walked.document, inspected.texts, deps)
      const call = maskedCall(routed.call, written, (text) => this.#holdsAny(text, read.named))
      if (call.kind === 'failure') return call
      const report = reportOf('masked', written.maskedByType, notInspectedIn(read))
      report.sent = written.sent
      const restoration = restorationOf(routed.call, written, { report, isJsonOutput: walked.asksForJson })
      return { kind: 'masked', routed: { ...routed, call }, report, restoration, placeholders: written.map }
    } catch (error) {
      return this.#fault(routed, error)
    }
  }

  #holdsAny(text: string, named: NamedPolicy): boolean {
    const readings = [text, ...viewsOf(text).map((view) => view.text)]
    return readings.some((reading) => this.#deps.inspector.inspect(reading, null, named).length > 0)
  }

  #fault({ call, route }: RoutedCall, error: unknown): Failure {
    const fault = error instanceof Error ? error.name : 'unknown'
    this.#deps.logger.error({ id: call.received.id, route: route.name, fault }, 'a request could not be masked')
    return failure('masking_failed', `A fault of the proxy kept the request of rule ${route.name} from being masked.`)
  }
}

function notMasked(routed: RoutedCall, { mode, onFailure }: Redaction, reason: Failure): MaskedCall | Failure {
  if (mode === 'Enforce' && onFailure === 'Refuse') return reason
  const report = { ...reportOf(mode === 'DryRun' ? 'dryRun' : 'passed', new Map(), 0), reason: reason.code }
  return { kind: 'masked', routed, report, restoration: null }
}

function counted(routed: RoutedCall, read: Read): MaskedCall {
  const byType = new Map<string, number>()
  for (const { replacements } of read.inspected.texts) {
    for (const { type, share } of replacements) {
      if (share[0] === 0 && type !== LITERAL) byType.set(type, (byType.get(type) ?? 0) + 1)
    }
  }
  return { kind: 'masked', routed, report: reportOf('dryRun', byType, notInspectedIn(read)), restoration: null }
}

function notInspectedIn({ walked, inspected }: Read): number {
  return walked.notInspected + inspected.notInspected
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
function maskedCall(call: Call, { body }: Written, isPrivate: IsPrivate): Call | Failure {
  const { received } = call
  if (call.modelPathPlace !== null && !MODEL.test(call.model) && isPrivate(call.model)) {
    return failure('part_not_maskable', 'The name of the model in the path holds a value that this rule masks.')
  }
  const place = placeOfMasked(received.place, isPrivate)
  const masked = {
    ...received,
    place,
    body: bytesThatWereRead(body, received),
    rawHeaders: headersOfMasked(received.rawHeaders, isPrivate),
  }
  const read = place.endpoint?.readCall?.(masked) ?? failure('internal_error', 'The masked request is no call.')
  return read.kind === 'failure' ? read : { ...read, isAnswerRead: true }
}

/** Where nothing was found, not the compressed bytes either: they may hold more than was read (a name, a tail). */
function bytesThatWereRead(body: Buffer, { original: { read, sent } }: Call['received']): Buffer {
  return body === read && sent !== read ? Buffer.from(body) : body
}

/** Answers without text have nothing to restore but in what they say of errors. */
const WITHOUT_TEXT: ReadonlySet<string | null> = new Set(['Embedding', 'CountTokens'])

function restorationOf(
  { received }: Call,
  { map }: Written,
  { report, isJsonOutput }: { readonly report: RedactionReport; readonly isJsonOutput: boolean },
): Restoration | null {
  if (map.size === 0) return null
  const isForErrors = WITHOUT_TEXT.has(received.place.operation)
  return { map, matcher: new Matcher(map), counts: report, isJsonOutput, isForErrors }
}
