// How calls spread over targets, over several proxies.
import { expect, test } from 'vitest'
import { spreadOf } from '../../../operator/dashboard/spread.ts'

test('calls of all proxies are added up by rule and target, and shares are of the rule', () => {
  const shares = (...rows: [string, string | null, number][]) => ({
    shares: rows.map(([route, target, calls]) => ({ route, target, calls })),
  })
  const spread = spreadOf([
    shares(['ns/chat/b', 'one', 1], ['ns/chat/a', 'one', 2]),
    shares(['ns/chat/a', 'two', 5], ['ns/chat/a', 'one', 1], ['ns/chat/a', null, 1]),
  ])
  expect(spread).toEqual([
    { route: 'ns/chat/a', target: 'two', calls: 5, share: 55.6 },
    { route: 'ns/chat/a', target: 'one', calls: 3, share: 33.3 },
    { route: 'ns/chat/a', target: null, calls: 1, share: 11.1 },
    { route: 'ns/chat/b', target: 'one', calls: 1, share: 100 },
  ])
})
