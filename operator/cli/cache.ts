// `npx modelroute cache`: what a proxy's cache holds, and throwing it away. Asks the proxy's admin port, in a pod
// through the API server or under a URL on this machine; what a purge may name is the proxy's own business
// (proxy/cache-tools.ts).
import { parseArgs } from 'node:util'
import type { PodAnswer, PodPort, PodRequest } from '../kube/port-forward.ts'

export const CACHE_USAGE = `usage: modelroute cache (--pod NAME [--namespace NS] [--admin-port N] | --url URL) [--json]
       modelroute cache purge (--pod NAME ... | --url URL) [--route R] [--scope S] [--key K] [--older-than AGE] [--all]
  --url URL         of a proxy's admin port on this machine, for example http://127.0.0.1:4142
  --route R         entries of a rule: NAMESPACE/MODELROUTE/RULE
  --scope S         entries that a pod, a workload or a namespace shares
  --key K           one entry
  --older-than AGE  entries that were kept before then: 90s, 30m, 2h, 1d
  --all             every entry
Entries go from this pod and from the shared caches of its namespace. Other pods keep what is theirs: for all of them at
once raise the rule's cache.generation.`

const DEFAULT_ADMIN_PORT = 4142

const OPTIONS = {
  pod: { type: 'string' },
  namespace: { type: 'string', short: 'n', default: 'default' },
  'admin-port': { type: 'string', default: String(DEFAULT_ADMIN_PORT) },
  url: { type: 'string' },
  route: { type: 'string' },
  scope: { type: 'string' },
  key: { type: 'string' },
  'older-than': { type: 'string' },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

export type CachePlace = { readonly kind: 'pod'; readonly to: PodPort } | { readonly kind: 'url'; readonly url: string }

export interface CacheWish {
  readonly place: CachePlace
  readonly request: PodRequest
  readonly isJson: boolean
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

/** A sentence: what is wrong. */
export function parseCacheArguments(args: readonly string[]): CacheWish | string {
  const isPurge = args[0] === 'purge'
  try {
    const { values } = parseArgs({ args: args.slice(isPurge ? 1 : 0), options: OPTIONS, strict: true })
    const place = placeOf(values)
    if (typeof place === 'string') return place
    const query = purgeQuery(values)
    if (!isPurge && query !== '') return 'say "cache purge" to throw entries away'
    if (isPurge && query === '') return 'say what to purge: --route, --scope, --key, --older-than or --all'
    const ask = { accept: 'application/json', body: '' }
    const request: PodRequest = isPurge
      ? { ...ask, method: 'POST', path: `/cache/purge?${query}` }
      : { ...ask, method: 'GET', path: '/cache' }
    return { place, request, isJson: values.json }
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}

export interface CacheDoors {
  readonly pod: (to: PodPort, request: PodRequest) => Promise<PodAnswer>
  readonly url: (url: string, request: PodRequest) => Promise<PodAnswer>
}

/** What to print; throws with the proxy's own sentence when it refused. */
export async function runCache({ place, request, isJson }: CacheWish, doors: CacheDoors): Promise<string> {
  const answer = await (place.kind === 'pod' ? doors.pod(place.to, request) : doors.url(place.url, request))
  if (answer.status !== 200 && answer.status !== 503) throw new Error(answer.text.trim())
  if (isJson) return answer.text
  const said = JSON.parse(answer.text) as Partial<CacheSaid>
  return said.levels === undefined ? purgedText(said.purged ?? null) : levelsText(said.levels)
}

/** The door for a proxy of this machine. */
export async function askUrl(url: string, { method, path, accept }: PodRequest): Promise<PodAnswer> {
  const answer = await fetch(new URL(path, url), { method, headers: { accept } })
  return { status: answer.status, text: await answer.text() }
}

interface CacheSaid {
  readonly purged: number | null
  readonly levels: readonly {
    readonly level: string
    readonly state: string
    readonly entries: number | null
    readonly bytes: number | null
    readonly maxBytes: number | null
  }[]
}

function placeOf(values: Values): CachePlace | string {
  const { pod, url, namespace } = values
  if ((pod === undefined) === (url === undefined)) return 'give either --pod or --url'
  if (url !== undefined) return URL.canParse(url) ? { kind: 'url', url } : '--url is not a URL'
  const port = Number(values['admin-port'])
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return '--admin-port is not a port'
  return { kind: 'pod', to: { namespace, pod: pod ?? '', port } }
}

function purgeQuery({ route, scope, key, all, 'older-than': olderThan }: Values): string {
  const named = { route, scope, key, olderThan, all: all ? 'true' : undefined }
  const given = Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return new URLSearchParams(given).toString()
}

function purgedText(purged: number | null): string {
  if (purged !== null) return `${purged} entries are gone.\n`
  return 'A level could not be asked: what could be purged is gone, the rest may come back. Try again.\n'
}

function levelsText(levels: CacheSaid['levels']): string {
  if (levels.length === 0) return 'No rule of this proxy has a cache.\n'
  const rows = levels.map(({ level, state, entries, bytes, maxBytes }) => {
    const room = maxBytes === null ? '' : ` of ${mebibytes(maxBytes)}`
    const size = bytes === null ? '' : `, ${mebibytes(bytes)}${room}`
    return `${level.padEnd(8)}${state}${entries === null ? '' : `, ${entries} entries`}${size}`
  })
  return `${rows.join('\n')}\n`
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
