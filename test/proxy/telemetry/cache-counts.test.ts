// What proxies count of their caches, and what the dashboard makes of it.
import { expect, test } from 'vitest'
import { CacheCounts } from '../../../proxy/telemetry/cache-counts.ts'
import { cacheOf, renderCache } from '../../../operator/dashboard/cache-panel.ts'

const report = { reason: null, ageMs: null, saved: null, kept: null }
const saved = { inputTokens: 1000, outputTokens: 200, cost: '0.0125' }

test('a proxy counts how its calls were answered and what that saved; the dashboard adds up proxies', () => {
  const counts = new CacheCounts()
  expect(counts.totals()).toBeNull()
  counts.count({ ...report, outcome: 'miss', level: null })
  counts.count({ ...report, outcome: 'hit', level: 'memory', saved })
  counts.count({ ...report, outcome: 'stale', level: 'disk', saved: { ...saved, cost: null } })
  counts.count({ ...report, outcome: 'bypass', level: null })
  const totals = counts.totals()
  expect(totals).toEqual({
    memory: 1,
    disk: 1,
    shared: 0,
    stale: 1,
    missed: 1,
    bypassed: 1,
    savedTokens: 2400,
    savedCost: 0.0125,
  })
  const view = cacheOf([{ cache: totals }, { cache: totals }, { cache: null }])
  const page = renderCache(view).toString()
  expect(page).toContain('Answered from the cache: 66.7 %. 2 of them were past their time.')
  expect(page).toContain('Saved: 4800 tokens and 0.03 by the prices of their models.')
})

test('a panel without any says how to get one', () => {
  expect(renderCache(cacheOf([])).toString()).toContain('Give a rule a cache section')
})
