// How many tokens the answers of a provider's models may have, as a table's target carries it: by model, because a
// target without one of its own lets the application's through. Pure; nothing is written where a provider says nothing.
import type { ModelProviderSpec } from '../../crds/model-provider.ts'
import type { Target } from '../../proxy/table/schema.ts'

/** Of the target's own model, or of all that the provider lists where the caller's own model goes through. */
export function toOutputLimits(
  { models }: Pick<ModelProviderSpec, 'models'>,
  model: string | undefined,
): Pick<Target, 'outputLimits'> {
  const limits = models.flatMap(({ name, maxOutputTokens }) =>
    maxOutputTokens === undefined || (model !== undefined && name !== model) ? [] : [[name, maxOutputTokens] as const],
  )
  return limits.length === 0 ? {} : { outputLimits: Object.fromEntries(limits) }
}
