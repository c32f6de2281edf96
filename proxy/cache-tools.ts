// What the admin port can be asked about the cache, on loopback alone:
//
//   GET  /cache                                            the levels: state, entries, bytes
//   POST /cache/purge?key=..&route=..&scope=..&olderThan=  entries for which all that is named holds; `all=true`: all
//
// It reaches this pod's levels and the shared caches of its namespace; other pods keep what they have themselves (raise
// the rule's `generation` for all of them at once).
import { json, plain, type AdminTool, type Reply } from './admin-tools.ts'
import { KEY_PATTERN, type CacheStore, type PurgeFilter } from './cache/store.ts'

export interface CacheToolDeps {
  /** Null: no rule has had a cache yet. */
  readonly store: () => CacheStore | null
  readonly now: () => number
}

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }
const NAMES = ['key', 'route', 'scope', 'olderThan', 'all'] as const

export function createCacheTools(deps: CacheToolDeps): readonly AdminTool[] {
  return [
    { method: 'GET', path: '/cache', maxBodyBytes: 0, answer: () => statistics(deps) },
    { method: 'POST', path: '/cache/purge', maxBodyBytes: 0, answer: ({ query }) => purge(query, deps) },
  ]
}

async function statistics({ store }: CacheToolDeps): Promise<Reply> {
  const levels = await store()?.statistics()
  return json(200, { levels: levels ?? [] })
}

async function purge(query: URLSearchParams, { store, now }: CacheToolDeps): Promise<Reply> {
  const filter = parseFilter(query, now())
  if (typeof filter === 'string') return plain(400, filter)
  const opened = store()
  const purged = opened === null ? 0 : await opened.purge(filter)
  return json(purged === null ? 503 : 200, { purged })
}

/** A sentence: what is wrong with it. Nothing named is a mistake more often than a wish. */
export function parseFilter(query: URLSearchParams, nowMs: number): PurgeFilter | string {
  const unknown = [...query.keys()].filter((name) => !NAMES.some((known) => known === name))
  if (unknown.length > 0) return `Not known: ${unknown.join(', ')}. There are ${NAMES.join(', ')}.`
  const key = query.get('key')
  if (key !== null && !KEY_PATTERN.test(key)) return 'The key must have 43 characters of base64url.'
  const age = query.get('olderThan')
  const ageMs = age === null ? null : parseAge(age)
  if (age !== null && ageMs === null) return 'olderThan must be a duration, for example 90s, 30m, 2h or 1d.'
  const [route, scope] = [query.get('route'), query.get('scope')]
  const isNamed = key !== null || age !== null || route !== null || scope !== null
  if (!isNamed && query.get('all') !== 'true') return 'Say what to purge: key, route, scope or olderThan; or all=true.'
  return {
    ...(key !== null && { key }),
    ...(route !== null && { route }),
    ...(scope !== null && { scope: scope.toLowerCase() }),
    ...(ageMs !== null && { storedBeforeMs: nowMs - ageMs }),
  }
}

function parseAge(text: string): number | null {
  const [, digits, unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []
  const seconds = SECONDS[unit]
  return digits === undefined || seconds === undefined ? null : Number(digits) * seconds * 1000
}
