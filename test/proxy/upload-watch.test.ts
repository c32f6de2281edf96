// Uploads that stand still are given up at the second sweep; no timer runs without uploads.
import { expect, test } from 'vitest'
import { UploadWatch } from '../../proxy/upload-watch.ts'

function watched() {
  const due: (() => void)[] = []
  const watch = new UploadWatch({
    start: (_delayMs, run) => {
      due.push(run)
      return { refresh: () => {}, close: () => {} }
    },
  })
  return { watch, due, sweep: () => due.shift()?.() }
}

test('gives up what has not moved between two sweeps, once', () => {
  const { watch, due, sweep } = watched()
  const given: string[] = []
  watch.add(() => given.push('still'))
  const moving = watch.add(() => given.push('moving'))
  sweep()
  expect(given).toEqual([])
  moving.isMoving = true
  sweep()
  expect(given).toEqual(['still'])
  sweep()
  expect(given).toEqual(['still', 'moving'])
  expect(due).toHaveLength(0)
})

test('forgets what is removed and runs one timer for all', () => {
  const { watch, due, sweep } = watched()
  const given: string[] = []
  for (const upload of [watch.add(() => given.push('a')), watch.add(() => given.push('b'))]) watch.remove(upload)
  expect(due).toHaveLength(1)
  sweep()
  expect([given, due.length]).toEqual([[], 0])
  watch.add(() => given.push('c'))
  expect(due).toHaveLength(1)
})
