// The soak of batches in its small form: `node test/soak/batches.ts` has thousands.
import { expect, test } from 'vitest'
import { soakBatches } from './batches.ts'

test('among refusals, failures, nonsense and hang-ups, whoever gets an answer gets its own', async () => {
  const { wrong, answered, refused, gone, upstreamCalls } = await soakBatches(160, 3)
  expect(wrong).toEqual([])
  expect([answered > 100, answered + refused + gone, upstreamCalls < 160]).toEqual([true, 160, true])
})
