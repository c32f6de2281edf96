// How many tokens a provider's models hold, prompt and answer together, as a table's target carries it: by model,
// because a target without one of its own lets the application's through. Pure.
import type { ModelProviderSpec } from '../../crds/model-provider.ts'
import type { Target } from '../../proxy/table/schema.ts'

/** Of the target's own model, or of all that the provider lists where the caller's own model goes through. */
export function toContextTokens(
  { models }: Pick<ModelProviderSpec, 'models'>,
  model: string | undefined,
): Pick<Target, 'contextTokens'> {
  const limits = models.flatMap(({ name, contextTokens }) =>
    contextTokens === undefined || (model !== undefined && name !== model) ? [] : [[name, contextTokens] as const],
  )
  return limits.length === 0 ? {} : { contextTokens: Object.fromEntries(limits) }
}
