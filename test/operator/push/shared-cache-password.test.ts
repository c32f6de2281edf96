// The password of the chart's shared cache goes to proxies that use that cache, and to no others.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPasswordFile } from '../../../operator/push/shared-cache-password.ts'
import { Secret } from '../../../proxy/secret.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { makeTable, publicationOf } from '../../support/push-rig.ts'
import { useRigs } from '../../support/use-rigs.ts'

const { rigged, bare } = useRigs()
const sharedCachePassword = () => ({ version: '1', value: new Secret('open sesame') })
const idsOf = async (sharedCaches: object) => {
  const rig = await rigged({ sharedCachePassword })
  rig.push.publish(publicationOf([{ table: { ...makeTable(1), ...sharedCaches } }]))
  const proxy = bare(rig).hello()
  await waitUntil('the snapshot', () => proxy.snapshots()[0])
  return proxy.keyMessages().flatMap(({ entries }) => entries.map(({ id }) => id))
}

test('a table that shares through it is preceded by the password and by the key of the namespace', async () => {
  const row = { url: 'rediss://redis.cache.svc', password: 'shared-cache/default' }
  expect(await idsOf({ sharedCaches: { default: row } })).toEqual(['redaction/current', 'shared-cache/default'])
})

test('a table that shares through another gets the key of the namespace alone', async () => {
  expect(await idsOf({ sharedCaches: { own: { url: 'redis://own' } } })).toEqual(['redaction/current'])
})

test('a table that shares nothing gets neither', async () => {
  expect(await idsOf({})).toEqual([])
})

test('the file is read anew, and another password is another version', () => {
  const folder = mkdtempSync(join(tmpdir(), 'password-'))
  const path = join(folder, 'password')
  const errors: unknown[] = []
  const read = readPasswordFile(path, { error: (fields) => void errors.push(fields) })
  expect(read()).toBeNull()
  expect(errors.length).toBe(1)
  writeFileSync(path, 'first\n')
  const first = read()
  writeFileSync(path, 'second\n')
  utimesSync(path, 1, 2)
  const second = read()
  expect([first?.value.reveal(), second?.value.reveal()]).toEqual(['first', 'second'])
  expect(second?.version).not.toBe(first?.version)
  writeFileSync(path, '\n')
  expect(read()).toBeNull()
  rmSync(folder, { recursive: true })
})
