// How far the proxies of each ModelRoute are: how many there are, how many run the newest table, how many refused it,
// and since when somebody is behind. Pure, but for the clock of each pod that is behind.
//
//   PodGroup[] + tables + ProxyReport[] -> measureProgress -> status.ts (Programmed, proxies)
import type { NamespaceInputs } from './gather.ts'
import type { PodGroup } from './groups.ts'
import type { Group, ProxyReport } from './push/publication.ts'

export interface Progress {
  readonly total: number
  readonly current: number
  readonly rejected: number
  /** `pod "chat-1": routes.0.name: too long`; null when nobody refused. */
  readonly firstRejection: string | null
  /** Pods that are behind, oldest first, with the time since when. */
  readonly behind: readonly { readonly podName: string; readonly sinceMs: number }[]
}

/** Since when each pod of a namespace does not run its newest table. Forgets pods that are gone or current. */
export class BehindClock {
  readonly #sinceMs = new Map<string, ReadonlyMap<string, number>>()

  /** Notes who is behind now; returns since when, by pod uid. */
  note(namespace: string, { behind, nowMs }: { behind: Iterable<string>; nowMs: number }): ReadonlyMap<string, number> {
    const before = this.#sinceMs.get(namespace)
    const after = new Map([...behind].map((uid) => [uid, before?.get(uid) ?? nowMs]))
    if (after.size === 0) this.#sinceMs.delete(namespace)
    else this.#sinceMs.set(namespace, after)
    return after
  }

  get namespaces(): number {
    return this.#sinceMs.size
  }
}

export interface ProgressInputs {
  readonly inputs: NamespaceInputs
  readonly podGroups: readonly PodGroup[]
  readonly groups: readonly Group[]
  readonly reports: readonly ProxyReport[]
  readonly clock: BehindClock
  readonly nowMs: number
}

/** By route name; only routes that select something have an entry other than zero. */
export function measureProgress(known: ProgressInputs): ReadonlyMap<string, Progress> {
  const pods = placePods(known)
  const behind = pods.filter((pod) => !pod.isCurrent).map((pod) => pod.uid)
  const sinceMs = known.clock.note(known.inputs.namespace, { behind, nowMs: known.nowMs })
  const names = known.inputs.routes.map((route) => route.resource.metadata.name)
  return new Map(
    names.map((name) => [
      name,
      summarize(
        pods.filter((pod) => pod.routes.has(name)),
        sinceMs,
      ),
    ]),
  )
}

interface PlacedPod {
  readonly uid: string
  readonly name: string
  readonly routes: ReadonlySet<string>
  readonly isCurrent: boolean
  readonly rejection: string | null
}

function placePods({ podGroups, groups, reports }: ProgressInputs): readonly PlacedPod[] {
  const versions = new Map(groups.map((group) => [group.id, group.table.version]))
  const byUid = new Map(reports.map((report) => [report.podUid, report]))
  return podGroups.flatMap((group) => {
    const version = versions.get(group.id)
    const routes = new Set(group.routes.map((route) => route.resource.metadata.name))
    return group.pods.map(({ uid, name }) => {
      const report = byUid.get(uid)
      const isRejected = report?.rejected?.version === version
      const isCurrent = !isRejected && report?.ackedVersion === version
      return { uid, name, routes, isCurrent, rejection: isRejected ? (report?.rejected?.reason ?? null) : null }
    })
  })
}

function summarize(pods: readonly PlacedPod[], sinceMs: ReadonlyMap<string, number>): Progress {
  const rejected = pods.filter((pod) => pod.rejection !== null)
  const behind = pods
    .filter((pod) => !pod.isCurrent)
    .map((pod) => ({ podName: pod.name, sinceMs: sinceMs.get(pod.uid) ?? 0 }))
    .toSorted((one, other) => one.sinceMs - other.sinceMs)
  const [first] = rejected
  return {
    total: pods.length,
    current: pods.length - behind.length,
    rejected: rejected.length,
    firstRejection: first ? `pod "${first.name}": ${first.rejection}` : null,
    behind,
  }
}
