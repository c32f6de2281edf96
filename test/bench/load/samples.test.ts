import { expect, it } from 'vitest'
import { MAX_SAMPLES, median, Samples } from './samples.ts'

it('gives exact percentiles of more samples than it had room for at first', () => {
  const samples = new Samples()
  for (let value = 10_000; value >= 1; value -= 1) samples.add(value)
  expect(samples.percentile(0.5)).toBe(5001)
  expect(samples.percentile(0.99)).toBe(9901)
  expect(samples.percentile(1)).toBe(10_000)
})

it('has no percentile without samples', () => {
  expect(new Samples().percentile(0.5)).toBeNaN()
})

it('keeps no more than its bound', () => {
  const samples = new Samples()
  for (let count = 0; count <= MAX_SAMPLES; count += 1) samples.add(count)
  expect(samples.count).toBe(MAX_SAMPLES)
})

it.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected)
})
