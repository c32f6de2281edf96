// One number of a shared answer as the parts of those who share it: whole numbers stay whole, and the parts always add
// up to what the provider has counted. Pure.
import { isObject, type JsonValue } from '../dialect/neutral/json.ts'

/**
 * The largest remainders get what rounding leaves over. Weights are not negative; where all are 0, all are the same.
 * A number that is not whole (a price) is divided as it is.
 */
export function sharesOf(total: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((one, other) => one + other, 0)
  const exact = weights.map((weight) => (sum === 0 ? total / weights.length : (total * weight) / sum))
  if (!Number.isSafeInteger(total)) return exact
  const shares = exact.map(Math.floor)
  const left = total - shares.reduce((one, other) => one + other, 0)
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .toSorted((one, other) => other.remainder - one.remainder || one.index - other.index)
  for (const { index } of byRemainder.slice(0, left)) shares[index] = (shares[index] ?? 0) + 1
  return shares
}

export interface UsageWeights {
  /** What of the request is each one's. */
  readonly input: readonly number[]
  /** What of the answer is each one's. */
  readonly output: readonly number[]
}

const OF_THE_ANSWER = /completion|output|candidates|thoughts|reasoning|^eval_/i
const TOTALS: readonly { readonly total: string; readonly parts: readonly string[] }[] = [
  { total: 'total_tokens', parts: ['prompt_tokens', 'completion_tokens'] },
]

/** A usage as vendors write it: tokens of the answer go by the answers, the rest by what was asked, totals add up. */
export function usageShares(usage: JsonValue, weights: UsageWeights): readonly JsonValue[] {
  if (!isObject(usage)) return sharesWithin(usage, weights.input)
  const shares = Object.entries(usage).map(([name, value]) => {
    const byName = OF_THE_ANSWER.test(name) ? weights.output : weights.input
    return [name, sharesWithin(value ?? null, byName)] as const
  })
  return weights.input.map((_, index) => {
    const own = Object.fromEntries(shares.map(([name, values]) => [name, values[index]]))
    for (const { total, parts } of TOTALS) {
      const values = parts.map((part) => own[part])
      if (own[total] === undefined || !values.every((value) => typeof value === 'number')) continue
      own[total] = values.reduce((sum, value) => sum + value, 0)
    }
    return own
  })
}

/** The same for every number within a value; texts and the rest are everyone's. */
export function sharesWithin(value: JsonValue, weights: readonly number[]): readonly JsonValue[] {
  if (typeof value === 'number') return sharesOf(value, weights)
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).map((item) => sharesWithin(item, weights))
    return weights.map((_, index) => items.map((shares) => shares[index] ?? null))
  }
  if (!isObject(value)) return weights.map(() => value)
  const members = Object.entries(value).map(([name, member]) => [name, sharesWithin(member ?? null, weights)] as const)
  return weights.map((_, index) => Object.fromEntries(members.map(([name, shares]) => [name, shares[index]])))
}

/** Number by number; what one of them lacks is the other's. */
export function sumWithin(one: JsonValue, other: JsonValue): JsonValue {
  if (typeof one === 'number' && typeof other === 'number') return one + other
  if (Array.isArray(one) && Array.isArray(other)) {
    const items = other as readonly JsonValue[]
    return (one as readonly JsonValue[]).map((item, index) => sumWithin(item, items[index] ?? null))
  }
  if (!isObject(one) || !isObject(other)) return one ?? other
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries([...names].map((name) => [name, sumWithin(one[name] ?? null, other[name] ?? null)]))
}
