// Exact counts near a limit: from a real thread with OpenAI's vocabulary, bounded in time, in number and in length.
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { afterEach, expect, test } from 'vitest'
import { createClassifier } from '../../../proxy/classify/classifier.ts'
import { factsOf } from '../../../proxy/classify/call-facts.ts'
import { ExactCounter, MAX_CHARACTERS, MAX_COUNTS } from '../../../proxy/classify/exact/exact-counter.ts'
import { TokenEstimator } from '../../../proxy/classify/tokens/estimate.ts'
import { systemTimers, type Timers } from '../../../proxy/upstream/timers.ts'
import { chatOf } from './call.ts'

const PROSE = 'The committee met for the third time this year, and its members talked about the old town hall. '

let counter: ExactCounter | null = null

afterEach(() => counter?.close())

/** Nobody is late. */
const patient: Timers = { ...systemTimers, start: () => ({ close: () => {}, refresh: () => {} }) }

const started = (timers: Timers) => (counter = new ExactCounter({ timers }))

test('near a limit the count is that of the tokenizer itself, and special tokens are words', async () => {
  const exact = started(patient)
  const facts = factsOf(chatOf(PROSE.repeat(50), 'yes', PROSE), {
    classifier: createClassifier(),
    estimator: new TokenEstimator(),
    exact,
  })
  await facts.sharpen('gpt-4o')
  const texts = [PROSE.repeat(50), 'yes', PROSE]
  const around = 3 * 4 + 3
  expect(facts.promptTokens('gpt-4o')).toBe(texts.reduce((sum, text) => sum + countTokens(text), around))
  expect(await exact.count('o200k', ['<|endoftext|> and more'])).toBeGreaterThan(4)
})

test('a count that is late is none, and the estimate stays', async () => {
  const now: Timers = {
    ...systemTimers,
    start: (_, run) => {
      queueMicrotask(run)
      return { close: () => {}, refresh: () => {} }
    },
  }
  expect(await started(now).count('o200k', [PROSE])).toBeNull()
})

test('a text that is too long is not counted, and neither is one question too many', async () => {
  const exact = started(patient)
  expect(await exact.count('o200k', ['x'.repeat(MAX_CHARACTERS + 1)])).toBeNull()
  const open = Array.from({ length: MAX_COUNTS }, () => exact.count('cl100k', ['hello']))
  expect(await exact.count('cl100k', ['one too many'])).toBeNull()
  exact.close()
  expect(await Promise.all(open)).toEqual(open.map(() => null))
})

test('a thread that cannot start costs the count alone', async () => {
  counter = new ExactCounter({ timers: patient, threadUrl: new URL('./no-such-thread.ts', import.meta.url) })
  expect(await counter.count('o200k', [PROSE])).toBeNull()
})
