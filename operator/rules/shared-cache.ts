// Which shared cache a rule's entries are offered to: that of its ModelRoute, or else the chart's, or none. Pure.
//
//   spec.sharedCache ?? inputs.sharedCache -> SharedUse -> rule.cache.shared, table.sharedCaches, the password's key
//
// Only rules that share beyond the pod use one, so that other pods neither connect nor get a password.
import type { SharedCacheSpec } from '../../crds/shared-cache.ts'
import { SHARED_CACHE_PASSWORD_ID } from '../../proxy/table/messages.ts'
import type { Route, RoutingTable } from '../../proxy/table/schema.ts'
import { type Finding, subjectOf } from '../finding.ts'
import type { NamespaceInputs } from '../gather.ts'
import { orderRoutes, type ReadableRoute } from '../groups.ts'
import type { KeyReference } from '../push/publication.ts'
import { boundedId, keyProblem } from '../resolve.ts'

/** The chart's, for all namespaces. Its password does not travel through here. */
export interface SharedCacheDefault {
  readonly url: string
  readonly ca: string | null
  readonly hasPassword: boolean
}

type Rows = NonNullable<RoutingTable['sharedCaches']>

export interface SharedUse {
  readonly name: string
  readonly row: Rows[string]
  /** Of the namespace; the chart's password is sent by push itself. */
  readonly key: KeyReference | null
}

const CHART = 'default'

export function sharedUse(inputs: NamespaceInputs, { resource, spec }: ReadableRoute): SharedUse | null {
  if (!spec.rules.some(({ cache }) => cache?.mode === 'Exact' && cache.shareWith !== 'Pod')) return null
  const { namespace, name } = resource.metadata
  if (spec.sharedCache !== undefined) return ownUse(boundedId(`${namespace}/${name}`), namespace, spec.sharedCache)
  const chart = inputs.sharedCache ?? null
  if (chart === null) return null
  const { url, ca, hasPassword } = chart
  const row = { url, ...(ca !== null && { ca }), ...(hasPassword && { password: SHARED_CACHE_PASSWORD_ID }) }
  return { name: CHART, row, key: null }
}

/** The rule's cache with the name of the shared one. */
export function withShared({ cache }: Pick<Route, 'cache'>, use: SharedUse | null): Pick<Route, 'cache'> {
  if (cache === undefined) return {}
  return { cache: use === null || cache.scope === 'Pod' ? cache : { ...cache, shared: use.name } }
}

/** Absent where no rule uses one. */
export function toSharedCaches(uses: readonly (SharedUse | null)[]): Pick<RoutingTable, 'sharedCaches'> {
  const rows = uses.flatMap((use) => (use === null ? [] : [[use.name, use.row] as const]))
  return rows.length === 0 ? {} : { sharedCaches: Object.fromEntries(rows) }
}

/** Rules that would share and have nothing to share through, and passwords that cannot be had. */
export function notesOnSharedCaches(inputs: NamespaceInputs): Finding[] {
  return orderRoutes(inputs.routes).flatMap((route) => {
    const subject = subjectOf('ModelRoute', route.resource)
    const use = sharedUse(inputs, route)
    if (use === null) return route.spec.rules.flatMap((rule, index) => nothingShared({ rule, index, subject }))
    const state = use.key && inputs.keyStates.get(use.key.id)
    const problem = use.key && state ? keyProblem(state, { owner: 'of the shared cache', key: use.key }) : null
    if (problem === null) return []
    const path = 'spec.sharedCache.passwordSecretRef'
    return [{ subject, path, reason: problem.reason, message: problem.message, severity: 'warning' as const }]
  })
}

interface RulePlace {
  readonly rule: ReadableRoute['spec']['rules'][number]
  readonly index: number
  readonly subject: Finding['subject']
}

function nothingShared({ rule: { name, cache }, index, subject }: RulePlace): readonly Finding[] {
  if (cache === undefined || cache.mode === 'Off' || cache.shareWith === 'Pod') return []
  const message =
    `rule "${name}" shares its cache with the ${cache.shareWith.toLowerCase()}, and there is no shared cache: set ` +
    'spec.sharedCache, or proxy.cache.shared in the chart; until then each pod keeps its own answers'
  return [
    { subject, path: `spec.rules[${index}].cache.shareWith`, reason: 'NoSharedCache', message, severity: 'warning' },
  ]
}

function ownUse(name: string, namespace: string, { url, ca, passwordSecretRef }: SharedCacheSpec): SharedUse {
  const key = passwordSecretRef === undefined ? null : passwordKey(namespace, passwordSecretRef)
  return { name, row: { url, ...(ca !== undefined && { ca }), ...(key !== null && { password: key.id }) }, key }
}

function passwordKey(namespace: string, { name, key }: { readonly name: string; readonly key: string }): KeyReference {
  return { id: boundedId(`cache/${namespace}/${name}/${key}`), namespace, secretName: name, secretKey: key }
}
