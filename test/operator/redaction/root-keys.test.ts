// When the key of redaction is made, rotated and forgotten; both sides of each boundary.
import { expect, test } from 'vitest'
import {
  advanceRootKeys,
  fromSecretData,
  OVERLAP_MS,
  ROTATE_AFTER_MS,
  type RootKeys,
  toSecretData,
} from '../../../operator/redaction/root-keys.ts'
import { deriveNamespaceKeys } from '../../../operator/redaction/namespace-keys.ts'
import { Secret } from '../../../proxy/secret.ts'

let made = 0
const makeKey = () => new Secret(Buffer.alloc(32, ++made).toString('base64'))
const bornAt = (nowMs: number): RootKeys => advanceRootKeys(null, nowMs, makeKey)
const textOf = (keys: RootKeys) => [keys.current.value.reveal(), keys.previous?.value.reveal() ?? null]

test('a key is made once and stays until it is 90 days old', () => {
  const keys = bornAt(0)
  expect(keys.previous).toBeNull()
  expect(advanceRootKeys(keys, ROTATE_AFTER_MS - 1, makeKey)).toBe(keys)
  const rotated = advanceRootKeys(keys, ROTATE_AFTER_MS, makeKey)
  expect(rotated.previous).toBe(keys.current)
  expect(rotated.current.value.reveal()).not.toBe(keys.current.value.reveal())
})

test('the key before stays for the overlap and no longer', () => {
  const rotated = advanceRootKeys(bornAt(0), ROTATE_AFTER_MS, makeKey)
  expect(advanceRootKeys(rotated, ROTATE_AFTER_MS + OVERLAP_MS - 1, makeKey)).toBe(rotated)
  expect(advanceRootKeys(rotated, ROTATE_AFTER_MS + OVERLAP_MS, makeKey).previous).toBeNull()
})

test('what the Secret holds is read back as it was', () => {
  const rotated = advanceRootKeys(bornAt(5_000), 5_000 + ROTATE_AFTER_MS, makeKey)
  const read = fromSecretData(toSecretData(rotated))
  expect(read && textOf(read)).toEqual(textOf(rotated))
  expect(read?.current.madeAtMs).toBe(rotated.current.madeAtMs)
})

test.each([
  ['is empty', {}],
  [
    'has a key of another length',
    { current: 'c2hvcnQ=', 'current-made-at': toSecretData(bornAt(0))['current-made-at'] },
  ],
  ['has a key without its date', { current: toSecretData(bornAt(0))['current'] ?? null }],
])('a Secret that %s holds no key', (_, data) => {
  expect(fromSecretData(data as Record<string, string | null>)).toBeNull()
})

test('namespaces have keys of their own, the same on every replica, and the root key is in none of them', () => {
  const keys = advanceRootKeys(bornAt(0), ROTATE_AFTER_MS, makeKey)
  const values = (namespace: string) =>
    deriveNamespaceKeys(keys, namespace).entries.map(({ id, value }) => `${id} ${value.reveal()}`)
  expect(values('shop')).toEqual(values('shop'))
  expect(values('shop').map((entry) => entry.split(' ')[0])).toEqual(['redaction/current', 'redaction/previous'])
  const all = [...values('shop'), ...values('bank')].map((entry) => entry.split(' ')[1])
  expect(new Set([...all, ...textOf(keys)]).size).toBe(6)
})
