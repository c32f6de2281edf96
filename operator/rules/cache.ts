// What a rule's `cache` becomes in the table, and what of it can never happen. Pure. Which shared cache it uses is
// decided beside this.
import type { ModelRouteRule } from '../../crds/model-route.ts'
import { durationToMs } from '../../crds/shapes.ts'
import type { Route } from '../../proxy/table/schema.ts'

export function toCache({ cache }: Pick<ModelRouteRule, 'cache'>): Pick<Route, 'cache'> {
  if (cache === undefined || cache.mode === 'Off') return {}
  const { mode: _, ttl, shareWith, staleWhileRevalidate, staleIfError, ...same } = cache
  return {
    cache: {
      ...same,
      scope: shareWith,
      ttlMs: durationToMs(ttl),
      ...whenOn('staleWhileRevalidateMs', staleWhileRevalidate),
      ...whenOn('staleIfErrorMs', staleIfError),
    },
  }
}

function whenOn<Name extends string>(name: Name, duration = '0s'): { readonly [name in Name]?: number } {
  const durationMs = durationToMs(duration)
  return durationMs === 0 ? {} : ({ [name]: durationMs } as { readonly [name in Name]: number })
}
