// What a provider's models cost, as a table's target carries it: by model, because a target without one of its own lets
// the application's through. Decimal strings become integers, exactly. Pure.
import type { ModelProviderSpec } from '../../crds/model-provider.ts'
import type { PriceSpec } from '../../crds/price.ts'
import type { Target } from '../../proxy/table/schema.ts'
import type { Price } from '../../proxy/table/strategy-schema.ts'

const DECIMALS = 6

/** Of the target's own model, or of all that the provider lists where the caller's own model goes through. */
export function toPrices(
  { models }: Pick<ModelProviderSpec, 'models'>,
  model: string | undefined,
): Pick<Target, 'prices'> {
  const prices = models.flatMap(({ name, price }) =>
    price === undefined || (model !== undefined && name !== model) ? [] : [[name, toPrice(price)] as const],
  )
  return prices.length === 0 ? {} : { prices: Object.fromEntries(prices) }
}

function toPrice({ inputPerMillion, outputPerMillion, cachedInputPerMillion }: PriceSpec): Price {
  return {
    input: toMillionths(inputPerMillion),
    output: toMillionths(outputPerMillion),
    ...(cachedInputPerMillion === undefined ? {} : { cachedInput: toMillionths(cachedInputPerMillion) }),
  }
}

/** "0.25" -> 250000, without a float on the way. */
function toMillionths(decimal: string): number {
  const [whole = '0', fraction = ''] = decimal.split('.')
  return Number(whole + fraction.padEnd(DECIMALS, '0'))
}
