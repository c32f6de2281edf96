// The board keeps the newest view of each namespace, and no more than its bound.
import { expect, test } from 'vitest'
import { Board, MAX_NAMESPACES } from '../../../operator/dashboard/board.ts'
import { view } from './views.ts'

test('the newest view of a namespace replaces the one before, and namespaces come in order', () => {
  const board = new Board()
  board.pin(view({ namespace: 'b' }))
  board.pin(view({ namespace: 'a' }))
  const newest = view({ namespace: 'b' })
  board.pin(newest)
  expect(board.views().map(({ namespace }) => namespace)).toEqual(['a', 'b'])
  expect(board.views()[1]).toBe(newest)
})

test('a namespace that went empty is taken off', () => {
  const board = new Board()
  board.pin(view())
  board.pin(view({ resources: { routes: [], providers: [], pods: [] } }))
  expect(board.views()).toEqual([])
})

test('a namespace beyond the bound is left out and the board says so; known ones still change', () => {
  const board = new Board()
  const one = view()
  for (let count = 0; count < MAX_NAMESPACES; count += 1) board.pin({ ...one, namespace: `n${count}` })
  expect(board.isTruncated()).toBe(false)
  board.pin({ ...one, namespace: 'n1', findings: [] })
  expect(board.isTruncated()).toBe(false)
  board.pin({ ...one, namespace: 'too-many' })
  expect(board.views()).toHaveLength(MAX_NAMESPACES)
  expect(board.isTruncated()).toBe(true)
})
