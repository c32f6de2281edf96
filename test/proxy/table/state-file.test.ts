// The private state file in a real folder.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Secret } from '../../../proxy/secret.ts'
import { createSourceMetrics } from '../../../proxy/table/source-metrics.ts'
import { MAX_STATE_BYTES, StateFile } from '../../../proxy/table/state-file.ts'
import { RecordingLogger, makeTable, readMetric } from '../../support/push-rig.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelroute-state-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function stateIn(path: string) {
  const registry = new Registry()
  const logger = new RecordingLogger()
  const state = new StateFile(path, { logger, metrics: createSourceMetrics(registry) })
  const count = (result: string) => readMetric(registry, 'modelroute_proxy_state_file_total', { result })
  return { state, logger, count }
}

const keysOf = (value: string) => [{ id: 'openai', value: new Secret(value) }]
const saved = { table: makeTable(1), keys: keysOf('sk-1'), trustPem: 'PEM' }

test('what was saved is loaded, in a file that only the owner can read', async () => {
  const path = join(folder, 'deep', 'state')
  await stateIn(path).state.save(saved)
  expect(statSync(join(path, 'state.json')).mode & 0o777).toBe(0o600)
  expect(await stateIn(path).state.load()).toEqual({
    table: makeTable(1),
    keys: [{ id: 'openai', value: 'sk-1' }],
    trustPem: 'PEM',
  })
})

test('a save replaces everything: a revoked key is in no file of the folder', async () => {
  const { state } = stateIn(folder)
  await state.save(saved)
  await state.save({ ...saved, keys: [] })
  const all = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  expect(all).toHaveLength(1)
  expect(all.join('')).not.toContain('sk-1')
})

test('of saves that come while one is written the newest is the one that stays', async () => {
  const { state, count } = stateIn(folder)
  await Promise.all(['sk-1', 'sk-2', 'sk-3', 'sk-4'].map((value) => state.save({ ...saved, keys: keysOf(value) })))
  expect(readFileSync(join(folder, 'state.json'), 'utf8')).toContain('sk-4')
  expect(await count('written')).toBe(2)
})

test('a folder without a file is no fault', async () => {
  const { state, logger, count } = stateIn(folder)
  expect(await state.load()).toBeNull()
  expect([await count('absent'), logger.lines]).toEqual([1, []])
})

test.each([
  ['empty', ''],
  ['cut in the middle', '{"schema":1,"table":null,"keys":[{"id":"openai","value":"sk-1"'],
  ['of another schema', JSON.stringify({ schema: 2, table: null, keys: [], trustPem: null })],
  ['of another shape', JSON.stringify({ schema: 1, table: null, keys: [{ id: 'openai', value: ['sk-1'] }] })],
  ['with a table of another schema', JSON.stringify({ schema: 1, table: { schema: 9 }, keys: [], trustPem: null })],
])('a file that is %s is ignored, told and counted, without its content', async (_what, text) => {
  writeFileSync(join(folder, 'state.json'), text)
  const { state, logger, count } = stateIn(folder)
  expect(await state.load()).toBeNull()
  expect(await count('ignored')).toBe(1)
  expect(logger.lines.join()).toContain('private state file ignored')
  expect(logger.lines.join()).not.toContain('sk-1')
})

test('what a killed write left behind is removed at the next start', async () => {
  writeFileSync(join(folder, 'state.json.new'), 'sk-revoked')
  await stateIn(folder).state.load()
  expect(readdirSync(folder)).toEqual([])
})

test('a table too large for the volume is left out, the keys are not', async () => {
  const { state, logger } = stateIn(folder)
  const provider = 'x'.repeat(MAX_STATE_BYTES)
  const target = { provider, dialect: 'OpenAI' as const, url: 'https://api.example.com/v1' }
  await state.save({ ...saved, table: { ...makeTable(1), targets: { big: target } } })
  expect(await stateIn(folder).state.load()).toMatchObject({ table: null, keys: [{ id: 'openai' }] })
  expect(logger.lines.join()).toContain('left out')
})

test('when the file cannot be replaced the old one with the revoked key does not stay', async () => {
  const { state, count } = stateIn(folder)
  await state.save(saved)
  // A folder in the place of the temporary file makes the write fail, whoever runs the test.
  rmSync(join(folder, 'state.json.new'), { force: true })
  mkdirSync(join(folder, 'state.json.new'))
  await state.save({ ...saved, keys: [] })
  expect(await count('failed')).toBe(1)
  expect(readdirSync(folder)).toEqual(['state.json.new'])
})
