// What a ModelProvider says of its health, as a table's target carries it. Pure; durations are brought within a proxy's
// bounds as those of a rule are (timeouts.ts).
import type { ModelProviderSpec } from '../../crds/model-provider.ts'
import type { Target } from '../../proxy/table/schema.ts'
import { toTimeoutMs } from './timeouts.ts'

/** Nothing where the provider says nothing: the proxy has defaults. */
export function toHealth({ health }: Pick<ModelProviderSpec, 'health'>): Pick<Target, 'health'> {
  if (health === undefined) return {}
  const { failuresToEject, ejectFor, check } = health
  return {
    health: {
      failuresToEject,
      ejectForMs: toTimeoutMs(ejectFor),
      ...(check === undefined ? {} : { check: { path: check.path, everyMs: toTimeoutMs(check.every) } }),
    },
  }
}
