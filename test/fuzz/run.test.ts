// A few cases of the fuzz tests with every run of the tests; `npm run fuzz` has the many.
import { expect, test } from 'vitest'
import { PARSERS } from './parsers.ts'
import { runFuzz } from './run.ts'

test('every parser takes its share of the cases, and none of them fails', () => {
  const results = [...runFuzz({ cases: 3000, seed: 7 })]
  expect(results.filter(({ failure }) => failure !== null)).toEqual([])
  expect(results.map(({ name }) => name)).toEqual(PARSERS.map(({ name }) => name))
  expect(results.reduce((total, { cases }) => total + cases, 0)).toBeGreaterThanOrEqual(3000)
})
