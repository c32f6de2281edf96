// Facts that cannot be loaded cost no call its answer.
import { expect, test } from 'vitest'
import { FactsOnDemand } from '../../../proxy/classify/facts-on-demand.ts'
import type { Call } from '../../../proxy/exchange.ts'

test('calls go without facts that cannot be loaded, and it is said once', async () => {
  const lines: string[] = []
  const load = () => Promise.reject(new Error('no such module'))
  const facts = new FactsOnDemand({ load, logger: { error: (_: object, text: string) => void lines.push(text) } })
  const call = { model: 'm' } as Call
  expect(await facts.of(call)).toBe(call)
  expect(await facts.of(call)).toBe(call)
  expect(lines).toEqual(['the classification of calls cannot be loaded'])
})
