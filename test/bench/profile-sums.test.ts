import { describe, expect, it } from 'vitest'
import { selfByFunction, selfByOwner } from './profile-sums.ts'
import type { CpuProfile } from './profile-sums.ts'

const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 9 })
const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(idle)', '') },
    { id: 2, callFrame: frame('match', 'file:///anywhere/proxy/table/match.ts') },
    { id: 3, callFrame: frame('match', 'file:///anywhere/proxy/table/match.ts') },
    { id: 4, callFrame: frame('', 'file:///anywhere/node_modules/undici/lib/client.js'), children: [5] },
    { id: 5, callFrame: frame('writev', '') },
    { id: 6, callFrame: frame('end', 'node:_http_outgoing') },
  ],
  samples: [1, 2, 3, 4, 5, 6],
  timeDeltas: [1000, 40, 20, 15, 20, 5],
}

describe('shares of the busy time', () => {
  it('are summed over all callers of a function, without the idle time', () => {
    expect(selfByFunction(PROFILE)).toEqual([
      { name: 'match  proxy/table/match.ts:10', share: 0.6 },
      { name: 'writev', share: 0.2 },
      { name: '(anonymous)  node_modules/undici/lib/client.js:10', share: 0.15 },
      { name: 'end  node:_http_outgoing:10', share: 0.05 },
    ])
  })

  it('count native code for the package whose JavaScript called it', () => {
    expect(selfByOwner(PROFILE)).toEqual([
      { name: 'proxy/table/match.ts', share: 0.6 },
      { name: 'undici', share: 0.35 },
      { name: 'node:_http_outgoing', share: 0.05 },
    ])
  })
})
