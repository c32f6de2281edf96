// A rule as it is for a call that asks for a model by a name that is listed: the backends of that name in place of the
// rule's own. Everything else of the rule (masking, cache, timeouts, strategy) holds as before, so that a name is no
// way around a policy; its canary does not, because it stands beside the rule's own backends. Pure.
import type { Route } from './schema.ts'

/** The same route where the name is none of those listed. */
export function routeForModel(route: Route, model: string): Route {
  const list = route.named?.find(({ models }) => models.includes(model))
  if (list === undefined) return route
  const { canary: _canary, unavailable: _unavailable, ...others } = route
  const { backends, unavailable } = list
  return { ...others, backends, ...(unavailable === undefined ? {} : { unavailable }) }
}
