// Which targets a call may try, in order. Pure.
//
//   tiers in rising order -> inside a tier by weighted rendezvous hash of the conversation -> at most failover.attempts
//
// Rendezvous hashing keeps a conversation on its target when another one is added, removed or re-weighted: only the
// conversations whose own target changed its share move. Weight 0 comes last in its tier.
import { hash } from 'node:crypto'
import type { Attempt } from '../exchange.ts'
import type { Backend, Route, RoutingTable } from '../table/schema.ts'

/** `conversation` is asked for only when a choice depends on it. */
export function planAttempts(route: Route, table: RoutingTable, conversation: () => string): readonly Attempt[] {
  const ordered = route.backends.length === 1 ? route.backends : orderBackends(route.backends, conversation)
  const attempts: Attempt[] = []
  for (const { target: targetId } of ordered) {
    const target = table.targets[targetId]
    if (target === undefined || attempts.length >= route.failover.attempts) break
    attempts.push({ ordinal: attempts.length + 1, targetId, target })
  }
  return attempts
}

function orderBackends(backends: readonly Backend[], conversation: () => string): readonly Backend[] {
  const needsScore = backends.some((one) => backends.some((other) => other !== one && other.tier === one.tier))
  const salt = needsScore ? hash('sha1', conversation(), 'latin1') : ''
  return backends
    .map((backend) => ({ backend, score: needsScore ? scoreOf(backend, salt) : 0 }))
    .sort((left, right) => left.backend.tier - right.backend.tier || right.score - left.score)
    .map(({ backend }) => backend)
}

/** -weight / ln(u) for u uniform in (0, 1): the largest of several is each one's with a chance equal to its share. */
function scoreOf({ target, weight }: Backend, salt: string): number {
  if (weight === 0) return 0
  const digest = hash('sha1', salt + target, 'buffer')
  const uniform = (digest.readUInt32BE(0) + 0.5) / 2 ** 32
  return -weight / Math.log(uniform)
}
