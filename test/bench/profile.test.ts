import { expect, it } from 'vitest'
import { selfTimes } from './profile.ts'

it("sums a function's samples over all its callers and leaves out the idle time", () => {
  const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 9 })
  const nodes = [
    { id: 1, callFrame: frame('(idle)', '') },
    { id: 2, callFrame: frame('match', 'file:///anywhere/proxy/table/match.ts') },
    { id: 3, callFrame: frame('match', 'file:///anywhere/proxy/table/match.ts') },
    { id: 4, callFrame: frame('', 'file:///anywhere/node_modules/undici/lib/client.js') },
  ]
  const lines = selfTimes({ nodes, samples: [1, 2, 3, 4], timeDeltas: [1000, 50, 25, 25] })
  expect(lines).toEqual([
    { name: 'match', place: 'proxy/table/match.ts:10', share: 0.75 },
    { name: '(anonymous)', place: 'node_modules/undici/lib/client.js:10', share: 0.25 },
  ])
})
