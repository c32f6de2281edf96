// What a call cost, exactly: prices are integers (millionths of a currency unit for a million tokens), so a token costs
// that many 1e-12 units and a call a sum of integers. Nothing is rounded and no float is used.
//
//   usage x price -> bigint, in 1e-12 of the currency -> formatCost -> "0.00042175"
import type { Usage } from '../dialect/neutral/chat.ts'
import type { Price } from '../table/strategy-schema.ts'

const DECIMALS = 12

/**
 * Cached input has its own price where the provider has one. Input that is written to a prompt cache counts as input:
 * what providers add for it is not in `price`.
 */
export function costOf(usage: Usage, price: Price): bigint {
  const input = tokens(usage.inputTokens)
  const cached = tokens(Math.min(usage.cachedInputTokens ?? 0, usage.inputTokens))
  const cachedPrice = BigInt(price.cachedInput ?? price.input)
  return (
    (input - cached) * BigInt(price.input) + cached * cachedPrice + tokens(usage.outputTokens) * BigInt(price.output)
  )
}

/** Providers are trusted with counts, not with their form. */
function tokens(count: number): bigint {
  return Number.isSafeInteger(count) && count > 0 ? BigInt(count) : 0n
}

/** A decimal string without trailing zeros, in units of the currency. */
export function formatCost(cost: bigint): string {
  const digits = cost.toString().padStart(DECIMALS + 1, '0')
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '')
  const whole = digits.slice(0, -DECIMALS)
  return fraction === '' ? whole : `${whole}.${fraction}`
}
