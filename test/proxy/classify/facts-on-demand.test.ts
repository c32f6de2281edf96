// Facts that cannot be loaded: a rule that masks may be one that looks at what a call is, so none goes without.
import { expect, test } from 'vitest'
import { FactsOnDemand } from '../../../proxy/classify/facts-on-demand.ts'
import type { Call } from '../../../proxy/exchange.ts'
import { makeTable } from '../../support/proxy-rig.ts'

test('no call goes without facts that cannot be loaded, and a table that needs them says it', async () => {
  const said = Promise.withResolvers<string>()
  const load = () => Promise.reject(new Error('no such module'))
  const facts = new FactsOnDemand({ load, logger: { error: (_: object, text: string) => said.resolve(text) } })
  facts.prepare(
    makeTable({
      targets: { a: { url: 'http://a.test' } },
      routes: [{ looks: { content: ['Code'] }, backends: ['a'] }],
    }),
  )
  expect(await said.promise).toBe('the classification of calls cannot be loaded')
  await expect(facts.of({ model: 'm' } as Call)).rejects.toThrow('no such module')
})
