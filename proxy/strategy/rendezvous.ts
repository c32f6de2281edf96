// Weighted rendezvous hashing: each key has its own order of the candidates, and over many keys each candidate is the
// first of its share of them. When one is added, removed or re-weighted, only the keys move whose own candidate
// changed its share. Weight 0 comes last. Pure, and the same in every proxy.
//
// A key is hashed once; each candidate mixes its own seed into that, which costs a fiftieth of another hash.
import { hash } from 'node:crypto'
import type { Candidate, Draw, Ranked } from './strategy.ts'

/** Two words of a key's hash. */
export interface Salt {
  readonly one: number
  readonly other: number
}

export const NO_SALT: Salt = { one: 0, other: 0 }

export function saltOf(key: string): Salt {
  const digest = hash('sha1', key, 'buffer')
  return { one: digest.readInt32BE(0), other: digest.readInt32BE(4) }
}

/** Of a target's id; to be kept. */
export function seedOf(targetId: string): number {
  return saltOf(targetId).one
}

export function byKey(candidates: readonly Candidate[], { salt }: Pick<Draw, 'salt'>): readonly Ranked[] {
  return candidates
    .map((candidate) => ({ candidate, score: scoreOf(candidate, salt) }))
    .toSorted((left, right) => right.score - left.score)
}

/** -weight / ln(u) for u uniform in (0, 1): the largest of several is each one's with a chance equal to its share. */
function scoreOf({ seed, weight }: Candidate, salt: Salt): number {
  return weight === 0 ? 0 : -weight / Math.log(uniformOf(seed, salt))
}

/** Uniform in (0, 1), the same for the same two. */
export function uniformOf(seed: number, { one, other }: Salt): number {
  return ((mix(mix(one ^ seed) ^ other) >>> 0) + 0.5) / 2 ** 32
}

/** The finalizer of MurmurHash3 (Appleby, public domain): each bit of its input changes half of those that come out. */
function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
