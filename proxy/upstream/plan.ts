// Which targets a call may try, in order. Pure.
//
//   tiers in rising order -> inside a tier by weighted rendezvous hash of the conversation
//
// How many of them are tried is failover's, and in which order those that are not well (health.ts).
//
// Rendezvous hashing keeps a conversation on its target when another one is added, removed or re-weighted: only the
// conversations whose own target changed its share move. Weight 0 comes last in its tier.
import { hash } from 'node:crypto'
import type { Attempt, TargetEndpoint } from '../exchange.ts'
import type { Backend, Route, RoutingTable } from '../table/schema.ts'

export interface PlanTargets {
  readonly table: Pick<RoutingTable, 'targets'>
  readonly endpoints: ReadonlyMap<string, TargetEndpoint>
}

/** True when no tier has two backends: every conversation then goes the same way. */
export function isFixedOrder({ backends }: Pick<Route, 'backends'>): boolean {
  return new Set(backends.map(({ tier }) => tier)).size === backends.length
}

export function planAttempts(route: Route, { table, endpoints }: PlanTargets, conversation: string): Attempt[] {
  const attempts: Attempt[] = []
  for (const { target: targetId } of orderBackends(route, conversation)) {
    const target = table.targets[targetId]
    const endpoint = endpoints.get(targetId)
    if (target !== undefined && endpoint !== undefined) attempts.push({ targetId, target, endpoint })
  }
  return attempts
}

function orderBackends(route: Route, conversation: string): readonly Backend[] {
  const salt = isFixedOrder(route) ? null : hash('sha1', conversation)
  return route.backends
    .map((backend) => ({ backend, score: salt === null ? 0 : scoreOf(backend, salt) }))
    .toSorted((left, right) => left.backend.tier - right.backend.tier || right.score - left.score)
    .map(({ backend }) => backend)
}

/** -weight / ln(u) for u uniform in (0, 1): the largest of several is each one's with a chance equal to its share. */
function scoreOf({ target, weight }: Backend, salt: string): number {
  if (weight === 0) return 0
  const digest = hash('sha1', salt + target, 'buffer')
  const uniform = (digest.readUInt32BE(0) + 0.5) / 2 ** 32
  return -weight / Math.log(uniform)
}
