// What the dashboard shows, as plain data. Pure: the same inputs give the same page, and tests need no browser.
//
//   Board views + tally reports + push proxies -> dashboardState -> page.ts -> the browser
//
// Names and models come from users and are text here; page.ts escapes them. No key and no text of a call is in it.
import type { RecentCall } from '../../proxy/table/messages.ts'
import type { RoutingTable } from '../../proxy/table/schema.ts'
import type { Finding } from '../finding.ts'
import { compareText } from '../groups.ts'
import type { ModelRouteResource, ProxyPod } from '../kube/source.ts'
import type { ConnectedProxy, ProxyReport } from '../push/publication.ts'
import type { ReconciledNamespace } from '../reconcile.ts'
import { type ConditionView, describeSelector, isReady, providerViews, type ProviderView } from './resource-view.ts'
import { cacheOf, type CacheView } from './cache-panel.ts'
import { ruleViews } from './rule-view.ts'
import { podOf, type PodView, spreadOf, type SpreadView } from './spread.ts'
import type { RuleView } from './rule-view.ts'

/** Rows of one table on the page; what is beyond is counted and not drawn. */
export const MAX_ROWS = 200
export const MAX_CALLS = 50
export const MAX_NOTICES = 20

export interface DashboardInputs {
  /** Shown in the head: `local folder crds/examples/local` or `cluster`. */
  readonly source: string
  /** Sentences about what has no effect at all: a file that cannot be read. */
  readonly notices: readonly string[]
  readonly views: readonly ReconciledNamespace[]
  readonly reports: (namespace: string) => readonly ProxyReport[]
  /** False on a replica that hears only its own proxies: of the others it must not say that they are not connected. */
  readonly hasAllReports: boolean
  readonly connected: readonly ConnectedProxy[]
}

export interface RouteView {
  readonly namespace: string
  readonly name: string
  readonly selector: string
  readonly programmed: string
  readonly conditions: readonly ConditionView[]
  readonly rules: readonly RuleView[]
  readonly findings: readonly Finding[]
}

export type ProxyState = 'current' | 'behind' | 'rejected' | 'unconnected' | 'elsewhere'

export interface ProxyView {
  readonly namespace: string
  readonly pod: string
  readonly state: ProxyState
  /** Why it refused its table; empty otherwise. */
  readonly reason: string
  readonly runs: string | null
  readonly wanted: string | null
  readonly calls: number
}

export interface CallView extends RecentCall {
  readonly namespace: string
  readonly pod: string
}

/** What redaction did in all proxies that are heard, since each started. */
export interface RedactionView {
  /** Most found first. */
  readonly masked: Rows<{ readonly type: string; readonly count: number }>
  readonly restored: number
  readonly damaged: number
  /** Calls that left unmasked because their rule says so. */
  readonly passed: number
}

export type { PodView, SpreadView } from './spread.ts'

export interface Rows<Row> {
  readonly shown: readonly Row[]
  readonly total: number
}

export interface DashboardState {
  readonly source: string
  readonly notices: Rows<string>
  readonly totals: { readonly routes: number; readonly readyRoutes: number } & Record<ProxyState, number> & {
      readonly calls: number
    }
  readonly routes: Rows<RouteView>
  readonly providers: Rows<ProviderView>
  readonly proxies: Rows<ProxyView>
  readonly calls: Rows<CallView>
  readonly redaction: RedactionView
  readonly cache: CacheView
  readonly spread: Rows<SpreadView>
  /** Pods whose proxies can be asked here. */
  readonly connected: Rows<PodView>
}

const PARTIAL =
  'This replica hears only the proxies whose streams end at it; the page of the replica that holds the Lease shows all.'

