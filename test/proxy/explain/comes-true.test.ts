// What an explanation says comes true: calls made at random, over rules of every kind, go where it says.
import { expect, test } from 'vitest'
import { checkExplanations } from '../../soak/explanations.ts'

const CALLS = 150

test(`${CALLS} calls made at random go where their explanations say`, async () => {
  const { calls, mismatches, outcomes } = await checkExplanations({ calls: CALLS, seed: 20_261_122 })
  expect(mismatches).toEqual([])
  expect(calls).toBe(CALLS)
  // Made calls that all go one way would prove little.
  expect(Object.keys(outcomes).length).toBeGreaterThan(8)
})
