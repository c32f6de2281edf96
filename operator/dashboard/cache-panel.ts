// The cache on the dashboard: how the calls of rules with one were answered, in all proxies that are heard, since each
// started, and what that saved. Pure.
import type { ConnectedProxy } from '../push/publication.ts'
import { html, type Html } from './html.ts'
import { renderTable } from './table.ts'

export interface CacheView {
  readonly memory: number
  readonly disk: number
  readonly shared: number
  /** Of those: past their time. */
  readonly stale: number
  readonly missed: number
  readonly bypassed: number
  readonly savedTokens: number
  readonly savedCost: number
}

const NOTHING: CacheView = {
  memory: 0,
  disk: 0,
  shared: 0,
  stale: 0,
  missed: 0,
  bypassed: 0,
  savedTokens: 0,
  savedCost: 0,
}

export function cacheOf(connected: readonly Pick<ConnectedProxy, 'cache'>[]): CacheView {
  const names = Object.keys(NOTHING) as (keyof CacheView)[]
  return connected
    .flatMap(({ cache }) => cache ?? [])
    .reduce<CacheView>(
      (sum, each) => Object.fromEntries(names.map((name) => [name, sum[name] + each[name]])) as unknown as CacheView,
      NOTHING,
    )
}

export function renderCache(cache: CacheView): Html {
  const answered = cache.memory + cache.disk + cache.shared
  const asked = answered + cache.missed
  const rows: readonly (readonly [string, number])[] = [
    ['memory', cache.memory],
    ['disk', cache.disk],
    ['shared cache', cache.shared],
    ['a provider', cache.missed],
    ['a provider, cache not asked', cache.bypassed],
  ]
  const isIdle = asked + cache.bypassed === 0
  return renderTable({
    id: 'cache',
    title: 'Cache',
    heads: ['Answered by', 'Calls'],
    rows: isIdle ? [] : rows.map(renderRow),
    empty: 'No call of a rule with a cache yet. Give a rule a cache section, and what it saves is counted here.',
    rest: isIdle ? html`` : html`<p class="rest">${sentence(cache, { answered, asked })}</p>`,
  })
}

function renderRow([place, calls]: readonly [string, number]): Html {
  return html`<tr>
    <td>${place}</td>
    <td class="number">${calls}</td>
  </tr>`
}

function sentence(
  cache: CacheView,
  { answered, asked }: { readonly answered: number; readonly asked: number },
): string {
  const share = asked === 0 ? 0 : Math.round((answered / asked) * 1000) / 10
  const old = cache.stale === 0 ? '' : ` ${cache.stale} of them were past their time.`
  const money = cache.savedCost === 0 ? '' : ` and ${cache.savedCost.toFixed(2)} by the prices of their models`
  return `Answered from the cache: ${share} %.${old} Saved: ${cache.savedTokens} tokens${money}.`
}
