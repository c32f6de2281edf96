// How the calls of each rule spread over its targets, over all proxies that are heard, since each started. Pure, a part
// of what state.ts puts together.
import { compareText } from '../groups.ts'
import type { ConnectedProxy } from '../push/publication.ts'

export interface SpreadView {
  readonly route: string
  /** Null: calls that no provider answered. */
  readonly target: string | null
  readonly calls: number
  /** Percent of the rule's calls. */
  readonly share: number
}

export interface PodView {
  /** `namespace/pod`. */
  readonly name: string
  readonly uid: string
}

export function podOf({ identity }: Pick<ConnectedProxy, 'identity'>): PodView {
  return { name: `${identity.namespace}/${identity.podName}`, uid: identity.podUid }
}

/** By rule, the busiest target first. */
export function spreadOf(connected: readonly Pick<ConnectedProxy, 'shares'>[]): readonly SpreadView[] {
  const routes = new Map<string, Map<string | null, number>>()
  for (const { route, target, calls } of connected.flatMap(({ shares }) => shares)) {
    const targets = routes.get(route) ?? new Map<string | null, number>()
    targets.set(target, (targets.get(target) ?? 0) + calls)
    routes.set(route, targets)
  }
  return [...routes]
    .toSorted(([one], [other]) => compareText(one, other))
    .flatMap(([route, targets]) => {
      const total = [...targets.values()].reduce((sum, calls) => sum + calls, 0)
      return [...targets]
        .toSorted(([, one], [, other]) => other - one)
        .map(([target, calls]) => ({ route, target, calls, share: Math.round((calls / total) * 1000) / 10 }))
    })
}