export function dashboardState(inputs: DashboardInputs): DashboardState {
  const routes = inputs.views.flatMap(routesOf)
  const proxies = inputs.views.flatMap((view) => proxiesOf(view, inputs))
  const calls = inputs.connected.flatMap(callsOf).toSorted((one, other) => other.atMs - one.atMs)
  const count = (state: ProxyState) => proxies.filter((proxy) => proxy.state === state).length
  return {
    source: inputs.source,
    notices: limit(inputs.hasAllReports ? inputs.notices : [...inputs.notices, PARTIAL], MAX_NOTICES),
    totals: {
      routes: routes.length,
      readyRoutes: routes.filter(({ conditions }) => isReady(conditions)).length,
      current: count('current'),
      behind: count('behind'),
      rejected: count('rejected'),
      unconnected: count('unconnected'),
      elsewhere: count('elsewhere'),
      calls: proxies.reduce((sum, proxy) => sum + proxy.calls, 0),
    },
    routes: limit(routes, MAX_ROWS),
    providers: limit(inputs.views.flatMap(providerViews), MAX_ROWS),
    proxies: limit(proxies, MAX_ROWS),
    calls: limit(calls, MAX_CALLS),
    redaction: redactionOf(inputs.connected),
    cache: cacheOf(inputs.connected),
    spread: limit(spreadOf(inputs.connected), MAX_ROWS),
    connected: limit(
      inputs.connected.map(podOf).toSorted((one, other) => compareText(one.name, other.name)),
      MAX_ROWS,
    ),
  }
}

function redactionOf(connected: readonly ConnectedProxy[]): RedactionView {
  const totals = connected.flatMap(({ redaction }) => (redaction === null ? [] : [redaction]))
  const counts = new Map<string, number>()
  for (const [type, count] of totals.flatMap(({ masked }) => Object.entries(masked))) {
    counts.set(type, (counts.get(type) ?? 0) + count)
  }
  const masked = [...counts].map(([type, count]) => ({ type, count }))
  const sum = (pick: 'restored' | 'damaged' | 'passed') => totals.reduce((total, each) => total + each[pick], 0)
  return {
    masked: limit(
      masked.toSorted((one, other) => other.count - one.count || compareText(one.type, other.type)),
      MAX_ROWS,
    ),
    restored: sum('restored'),
    damaged: sum('damaged'),
    passed: sum('passed'),
  }
}

function limit<Row>(rows: readonly Row[], max: number): Rows<Row> {
  return { shown: rows.slice(0, max), total: rows.length }
}

function routesOf(view: ReconciledNamespace): RouteView[] {
  const tables = view.publication.groups.map((group) => group.table)
  return view.resources.routes.map((route) => toRouteView(view, { route, tables }))
}

function toRouteView(
  view: ReconciledNamespace,
  { route, tables }: { readonly route: ModelRouteResource; readonly tables: readonly RoutingTable[] },
): RouteView {
  const { name } = route.metadata
  const status = view.routeStatuses.get(name)
  const findings = view.findings.filter(({ subject }) => subject.kind === 'ModelRoute' && subject.name === name)
  return {
    namespace: view.namespace,
    name,
    selector: describeSelector(route.spec?.podSelector),
    programmed: status?.programmed ?? '',
    conditions: status?.conditions ?? [],
    rules: ruleViews(route, tables),
    findings,
  }
}

function proxiesOf(view: ReconciledNamespace, { reports, hasAllReports }: DashboardInputs): ProxyView[] {
  const reportOf = new Map(reports(view.namespace).map((report) => [report.podUid, report]))
  const wantedBy = new Map(view.publication.groups.flatMap(({ podUids, table }) => podUids.map((uid) => [uid, table])))
  return view.resources.pods.map((pod) =>
    toProxyView(pod, {
      report: reportOf.get(pod.uid),
      wanted: wantedBy.get(pod.uid)?.version ?? null,
      withoutReport: hasAllReports ? 'unconnected' : 'elsewhere',
    }),
  )
}

interface Heard {
  readonly report: ProxyReport | undefined
  readonly wanted: string | null
  readonly withoutReport: ProxyState
}

function toProxyView(pod: ProxyPod, { report, wanted, withoutReport }: Heard): ProxyView {
  const state = report === undefined ? withoutReport : proxyState(report, wanted)
  return {
    namespace: pod.namespace,
    pod: pod.name,
    state,
    reason: state === 'rejected' ? (report?.rejected?.reason ?? '') : '',
    runs: report?.ackedVersion ?? null,
    wanted,
    calls: report?.calls ?? 0,
  }
}

//  refused what is wanted   runs what is wanted   state
//  yes                      -                     rejected
//  no                       yes                   current
//  no                       no                    behind
function proxyState(report: ProxyReport, wanted: string | null): ProxyState {
  if (report.rejected !== null && report.rejected.version === wanted) return 'rejected'
  return wanted !== null && report.ackedVersion === wanted ? 'current' : 'behind'
}

function callsOf({ identity, recent }: ConnectedProxy): CallView[] {
  return recent.map((call) => ({ ...call, namespace: identity.namespace, pod: identity.podName }))
}
