// What a policy makes of one parameter. Pure.
//
//   forced                         that value
//   absent, with a default         the default, brought within the bounds
//   absent                         nothing, unless what absence means to the provider is out of bounds: then the bound
//   there                          brought within the bounds; what is no number counts as absent, but for the default
import type { DeepReadonly } from '../table/schema.ts'
import type { Parameter, ParameterPolicy } from '../table/parameters-schema.ts'
import type { ParameterPlace } from './places.ts'

/** A number as the call writes it; null: it is no number; absent: it is not there. */
export type Asked = string | null | undefined

/** The text to write; null: it stays as it is. */
export function decide(
  parameter: Parameter,
  { asked, place }: { readonly asked: Asked; readonly place: ParameterPlace },
  { force, defaults, clamp }: DeepReadonly<ParameterPolicy>,
): string | null {
  const forced = force?.[parameter]
  if (forced !== undefined) return asked !== undefined || place.isOnlyChanged === undefined ? forced : null
  const bounds = clamp?.[parameter]
  if (typeof asked === 'string') return within(isUnlimited(parameter, asked) ? 'Infinity' : asked, bounds)
  if (asked === undefined && place.isOnlyChanged === true) return null
  const byDefault = asked === undefined ? defaults?.[parameter] : undefined
  if (byDefault !== undefined) return within(byDefault, bounds) ?? byDefault
  return whenAbsent(asked, place, bounds)
}

/** Ollama's word for a limit that is none. */
function isUnlimited(parameter: Parameter, asked: string): boolean {
  return parameter === 'maxTokens' && Number(asked) < 0
}

type Bounds = { readonly min?: string | undefined; readonly max?: string | undefined } | undefined

function whenAbsent(asked: Asked, { whenAbsent: meaning }: ParameterPlace, bounds: Bounds): string | null {
  if (bounds === undefined) return null
  // What is no number may mean anything to the provider.
  if (asked === null || meaning === null) return asked === null ? (bounds.max ?? bounds.min ?? null) : null
  return within(String(meaning), bounds)
}

/** Null: it is within them. */
function within(value: string, bounds: Bounds): string | null {
  const number = Number(value)
  if (bounds?.max !== undefined && number > Number(bounds.max)) return bounds.max
  if (bounds?.min !== undefined && number < Number(bounds.min)) return bounds.min
  return null
}
