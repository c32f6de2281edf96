// From resources to routing tables: one table for each group of pods with the same view. Pure; the inputs are frozen.
//
//   route -> compile (rules, targets, keys) -> assemble per group, in order, within the table's bounds -> RoutingTable
//
// A reference that leads nowhere costs its backend; a rule with no backend left stays, empty, with the reason, so that
// a call gets that sentence and not another rule's model. A route that does not fit is left out alone, as a Finding.
import { createHash } from 'node:crypto'
import type { ModelRouteRule } from '../crds/model-route.ts'
import {
  MAX_TABLE_BYTES,
  parseTable,
  type Route,
  type RoutingTable,
  TABLE_SCHEMA,
  type Target,
} from '../proxy/table/schema.ts'
import { type Finding, subjectOf } from './finding.ts'
import type { NamespaceInputs } from './gather.ts'
import { compareText, orderRoutes, type PodGroup, type ReadableRoute } from './groups.ts'
import type { Group, KeyReference } from './push/publication.ts'
import { toCanary } from './rules/canary.ts'
import { toNamed } from './rules/named.ts'
import { referencedProviders } from './referenced.ts'
import { isHttpUrl, keyOf } from './resolve.ts'
import { toBatch } from './rules/batch.ts'
import { toCache } from './rules/cache.ts'
import { toDeferred } from './rules/deferred.ts'
import { toFailover } from './rules/failover.ts'
import { resolveRedaction, wordsOf } from './redaction/to-redaction.ts'
import { sharedUse, type SharedUse, toSharedCaches, withShared } from './rules/shared-cache.ts'
import { toStrategy } from './rules/strategy.ts'
import { type NamedTarget, nameTarget, toUnavailable, useBackends } from './rules/target.ts'
import { toMatch } from './rules/match.ts'
import { toParameters } from './rules/parameters.ts'
import { toTimeouts } from './rules/timeouts.ts'

/** A table's routes are at most this many rules, of all ModelRoutes of a pod together. */
export const MAX_RULES = 1024

/** What the envelope of an otherwise empty table takes, generously. */
const ENVELOPE_BYTES = 1024

export interface Translation {
  readonly groups: readonly Group[]
  readonly keys: readonly KeyReference[]
  readonly findings: readonly Finding[]
}

export function translate(inputs: NamespaceInputs, podGroups: readonly PodGroup[]): Translation {
  const compile = memoize((route: ReadableRoute) => compileRoute(inputs, route))
  const assembled = podGroups.map((group) => assemble(group, compile))
  return {
    groups: assembled.map(({ group }) => group),
    keys: uniqueKeys([
      ...[...inputs.providers.keys()].flatMap((name) => keysOf(inputs, name)),
      ...orderRoutes(inputs.routes).flatMap((route) => [
        ...wordsOfRoute(inputs, route),
        ...passwordOf(sharedUse(inputs, route)),
      ]),
    ]),
    findings: assembled.flatMap(({ findings }) => findings),
  }
}

/** One ModelRoute's share of a table. */
interface CompiledRoute {
  readonly rules: readonly Route[]
  readonly targets: Readonly<Record<string, Target>>
  readonly keys: readonly KeyReference[]
  readonly passthrough: string | null
  readonly shared: SharedUse | null
  readonly sizeBytes: number
}

function compileRoute(inputs: NamespaceInputs, route: ReadableRoute): CompiledRoute {
  const shared = sharedUse(inputs, route)
  const compiled = route.spec.rules.map((rule) => compileRule(inputs, { route, rule, shared }))
  const rules = compiled.map((part) => part.rule)
  const passthrough = passthroughTarget(inputs, route)
  const targets = Object.fromEntries([
    ...compiled.flatMap((part) => part.targets),
    ...(passthrough ? [passthrough] : []),
  ])
  return {
    rules,
    targets,
    keys: [
      ...referencedProviders(route.spec).flatMap(({ provider }) => keysOf(inputs, provider)),
      ...wordsOfRoute(inputs, route),
      ...passwordOf(shared),
    ],
    passthrough: passthrough?.[0] ?? null,
    shared,
    sizeBytes: Buffer.byteLength(JSON.stringify([rules, targets, shared?.row])),
  }
}

interface CompiledRule {
  readonly rule: Route
  readonly targets: readonly NamedTarget[]
}

function compileRule(
  inputs: NamespaceInputs,
  { route, rule, shared }: { route: ReadableRoute; rule: ModelRouteRule; shared: SharedUse | null },
): CompiledRule {
  const used = useBackends(inputs, rule.backends)
  const named = toNamed(inputs, { spec: route.spec, rule })
  const canary = toCanary(inputs, rule)
  const redaction = rule.redact ? resolveRedaction(inputs, rule.redact) : null
  const closing = redaction?.closing ?? []
  const isOpen = closing.length === 0
  const reasons = isOpen ? used.broken : closing.map(({ message }) => message)
  const backends = isOpen ? used.backends : []
  const { namespace, name } = route.resource.metadata
  return {
    targets: isOpen ? [...used.targets, ...named.targets, ...canary.targets] : [],
    rule: {
      name: `${namespace}/${name}/${rule.name}`,
      match: toMatch(rule.match),
      ...(rule.mode === 'Shadow' ? { mode: rule.mode } : {}),
      backends,
      ...(backends.length === 0 ? { unavailable: toUnavailable(reasons) } : {}),
      ...toStrategy(rule),
      ...(isOpen ? { ...canary.canary, ...named.named } : {}),
      ...toBatch(rule),
      ...toParameters(rule),
      ...withShared(toCache(rule), shared),
      ...toDeferred(rule),
      ...(redaction === null ? {} : { redact: redaction.redaction }),
      timeouts: toTimeouts(rule),
      failover: toFailover(rule),
    },
  }
}

