// Keys of redaction on their way to proxies: only to those whose table masks, before that table, and anew on a change.
import { expect, test } from 'vitest'
import type { NamespaceKeySet } from '../../../operator/redaction/namespace-keys.ts'
import { Secret } from '../../../proxy/secret.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { makeTable, publicationOf } from '../../support/push-rig.ts'
import { useRigs } from '../../support/use-rigs.ts'

const { rigged, bare } = useRigs()

function changingKeys() {
  const listeners = new Set<() => void>()
  const state: { keys: NamespaceKeySet | null } = { keys: setOf('first') }
  return {
    source: {
      keysOf: () => state.keys,
      onChange: (listener: () => void) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    change: (keys: NamespaceKeySet | null) => {
      state.keys = keys
      for (const listener of listeners) listener()
    },
  }
}

function setOf(value: string): NamespaceKeySet {
  return { version: value, entries: [{ id: 'redaction/current', value: new Secret(value) }] }
}

const masking = (version: number) => ({ ...makeTable(version), requires: ['redact'] })

test('a table that masks is preceded by the key of its namespace', async () => {
  const rig = await rigged({ namespaceKeys: changingKeys().source })
  rig.push.publish(publicationOf([{ table: masking(1) }]))
  const proxy = bare(rig).hello()
  await waitUntil('the snapshot', () => proxy.snapshots()[0])
  expect(proxy.messages.map(({ type }) => type)).toEqual(['trust', 'keys', 'snapshot'])
  expect(proxy.keyMessages()[0]?.entries).toEqual([{ id: 'redaction/current', value: 'first' }])
})

test('a table that masks nothing comes without it', async () => {
  const rig = await rigged({ namespaceKeys: changingKeys().source })
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = bare(rig).hello()
  await waitUntil('the snapshot', () => proxy.snapshots()[0])
  expect(proxy.keyMessages().flatMap(({ entries }) => entries)).toEqual([])
})

test('a rotated key is sent to the proxies that hold the one before', async () => {
  const keys = changingKeys()
  const rig = await rigged({ namespaceKeys: keys.source })
  rig.push.publish(publicationOf([{ table: masking(1) }]))
  const proxy = bare(rig).hello()
  const first = await waitUntil('the snapshot', () => proxy.snapshots()[0])
  proxy.say({ type: 'ack', version: first.version, nonce: first.nonce })
  keys.change(setOf('second'))
  const renewed = await waitUntil('the second key', () => proxy.keyMessages()[1])
  expect(renewed.entries).toEqual([{ id: 'redaction/current', value: 'second' }])
})

test('an operator that has no key yet still sends the table', async () => {
  const keys = changingKeys()
  keys.change(null)
  const rig = await rigged({ namespaceKeys: keys.source })
  rig.push.publish(publicationOf([{ table: masking(1) }]))
  const proxy = bare(rig).hello()
  await waitUntil('the snapshot', () => proxy.snapshots()[0])
  keys.change(setOf('late'))
  const late = await waitUntil('the key', () => proxy.keyMessages().find(({ entries }) => entries.length > 0))
  expect(late.entries).toEqual([{ id: 'redaction/current', value: 'late' }])
})
