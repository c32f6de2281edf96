// Findings that overlap: which one stays, what is left of the others, and that a hundred thousand of them are no burden.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { withoutOverlaps } from '../../../../proxy/redact/detectors/detect.ts'
import type { Detection } from '../../../../proxy/redact/detectors/detection.ts'

const finding = (start: number, end: number, type = 'Email'): Detection => ({ start, end, type, evidence: 'test' })
const spans = (found: readonly Detection[]) => found.map(({ start, end, type }) => [start, end, type])

describe('of findings that overlap', () => {
  test.each([
    ['the longest stays', [finding(4, 8), finding(0, 12)], [[0, 12, 'Email']]],
    ['of equal ones the earlier family stays', [finding(0, 9, 'Phone'), finding(0, 9, 'Word')], [[0, 9, 'Word']]],
    [
      'of equal ones of a family the first one stays',
      [finding(0, 9, 'Phone'), finding(0, 9, 'Email')],
      [[0, 9, 'Phone']],
    ],
    [
      'the shorter keeps what is left of it',
      [finding(0, 10, 'Phone'), finding(6, 20)],
      [
        [0, 6, 'Phone'],
        [6, 20, 'Email'],
      ],
    ],
    [
      'those that only touch both stay',
      [finding(5, 9), finding(0, 5)],
      [
        [0, 5, 'Email'],
        [5, 9, 'Email'],
      ],
    ],
  ])('%s', (_, found, expected) => {
    expect(spans(withoutOverlaps('abcdefghijklmnopqrstuvwxyz', found))).toEqual(expected)
  })

  test('what is left of a loser is dropped when it is marks or one letter', () => {
    expect(spans(withoutOverlaps('"a 12345678', [finding(0, 6, 'Phone'), finding(3, 11)]))).toEqual([[3, 11, 'Email']])
  })

  test('every letter that a finding covered stays covered but for single ones, in order and apart', () => {
    const span = fc
      .tuple(fc.nat(60), fc.integer({ min: 1, max: 20 }))
      .map(([start, size]) => finding(start, start + size))
    fc.assert(
      fc.property(fc.array(span, { maxLength: 20 }), (found) => {
        const kept = withoutOverlaps('a'.repeat(100), [...found])
        for (const [index, { start }] of kept.entries()) expect(start).toBeGreaterThanOrEqual(kept[index - 1]?.end ?? 0)
        const open = covered(found).filter((at) => !covered(kept).includes(at))
        for (const at of open) expect(open.includes(at + 1)).toBe(false)
      }),
    )
  })
})

test('a hundred thousand findings that all overlap their neighbours are settled within a second', () => {
  const found = Array.from({ length: 100_000 }, (_, index) => finding(index * 3, index * 3 + 4 + (index % 3)))
  const before = process.cpuUsage()
  const kept = withoutOverlaps('a'.repeat(300_100), found)
  const { user } = process.cpuUsage(before)
  expect(kept.length).toBeGreaterThan(30_000)
  expect(user).toBeLessThan(1_000_000)
})

test('so are 65,000 in one cluster whose lengths differ, and the longest of each place stay whole', () => {
  const found = Array.from({ length: 65_000 }, (_, index) =>
    finding(index * 3, index * 3 + 5 + (((index * 7919) % 97) % 40)),
  )
  const before = process.cpuUsage()
  const kept = withoutOverlaps('a1'.repeat(100_000), found)
  const { user } = process.cpuUsage(before)
  expect(kept.some(({ start, end }) => end - start === 44)).toBe(true)
  expect(kept.every(({ end }, index) => end <= (kept[index + 1]?.start ?? Infinity))).toBe(true)
  expect(user).toBeLessThan(700_000)
})

function covered(found: readonly Detection[]): number[] {
  const all = new Set<number>()
  for (const { start, end } of found) for (let at = start; at < end; at++) all.add(at)
  return [...all].toSorted((a, b) => a - b)
}
