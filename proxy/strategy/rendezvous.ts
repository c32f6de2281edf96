// Weighted rendezvous hashing: each key has its own order of the candidates, and over many keys each candidate is the
// first of its share of them. When one is added, removed or re-weighted, only the keys move whose own candidate
// changed its share. Weight 0 comes last. Pure, and the same in every proxy.
import { hash } from 'node:crypto'
import type { Candidate, Draw, Ranked } from './strategy.ts'

export function saltOf(key: string): string {
  return hash('sha1', key)
}

export function byKey(candidates: readonly Candidate[], { salt }: Pick<Draw, 'salt'>): readonly Ranked[] {
  return candidates
    .map((candidate) => ({ candidate, score: scoreOf(candidate, salt) }))
    .toSorted((left, right) => right.score - left.score)
}

/** -weight / ln(u) for u uniform in (0, 1): the largest of several is each one's with a chance equal to its share. */
function scoreOf({ attempt, weight }: Candidate, salt: string): number {
  return weight === 0 ? 0 : -weight / Math.log(uniformOf(salt + attempt.targetId))
}

/** Uniform in (0, 1), the same for the same text. */
export function uniformOf(text: string): number {
  const digest = hash('sha1', text, 'buffer')
  return (digest.readUInt32BE(0) + 0.5) / 2 ** 32
}
