// One header out of a raw list.
import { expect, test } from 'vitest'
import { headerOf } from '../../proxy/raw-headers.ts'

test('headerOf finds the first value whatever the case of its name', () => {
  expect(headerOf(['X-A', '1', 'x-a', '2'], 'x-a')).toBe('1')
  expect(headerOf(['X-B', '1'], 'x-a')).toBeNull()
})
