// The table from a file, in a real folder, with a clock that the test moves.
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { POLL_MS } from '../../../proxy/table/file-source.ts'
import { TableHolder } from '../../../proxy/table/holder.ts'
import { KeyRing } from '../../../proxy/table/key-ring.ts'
import { createTableSource } from '../../../proxy/table/source.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { RecordingLogger, makeTable, readMetric, versionOf } from '../../support/push-rig.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelroute-table-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function following() {
  const [tableFile, keysFile] = [join(folder, 'table.json'), join(folder, 'keys.json')]
  write(keysFile, {})
  const clock = new ManualClock()
  const registry = new Registry()
  const logger = new RecordingLogger()
  const holder = new TableHolder(() => {})
  const keys = new KeyRing()
  const callLog = { count: () => 0, recent: () => [], redaction: () => null, shares: () => [], cache: () => null }
  const explain = async () => ({ status: 200, text: '' })
  const source = createTableSource(
    { kind: 'file', tableFile, keysFile },
    { explain, holder, keys, callLog, logger, registry, clock, random: Math.random },
  )
  const version = () => holder.current()?.version
  /** Lets the source look until the condition holds. */
  const until = (what: string, holds: () => boolean) =>
    waitUntil(
      what,
      () => {
        clock.advance(POLL_MS)
        return holds()
      },
      { intervalMs: 5 },
    )
  return { source, tableFile, keysFile, clock, registry, logger, holder, keys, version, until }
}

const write = (path: string, value: unknown) => writeFileSync(path, JSON.stringify(value))

test('table and keys are in force when start has resolved', async () => {
  const { source, tableFile, keysFile, keys, version } = following()
  write(tableFile, makeTable(1, ['openai']))
  write(keysFile, { openai: 'sk-1' })
  await source.start()
  expect([version(), keys.find('openai')?.reveal()]).toEqual([versionOf(1), 'sk-1'])
})

test('a key with a newline at its end is the key without it', async () => {
  const { source, tableFile, keysFile, keys } = following()
  write(tableFile, makeTable(1, ['openai']))
  write(keysFile, { openai: ' sk-1\n' })
  await source.start()
  expect(keys.find('openai')?.reveal()).toBe('sk-1')
  await source.stop()
})

test.each([
  ['that no header can carry', 'sk-1\nsk-2', 'a key has characters that no HTTP header can carry'],
  ['that is empty', '\n', 'a key is empty'],
])(
  'a key %s is refused with a sentence that does not show it, and the keys before stay',
  async (_, value, sentence) => {
    const { source, tableFile, keysFile, keys, logger, until } = following()
    write(tableFile, makeTable(1, ['openai']))
    write(keysFile, { openai: 'sk-0' })
    await source.start()
    write(keysFile, { openai: value })
    await until('the fault', () => logger.lines.join().includes(sentence))
    expect(keys.find('openai')?.reveal()).toBe('sk-0')
    expect(logger.lines.join()).not.toContain('sk-')
    await source.stop()
  },
)

test('a changed file is in force at the next look, a file that was renamed into place too', async () => {
  const { source, tableFile, version, until } = following()
  write(tableFile, makeTable(1))
  await source.start()
  write(tableFile, makeTable(2))
  await until('the second', () => version() === versionOf(2))
  write(`${tableFile}.new`, makeTable(3))
  renameSync(`${tableFile}.new`, tableFile)
  await until('the third', () => version() !== versionOf(2))
  expect(version()).toBe(versionOf(3))
  await source.stop()
})

test('a link that points elsewhere is followed, as a mounted ConfigMap does it', async () => {
  const { source, tableFile, version, until } = following()
  write(join(folder, 'one.json'), makeTable(1))
  write(join(folder, 'two.json'), makeTable(2))
  symlinkSync('one.json', tableFile)
  await source.start()
  symlinkSync('two.json', `${tableFile}.new`)
  renameSync(`${tableFile}.new`, tableFile)
  await until('the second', () => version() !== versionOf(1))
  expect(version()).toBe(versionOf(2))
  await source.stop()
})

test.each([
  ['is not JSON', '{"schema":1'],
  ['is of another schema', JSON.stringify({ ...makeTable(2), schema: 9 })],
  ['names a target that it does not have', JSON.stringify({ ...makeTable(2), passthrough: 'nowhere' })],
])('a table file that %s changes nothing, is told once and counted, and heals', async (_what, text) => {
  const { source, tableFile, registry, logger, version, until } = following()
  write(tableFile, makeTable(1))
  await source.start()
  writeFileSync(tableFile, text)
  const errors = () => logger.lines.filter((line) => line.includes('"level":"error"'))
  await until('the fault is told', () => errors().length > 0)
  expect(version()).toBe(versionOf(1))
  expect(await readMetric(registry, 'modelroute_proxy_tables_total', { result: 'refused' })).toBe(1)
  write(tableFile, makeTable(3))
  await until('the good one', () => version() === versionOf(3))
  expect(errors()).toHaveLength(1)
  await source.stop()
})

test('a file that comes later is found', async () => {
  const { source, tableFile, logger, version, until } = following()
  await source.start()
  expect(logger.lines.join()).toContain('ENOENT')
  write(tableFile, makeTable(1))
  await until('the table', () => version() === versionOf(1))
  await source.stop()
})

test('a keys file with a fault keeps the keys, and no value is logged', async () => {
  const { source, keysFile, logger, keys, until } = following()
  write(keysFile, { openai: 'sk-1' })
  await source.start()
  writeFileSync(keysFile, '{"openai":"sk-2"')
  await until('the fault is told', () => logger.lines.some((line) => line.includes('not JSON')))
  expect(keys.find('openai')?.reveal()).toBe('sk-1')
  write(keysFile, { openai: 'sk-3' })
  await until('the new key', () => keys.find('openai')?.reveal() === 'sk-3')
  expect(logger.lines.join()).not.toContain('sk-')
  await source.stop()
})

test('nothing is looked at after stop', async () => {
  const { source, tableFile, clock, version } = following()
  write(tableFile, makeTable(1))
  await source.start()
  await source.stop()
  expect(clock.waiting).toBe(0)
  expect(version()).toBe(versionOf(1))
})
