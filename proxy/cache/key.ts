// The key of a call: a hash over all that its answer depends on. What the parts are, in order:
//
//   rule       its name (namespace/route/rule), targets with their models and credentials, redaction, generation, scope
//   call       dialect, operation, path, query, model, headers (key-headers.ts), form of the answer
//   body       its canonical form, with slots in place of placeholders (canonical.ts)
//
// A vector and a count belong to the very text, so that those operations have their placeholders in the key as text.
import type { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'
import type { Call } from '../exchange.ts'
import type { MaskedCall } from '../redact/masking.ts'
import type { CacheRule } from '../table/cache-schema.ts'
import type { Route, RoutingTable } from '../table/schema.ts'
import { ByteWriter } from './byte-writer.ts'
import { writeCanonical } from './canonical.ts'
import type { Envelope, NamedMember } from './envelope.ts'
import { KeyHeaders } from './key-headers.ts'
import { NO_SLOTS, SlotReader, type Slots } from './slots.ts'
import type { CacheKey } from './store.ts'

/** Another one whenever the same call would have another form here. */
const VERSION = 'modelroute cache 1'
const LOWER_T = 0x74
const LOWER_F = 0x66

export interface KeyedCall {
  readonly key: CacheKey
  readonly slots: Slots
}

export interface Keyed {
  readonly masked: MaskedCall
  readonly rule: CacheRule
  readonly table: RoutingTable
  /** Of the masked body. */
  readonly envelope: Envelope
}

/** What this proxy is called, where entries are not for everyone. */
export interface ScopeNames {
  readonly pod: string | null
  readonly workload: string | null
}

export class KeyMaker {
  readonly #names: ScopeNames
  readonly #writer = new ByteWriter()
  readonly #headers = new KeyHeaders()
  /** Of the routes of tables that are still in use. */
  readonly #rules = new WeakMap<Route, string>()

  constructor(names: ScopeNames) {
    this.#names = names
  }

  keyOf(keyed: Keyed): KeyedCall {
    const { masked, rule, envelope } = keyed
    const { call, route } = masked.routed
    const writer = this.#writer
    writer.begin()
    writer.text(this.#ruleText(route, keyed) + this.#callText(call, rule))
    const slots = slotReaderOf(masked)
    const members = envelope.members.filter((member) => !isForm(envelope.body, member))
    writeCanonical(envelope.body, members, { writer, slots })
    return { key: hash('sha256', writer.written(), 'base64url'), slots: slots?.slots ?? NO_SLOTS }
  }

  /** One text, written at once; each part has its length before it, so that no two lists of parts are the same text. */
  #callText({ received, model, stream }: Call, { ignoreHeaders }: CacheRule): string {
    const { dialect, operation, fullPath, query } = received.place
    const asked = query === '' ? '' : dialect.withoutKey(query)
    let text = part(dialect.name) + part(operation ?? '') + part(fullPath) + part(asked)
    text += part(model) + part(stream?.name ?? '')
    for (const header of this.#headers.of(received.rawHeaders, ignoreHeaders)) text += part(header)
    return text
  }

  #ruleText(route: Route, { rule, table }: Keyed): string {
    const known = this.#rules.get(route)
    if (known !== undefined) return known
    const { generation } = rule
    const scope = scopeText(rule, this.#names)
    const text = JSON.stringify([VERSION, route.name, targetsOf(route, table), route.redact, generation, scope])
    this.#rules.set(route, part(text))
    return part(text)
  }
}

function part(text: string): string {
  return `${text.length}:${text}`
}

/** Without a name of its own, a workload is no wider than its pod. */
export function scopeText({ scope }: Pick<CacheRule, 'scope'>, { pod, workload }: ScopeNames): string {
  if (scope === 'Namespace') return 'namespace'
  return scope === 'Workload' && workload !== null ? `workload ${workload}` : `pod ${pod ?? ''}`
}

/** Whoever may answer; not how often each does, so that a change of weights leaves the entries. */
function targetsOf(route: Route, table: RoutingTable): readonly string[] {
  const { backends, canary, named = [] } = route
  const uses = [...backends, ...named.flatMap((list) => list.backends), ...(canary === undefined ? [] : [canary])]
  const ids = new Set(uses.map(({ target }) => target))
  return [...ids].toSorted().map((id) => {
    const { provider, dialect, url, model, credential } = table.targets[id] ?? {}
    return JSON.stringify([id, provider, dialect, url, model, credential])
  })
}

const LITERAL: ReadonlySet<string | null> = new Set(['Embedding', 'CountTokens'])

function slotReaderOf({ routed, placeholders }: MaskedCall): SlotReader | null {
  if (placeholders === undefined || LITERAL.has(routed.call.received.place.operation)) return null
  return new SlotReader(placeholders)
}

/** Whether the answer comes as a stream stands in the key by the stream's own name. */
function isForm(body: Buffer, { text, value }: NamedMember): boolean {
  return text === 'stream' && (body[value.start] === LOWER_T || body[value.start] === LOWER_F)
}