function wordsOfRoute(inputs: NamespaceInputs, { spec }: ReadableRoute): readonly KeyReference[] {
  return spec.rules.flatMap(({ redact }) => {
    const words = redact ? wordsOf(inputs.namespace, redact) : null
    return words === null ? [] : [words]
  })
}

function passwordOf(use: SharedUse | null): readonly KeyReference[] {
  return use === null || use.key === null ? [] : [use.key]
}

/** Kept while its key is missing: the proxy then answers that the key is missing, and not that the path is unknown. */
function passthroughTarget(inputs: NamespaceInputs, { spec }: ReadableRoute): NamedTarget | null {
  const name = spec.passthrough?.providerRef.name
  const provider = name === undefined ? undefined : inputs.providers.get(name)
  if (name === undefined || !provider?.spec || !isHttpUrl(provider.spec.url)) return null
  return nameTarget(inputs.namespace, { provider: name, spec: provider.spec, model: undefined })
}

/** A key whose Secret is missing is named too: push follows it, and the backend comes back when the Secret does. */
function keysOf(inputs: NamespaceInputs, provider: string): readonly KeyReference[] {
  const spec = inputs.providers.get(provider)?.spec
  const key = spec && keyOf(inputs.namespace, spec)
  return key ? [key] : []
}

interface Assembled {
  readonly group: Group
  readonly findings: readonly Finding[]
}

function assemble(group: PodGroup, compile: (route: ReadableRoute) => CompiledRoute): Assembled {
  const { fitting, findings } = fit(group.routes, compile)
  const rules = fitting.flatMap((route) => route.rules)
  const targets = fitting.flatMap((route) => Object.entries(route.targets))
  const passthrough = fitting.find((route) => route.passthrough !== null)?.passthrough ?? null
  const content = {
    schema: TABLE_SCHEMA,
    requires: rules.some(({ redact }) => redact !== undefined) ? ['redact'] : [],
    routes: rules,
    targets: Object.fromEntries(targets.toSorted(([one], [other]) => compareText(one, other))),
    ...(passthrough === null ? {} : { passthrough }),
    ...toSharedCaches(fitting.map(({ shared }) => shared)),
  }
  return {
    findings,
    group: {
      id: group.id,
      podUids: group.pods.map((pod) => pod.uid).toSorted(compareText),
      table: seal(content),
      keys: uniqueKeys(fitting.flatMap((route) => route.keys)),
    },
  }
}

/** Takes the routes in order while they fit; one that does not is left out and the next is tried. */
function fit(routes: readonly ReadableRoute[], compile: (route: ReadableRoute) => CompiledRoute) {
  const fitting: CompiledRoute[] = []
  const findings: Finding[] = []
  const used = { rules: 0, bytes: ENVELOPE_BYTES }
  for (const route of routes) {
    const compiled = compile(route)
    const hasRoom =
      used.rules + compiled.rules.length <= MAX_RULES && used.bytes + compiled.sizeBytes <= MAX_TABLE_BYTES
    if (hasRoom) {
      fitting.push(compiled)
      used.rules += compiled.rules.length
      used.bytes += compiled.sizeBytes
    } else findings.push(tooLarge(route, used))
  }
  return { fitting, findings }
}

function tooLarge(route: ReadableRoute, used: { readonly rules: number; readonly bytes: number }): Finding {
  return {
    subject: subjectOf('ModelRoute', route.resource),
    path: 'spec.rules',
    reason: 'TableFull',
    message:
      `this ModelRoute is left out: the ModelRoutes before it on the same pods have ${used.rules} rules in ` +
      `${used.bytes} bytes, and a table holds ${MAX_RULES} rules in ${MAX_TABLE_BYTES} bytes`,
    severity: 'error',
  }
}

/** The version is the hash of everything else, so that equal tables are never sent twice. */
function seal(content: Omit<RoutingTable, 'version' | 'schema'> & { schema: number }): RoutingTable {
  const version = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32)
  const parsed = parseTable({ ...content, version })
  if (parsed.kind === 'table') return parsed.table
  const faults = parsed.faults.map((fault) => `${fault.path}: ${fault.message}`).join('; ')
  throw new Error(`translate made a table that no proxy would take: ${faults}`)
}

function uniqueKeys(keys: readonly KeyReference[]): readonly KeyReference[] {
  const byId = new Map(keys.map((key) => [key.id, key]))
  return [...byId.values()].toSorted((one, other) => compareText(one.id, other.id))
}

function memoize<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>()
  return (key) => {
    const value = made.get(key) ?? make(key)
    made.set(key, value)
    return value
  }
}
