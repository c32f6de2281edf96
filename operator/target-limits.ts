// What a ModelProvider says of one model or of its health, as a table's target carries it. Pure; durations are brought
// within a proxy's bounds as those of a rule are (timeouts.ts).
import type { ModelProviderSpec } from '../crds/model-provider.ts'
import type { Target } from '../proxy/table/schema.ts'
import { toTimeoutMs } from './timeouts.ts'

/** `model` is what the target is asked for; without one, no limit of a model is known. */
export function toTargetLimits(
  { models, health }: Pick<ModelProviderSpec, 'models' | 'health'>,
  model: string | undefined,
): Pick<Target, 'maxOutputTokens' | 'health'> {
  const maxOutputTokens = models.find(({ name }) => name === model)?.maxOutputTokens
  return {
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(health === undefined ? {} : { health: toHealth(health) }),
  }
}

function toHealth(health: NonNullable<ModelProviderSpec['health']>): NonNullable<Target['health']> {
  const { failuresToEject, ejectFor, check } = health
  return {
    failuresToEject,
    ejectForMs: toTimeoutMs(ejectFor),
    ...(check === undefined ? {} : { check: { path: check.path, everyMs: toTimeoutMs(check.every) } }),
  }
}
