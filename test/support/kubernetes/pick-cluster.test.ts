// Where no cluster can be had, a person must learn why and what would help.
import { afterEach, expect, test, vi } from 'vitest'
import { pickCluster } from './pick-cluster.ts'

afterEach(() => vi.unstubAllEnvs())

test('says for each way why it cannot work and what would help', async () => {
  vi.stubEnv('PATH', '/nowhere')
  const choice = await pickCluster({})
  expect(choice.kind).toBe('impossible')
  const explanation = choice.kind === 'impossible' ? choice.explanation : ''
  expect(explanation).toMatch(/kind: no Docker engine answers\n +to change that: start Docker/)
  expect(explanation).toMatch(/node: it (misses containerd|needs (root|Linux)).*\n +to change that: \w+/)
})

test('looks only at the way that was asked for', async () => {
  vi.stubEnv('PATH', '/nowhere')
  const choice = await pickCluster({ MODELROUTE_CLUSTER: 'kind' })
  expect(choice).toMatchObject({ kind: 'impossible', explanation: expect.not.stringContaining('node:') })
})
