// Rules that can never match because an earlier rule takes every call they could match. Pure.
//
//   earlier.models covers every glob of later.models, and the same of operations and circumstances
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
  readonly content?: readonly string[] | undefined
  readonly contextTokens?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined
  readonly podLabels?: Readonly<Record<string, string>> | undefined
}

/** Each condition of `wide` is one of the other's, or wider than it. */
export function coversCircumstances(wide: CircumstancesAsked, narrow: CircumstancesAsked): boolean {
  const { headers = [] } = narrow
  const hasHeaders = (wide.headers ?? []).every((one) => headers.some((other) => isDeepStrictEqual(one, other)))
  const hasSchedule = wide.schedule === undefined || isDeepStrictEqual(wide.schedule, narrow.schedule)
  return (
    hasHeaders && hasSchedule && coversContent(wide, narrow) && coversLength(wide, narrow) && coversLabels(wide, narrow)
  )
}

function coversContent({ content: wide = [] }: CircumstancesAsked, { content = [] }: CircumstancesAsked): boolean {
  return wide.length === 0 || (content.length > 0 && content.every((each) => wide.includes(each)))
}

function coversLength({ contextTokens: wide = {} }: CircumstancesAsked, { contextTokens = {} }: CircumstancesAsked) {
  return (wide.min ?? 0) <= (contextTokens.min ?? 0) && (wide.max ?? Infinity) >= (contextTokens.max ?? Infinity)
}

function coversLabels({ podLabels: wide = {} }: CircumstancesAsked, { podLabels = {} }: CircumstancesAsked): boolean {
  return Object.entries(wide).every(([key, value]) => Object.hasOwn(podLabels, key) && podLabels[key] === value)
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

/** Whether a name may match a pattern of both lists; empty takes every name. Patterns of two wildcards may meet. */
export function globsMeet(one: ModelGlobs, other: ModelGlobs): boolean {
  if (one.length === 0 || other.length === 0) return true
  return one.some((glob) => other.some((each) => globMeets(glob, each)))
}

/** Certain where one has no wildcard; else by what stands before the first wildcards and after the last ones. */
function globMeets(one: string, other: string): boolean {
  if (!/[*?]/.test(one)) return globCovers(other, one)
  if (!/[*?]/.test(other)) return globCovers(one, other)
  const starts = [one, other].map((glob) => glob.slice(0, glob.search(/[*?]/)))
  const ends = [one, other].map((glob) => /[^*?]*$/.exec(glob)?.[0] ?? '')
  const [start = '', otherStart = ''] = starts
  const [end = '', otherEnd = ''] = ends
  const hasStart = start.startsWith(otherStart) || otherStart.startsWith(start)
  return hasStart && (end.endsWith(otherEnd) || otherEnd.endsWith(end))
}
