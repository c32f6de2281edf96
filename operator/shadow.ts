// Rules that can never match because an earlier rule takes every call they could match. Pure.
//
//   earlier.models covers every glob of later.models, and the same of operations, headers and schedule
//     ->  later is shadowed
//
// Sound but not complete: what is reported is true, and a shadow that needs two earlier rules together, or a proof
// over several wildcards, is not found.
import { isDeepStrictEqual } from 'node:util'

/** Models of a rule's match; empty takes every model. */
export type ModelGlobs = readonly string[]

export function shadows(earlier: ModelGlobs, later: ModelGlobs): boolean {
  if (earlier.length === 0) return true
  if (later.length === 0) return earlier.some((glob) => globCovers(glob, '*'))
  return later.every((glob) => earlier.some((wider) => globCovers(wider, glob)))
}

export interface OperationsAsked {
  /** Empty: every operation. */
  readonly operations: readonly string[]
}

export function coversOperations({ operations: wide }: OperationsAsked, { operations }: OperationsAsked): boolean {
  return wide.length === 0 || (operations.length > 0 && operations.every((operation) => wide.includes(operation)))
}

export interface CircumstancesAsked {
  readonly headers?: readonly unknown[] | undefined
  readonly schedule?: unknown
}

/** Each condition of `wide` is one of the other's, word for word. */
export function coversCircumstances(wide: CircumstancesAsked, narrow: CircumstancesAsked): boolean {
  const { headers = [] } = narrow
  const hasHeaders = (wide.headers ?? []).every((one) => headers.some((other) => isDeepStrictEqual(one, other)))
  return hasHeaders && (wide.schedule === undefined || isDeepStrictEqual(wide.schedule, narrow.schedule))
}

/**
 * True when every text that `narrow` matches is matched by `wide` too. `*` in `wide` swallows anything, a wildcard
 * included; `?` in `wide` takes one character or one `?`, never a `*`. Linear in memory, product of lengths in time.
 */
export function globCovers(wide: string, narrow: string): boolean {
  // reachable[i]: the part of `wide` read so far covers the first i characters of `narrow`.
  let reachable = [true, ...Array.from(narrow, () => false)]
  for (const wanted of wide) reachable = wanted === '*' ? swallow(reachable) : step(reachable, { wanted, narrow })
  return reachable[narrow.length] === true
}

function swallow(reachable: readonly boolean[]): boolean[] {
  const first = reachable.indexOf(true)
  return reachable.map((_, index) => first !== -1 && index >= first)
}

function step(reachable: readonly boolean[], { wanted, narrow }: { wanted: string; narrow: string }): boolean[] {
  return reachable.map((_, index) => {
    const character = narrow[index - 1]
    if (index === 0 || !reachable[index - 1] || character === undefined || character === '*') return false
    return wanted === '?' || wanted === character
  })
}
