// The command as its user calls it: a folder of resources and a call in, the reason out.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFolderTable } from '../../../operator/cli/folder-table.ts'

const root = join(import.meta.dirname, '../../..')
const examples = join(root, 'crds/examples/local')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelroute-'))
  const body = { model: 'big-one', messages: [{ role: 'user', content: 'hello' }] }
  writeFileSync(join(folder, 'call.json'), JSON.stringify({ path: '/v1/chat/completions', body }))
})

afterAll(() => rmSync(folder, { recursive: true }))

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'proxy/cli/modelroute.mjs'), ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('a call is explained by the rules of a folder, for the pod that they select', () => {
  const said = run('explain-call', '-f', join(folder, 'call.json'), '--resources', examples)
  expect(said.stdout).toContain('rule       default/local/big takes the call\n')
  expect(said.stdout).toContain('target     default/beta/beta-large (tier 0)\n')
  expect(said.stderr).toContain('for a pod of namespace default with labels app=chat')
  expect(said.status).toBe(0)
})

test('a folder gives the table that the operator would push', async () => {
  const { table, labels, remarks } = await readFolderTable({ folder: examples, namespace: 'default', labels: null })
  expect(table.routes.map(({ name }) => name)).toEqual(['default/local/big', 'default/local/everything'])
  expect([labels, remarks]).toEqual([{ app: 'chat' }, []])
})

test('a pod that no route selects has an empty table', async () => {
  const { table } = await readFolderTable({ folder: examples, namespace: 'default', labels: { app: 'other' } })
  expect(table.routes).toEqual([])
})

test.each([
  ['elsewhere', 'There is no ModelRoute of namespace "elsewhere" in'],
  ['default', 'no such file or directory'],
])('namespace %s of a folder without it is refused', async (namespace, sentence) => {
  const wish = { folder: namespace === 'default' ? join(folder, 'none') : examples, namespace, labels: null }
  await expect(readFolderTable(wish)).rejects.toThrow(sentence)
})
