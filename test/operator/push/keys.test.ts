// Key references to values and states.
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { KeyStore } from '../../../operator/push/keys.ts'
import { createPushMetrics } from '../../../operator/push/metrics.ts'
import type { KeyReference } from '../../../operator/push/publication.ts'
import { MAX_KEY_CHARACTERS } from '../../../proxy/table/messages.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { MemorySecrets, RecordingLogger, keyReference } from '../../support/push-rig.ts'

function storing() {
  const secrets = new MemorySecrets()
  const clock = new ManualClock()
  const changes: string[] = []
  const keys = new KeyStore({
    secrets,
    clock,
    metrics: createPushMetrics(new Registry()),
    logger: new RecordingLogger(),
    onChange: (namespace) => changes.push(namespace),
  })
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) {
      clock.advance(50)
      await new Promise(setImmediate)
    }
  }
  const valueOf = (reference: KeyReference) =>
    keys.deliver(reference.namespace, [reference])?.entries.map(({ value }) => value.reveal())
  return { secrets, keys, changes, settle, valueOf }
}

const openai = keyReference('openai')

test.each([
  ['the Secret is missing', null, { kind: 'secretMissing' }],
  ['the key is missing in it', { other: 'x' }, { kind: 'keyMissing' }],
  ['the value is empty', { 'api-key': ' \n' }, { kind: 'unusable', reason: 'the value is empty' }],
  [
    'the value has two lines',
    { 'api-key': 'one\ntwo' },
    { kind: 'unusable', reason: 'the value has characters that no HTTP header can carry' },
  ],
  [
    'the value is one character too long',
    { 'api-key': 'x'.repeat(MAX_KEY_CHARACTERS + 1) },
    { kind: 'unusable', reason: 'the value is longer than 16384 characters' },
  ],
  ['the value is as long as it may be', { 'api-key': 'x'.repeat(MAX_KEY_CHARACTERS) }, { kind: 'present' }],
  ['the value ends with a newline', { 'api-key': 'sk-1\n' }, { kind: 'present' }],
])('when %s the state says so', async (_what, values, state) => {
  const { secrets, keys, settle } = storing()
  if (values !== null) secrets.put('shop/openai', values)
  keys.follow('shop', [openai])
  expect(keys.states('shop').get('openai')).toEqual({ kind: 'pending' })
  await settle()
  expect(keys.states('shop').get('openai')).toEqual(state)
})

test('a Secret that appears heals by itself and is told', async () => {
  const { secrets, keys, changes, settle, valueOf } = storing()
  keys.follow('shop', [openai])
  await settle()
  expect(valueOf(openai)).toEqual([])
  secrets.put('shop/openai', { 'api-key': 'sk-1' })
  keys.refresh('shop')
  await settle()
  expect(valueOf(openai)).toEqual(['sk-1'])
  expect(changes).toEqual(['shop', 'shop'])
})

test('a key that may not be read any more stays in use, and its state says why', async () => {
  const { secrets, keys, settle, valueOf } = storing()
  secrets.put('shop/openai', { 'api-key': 'sk-1' })
  keys.follow('shop', [openai])
  await settle()
  secrets.forbid('shop/openai', 'no right to get Secrets in shop')
  keys.refresh('shop')
  await settle()
  expect(keys.states('shop').get('openai')).toEqual({ kind: 'forbidden', reason: 'no right to get Secrets in shop' })
  expect(valueOf(openai)).toEqual(['sk-1'])
})

test('a reference to another namespace is not followed', async () => {
  const { secrets, keys, settle } = storing()
  const foreign = keyReference('openai', 'openai', 'bank')
  secrets.put('bank/openai', { 'api-key': 'sk-bank' })
  keys.follow('shop', [foreign])
  await settle()
  expect(secrets.asked).toEqual([])
  expect(keys.states('shop').size).toBe(0)
  expect(keys.deliver('shop', [foreign])?.entries).toEqual([])
})

test('another key of a Secret that is known already is read when it is first named', async () => {
  const { secrets, keys, settle, valueOf } = storing()
  const second = { ...openai, id: 'second', secretKey: 'second-key' }
  secrets.put('shop/openai', { 'api-key': 'sk-1', 'second-key': 'sk-2' })
  keys.follow('shop', [openai])
  await settle()
  keys.follow('shop', [openai, second])
  expect(keys.deliver('shop', [openai, second])).toBeNull()
  await settle()
  expect(valueOf(second)).toEqual(['sk-2'])
})

test('the version of a delivery changes with a value and tells nothing of it', async () => {
  const { secrets, keys, settle } = storing()
  secrets.put('shop/openai', { 'api-key': 'sk-1' })
  keys.follow('shop', [openai])
  await settle()
  const first = keys.deliver('shop', [openai])
  expect(keys.deliver('shop', [openai])?.version).toBe(first?.version)
  secrets.put('shop/openai', { 'api-key': 'sk-1' })
  keys.refresh('shop')
  await settle()
  const second = keys.deliver('shop', [openai])
  expect(second?.version).not.toBe(first?.version)
  expect(JSON.stringify(second)).not.toContain('sk-1')
})

test('an empty publication forgets the keys', async () => {
  const { secrets, keys, settle } = storing()
  secrets.put('shop/openai', { 'api-key': 'sk-1' })
  keys.follow('shop', [openai])
  await settle()
  keys.follow('shop', [])
  expect(keys.states('shop').size).toBe(0)
  expect(keys.deliver('shop', [openai])?.entries).toEqual([])
})
