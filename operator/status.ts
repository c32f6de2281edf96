// What the operator and the proxies made of a resource, as its status. Pure: from findings, key states and the
// proxies' progress to conditions; writing is status-writer.ts.
//
//   Accepted      no error in the resource itself                    findings
//   ResolvedRefs  providers, Secrets and keys exist                  findings, pending keys
//   Programmed    every proxy runs this generation (routes alone)    progress
//   Ready         all of these
//
// Always all of them, by type, positive; lastTransitionTime moves only when status does.
import { isDeepStrictEqual } from 'node:util'
import { type Condition, type ModelProviderStatus, modelProviderStatus } from '../crds/status.ts'
import { type ModelRouteStatus, modelRouteStatus } from '../crds/status.ts'
import { clip, type Draft, keep, settle, summarize } from './conditions.ts'
import type { Finding } from './finding.ts'
import { describeEffectiveNow } from './effective-now.ts'
import type { NamespaceInputs, UsableProvider, UsableRoute } from './gather.ts'
import { describeProgrammed } from './programmed.ts'
import type { Progress } from './progress.ts'
import { referencedProviders } from './referenced.ts'
import { hasPendingKey } from './resolve.ts'

export interface RouteStatusInputs {
  readonly inputs: NamespaceInputs
  readonly route: UsableRoute
  /** Of this route alone. */
  readonly findings: readonly Finding[]
  /** Null while not every replica has reported: what was said of the proxies then stays. */
  readonly progress: Progress | null
  readonly previous: ModelRouteStatus | null
  readonly nowMs: number
}

export interface Described<Status> {
  readonly status: Status
  /** When time alone changes the answer: a proxy that is behind for too long, a schedule. */
  readonly recheckAfterMs: number | null
}

export function describeRoute(known: RouteStatusInputs): Described<ModelRouteStatus> {
  const { inputs, route, findings, progress, previous, nowMs } = known
  const { generation } = route.resource.metadata
  const providers = route.spec === null ? [] : referencedProviders(route.spec)
  const accepted = describeAccepted(findings, 'the rules are valid')
  const resolved = describeResolved(findings, {
    isPending: providers.some(({ provider }) => hasPendingKey(inputs, provider)),
    previous: previous?.conditions,
  })
  const isAccepted = accepted.status === 'True'
  const programmed = describeProgrammed({ progress, isAccepted, generation, previous: previous?.conditions, nowMs })
  const drafts = [accepted, resolved, programmed.condition]
  const effective = describeEffectiveNow(route.spec, nowMs)
  const counted = progress ? countProxies(progress) : pickCounts(previous)
  const status: ModelRouteStatus = {
    observedGeneration: generation,
    ...counted,
    ruleCount: route.spec?.rules.length ?? 0,
    ...effective.status,
    conditions: settle([...drafts, summarize(drafts)], { generation, previous: previous?.conditions, nowMs }),
  }
  return { status, recheckAfterMs: soonest(programmed.recheckAfterMs, effective.recheckAfterMs) }
}

function soonest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other)
}

export interface ProviderStatusInputs {
  readonly inputs: NamespaceInputs
  readonly provider: UsableProvider
  readonly findings: readonly Finding[]
  readonly previous: ModelProviderStatus | null
  readonly nowMs: number
}

export function describeProvider(known: ProviderStatusInputs): ModelProviderStatus {
  const { inputs, provider, findings, previous, nowMs } = known
  const { generation, name } = provider.resource.metadata
  const accepted = describeAccepted(findings, 'the provider is valid')
  const resolved = describeResolved(findings, {
    isPending: hasPendingKey(inputs, name),
    previous: previous?.conditions,
  })
  const drafts = [accepted, resolved, summarize([accepted, resolved])]
  return {
    observedGeneration: generation,
    conditions: settle(drafts, { generation, previous: previous?.conditions, nowMs }),
  }
}

/** The status that an object has now, or null when there is none that this operator could have written. */
export function readRouteStatus(value: unknown): ModelRouteStatus | null {
  const parsed = modelRouteStatus.safeParse(value)
  return parsed.success ? parsed.data : null
}

export function readProviderStatus(value: unknown): ModelProviderStatus | null {
  const parsed = modelProviderStatus.safeParse(value)
  return parsed.success ? parsed.data : null
}

/** Equal in everything this operator writes; the order of conditions means nothing. */
export function isSameStatus(one: ModelRouteStatus | ModelProviderStatus | null, other: typeof one): boolean {
  return isDeepStrictEqual(byType(one), byType(other))
}

function byType(status: ModelRouteStatus | ModelProviderStatus | null): unknown {
  if (!status) return null
  const { conditions, ...others } = status
  return { ...others, conditions: Object.fromEntries((conditions ?? []).map((entry) => [entry.type, entry])) }
}

/** Findings that speak of another object; the others judge the resource itself. */
const REFERENCE_REASONS: ReadonlySet<string> = new Set([
  'ProviderNotFound',
  'ProviderInvalid',
  'SecretNotFound',
  'SecretKeyNotFound',
  'SecretUnusable',
  'SecretForbidden',
])

function describeAccepted(findings: readonly Finding[], sentence: string): Draft {
  const own = findings.filter((finding) => !REFERENCE_REASONS.has(finding.reason))
  const errors = own.filter((finding) => finding.severity === 'error')
  const [first] = errors
  if (first) return { type: 'Accepted', status: 'False', reason: first.reason, message: sentences(errors) }
  // A selector without pods is Programmed's news.
  const warnings = own.filter((finding) => finding.reason !== 'NoPods')
  if (warnings.length === 0) return { type: 'Accepted', status: 'True', reason: 'Accepted', message: sentence }
  return {
    type: 'Accepted',
    status: 'True',
    reason: 'AcceptedWithWarnings',
    message: clip(`${sentence}, but ${sentences(warnings)}`),
  }
}

interface Resolving {
  readonly isPending: boolean
  readonly previous: readonly Condition[] | undefined
}

function describeResolved(findings: readonly Finding[], { isPending, previous }: Resolving): Draft {
  const type = 'ResolvedRefs'
  const broken = findings.filter((finding) => REFERENCE_REASONS.has(finding.reason))
  const [first] = broken
  if (first) return { type, status: 'False', reason: first.reason, message: sentences(broken) }
  if (!isPending) return { type, status: 'True', reason: 'ResolvedRefs', message: 'every reference leads somewhere' }
  const unknown: Draft = { type, status: 'Unknown', reason: 'Pending', message: 'the Secrets were not read yet' }
  return keep(type, previous) ?? unknown
}

const MAX_SENTENCES = 3

function sentences(findings: readonly Finding[]): string {
  const messages = [...new Set(findings.map((finding) => finding.message))]
  const more = messages.length > MAX_SENTENCES ? [`and ${messages.length - MAX_SENTENCES} more`] : []
  return clip([...messages.slice(0, MAX_SENTENCES), ...more].join('; '))
}

function countProxies({
  total,
  current,
  rejected,
  firstRejection,
}: Progress): Pick<ModelRouteStatus, 'programmed' | 'proxies'> {
  const reason = firstRejection === null ? {} : { firstRejection: clip(firstRejection) }
  return { programmed: `${current}/${total}`, proxies: { total, current, rejected, ...reason } }
}

function pickCounts(previous: ModelRouteStatus | null): Pick<ModelRouteStatus, 'programmed' | 'proxies'> {
  return {
    ...(previous?.programmed === undefined ? {} : { programmed: previous.programmed }),
    ...(previous?.proxies === undefined ? {} : { proxies: previous.proxies }),
  }
}
