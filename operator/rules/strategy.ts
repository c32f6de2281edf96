// A rule's strategy as a table carries it, and what is found about it. Pure. Nothing is written of the strategy that
// every rule has unless it says otherwise, so that tables stay readable for proxies of before.
import type { ModelProviderSpec } from '../../crds/model-provider.ts'
import type { ModelRouteRule } from '../../crds/model-route.ts'
import type { Route } from '../../proxy/table/schema.ts'
import type { StrategyName } from '../../proxy/table/strategy-schema.ts'

export function toStrategy({ strategy = 'Weight', sticky }: ModelRouteRule): Pick<Route, 'strategy' | 'sticky'> {
  if (strategy === 'Weight') return {}
  if (strategy !== 'Sticky' || sticky === undefined) return { strategy }
  const { by, header, whenMissing } = sticky
  return { strategy, sticky: { by, whenMissing, ...(header === undefined ? {} : { header }) } }
}

/** One thing about a rule's strategy that a person should know; the path is below the rule. */
export interface StrategyNote {
  readonly path: string
  readonly reason: string
  readonly message: string
}

/** `specOf`: a provider that can be used; null: another check says what is wrong with it. */
export type SpecOf = (provider: string) => ModelProviderSpec | null

export function notesOnStrategy(rule: ModelRouteRule, specOf: SpecOf): readonly StrategyNote[] {
  return [...spareTiers(rule), ...missingPrices(rule, specOf), ...idleStrategy(rule), ...idleWeights(rule)]
}

/** CEL sees to it that one backend of the rule has a weight; a tier may still have none. */
function spareTiers({ backends }: ModelRouteRule): readonly StrategyNote[] {
  const tiers = Map.groupBy(backends, ({ tier }) => tier)
  return [...tiers].flatMap(([tier, list]) => {
    if (list.length < 2 || list.some(({ weight }) => weight > 0)) return []
    const message =
      `every backend of tier ${tier} has weight 0, so that they are chosen as if all weights were equal: give one a ` +
      'weight above 0'
    return [{ path: 'backends', reason: 'WeightsAllZero', message }]
  })
}

function missingPrices({ strategy, backends }: ModelRouteRule, specOf: SpecOf): readonly StrategyNote[] {
  if (strategy !== 'Cost') return []
  return backends.flatMap(({ providerRef, model }, index) => {
    const spec = specOf(providerRef.name)
    if (spec === null) return []
    const isPriced = spec.models.some(({ name, price }) => price !== undefined && (model ?? name) === name)
    if (isPriced) return []
    const what = model === undefined ? 'none of its models has a price' : `its model "${model}" has no price`
    const message =
      `strategy Cost, and ModelProvider "${providerRef.name}": ${what} in spec.models[].price, so that this backend ` +
      'comes after all that have one'
    return [{ path: `backends[${index}]`, reason: 'PriceMissing', message }]
  })
}

function idleStrategy({ strategy, backends }: ModelRouteRule): readonly StrategyNote[] {
  if (strategy === undefined || strategy === 'Weight') return []
  if (new Set(backends.map(({ tier }) => tier)).size < backends.length) return []
  const message = `strategy ${strategy} has nothing to choose from: no tier of this rule has two backends`
  return [{ path: 'strategy', reason: 'StrategyIdle', message }]
}

/** What a weight means beside "none". */
const WEIGHTLESS: ReadonlySet<StrategyName | undefined> = new Set(['Latency', 'Cost'])

function idleWeights({ strategy, backends }: ModelRouteRule): readonly StrategyNote[] {
  const weights = new Set(backends.filter(({ weight }) => weight > 0).map(({ weight }) => weight))
  if (!WEIGHTLESS.has(strategy) || weights.size < 2) return []
  const message = `strategy ${strategy} takes no notice of weights but 0, and the weights of this rule differ`
  return [{ path: 'backends', reason: 'WeightIdle', message }]
}

type Equal<One, Other> = [One, Other] extends [Other, One] ? true : false

/** The resource and the table name the same strategies, each in a file that may not import the other: tied here. */
export const ARE_STRATEGIES_EQUAL: Equal<StrategyName, NonNullable<ModelRouteRule['strategy']>> = true
