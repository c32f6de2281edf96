// The command line as its user meets it: what it prints for a text, and what it says of a wrong wish.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { redactCommand } from '../../../proxy/cli/redact.ts'

const text = 'Dear all,\nwrite to ada@example.com\n\nor to bob@example.org, Globex.\n'
const say = (wish: Parameters<typeof redactCommand>[0]) => redactCommand(wish, () => text)

test('prints the text with the word of its type in place of each value', () => {
  expect(say({})).toMatchObject({ kind: 'text', text: expect.stringContaining('write to <EMAIL>\n\nor to <EMAIL>,') })
})

test('explains each finding with its line, column, detector, value and evidence, and counts them', () => {
  const said = say({ explain: true })
  const lines = said.kind === 'text' ? said.text.split('\n') : []
  expect(lines[0]).toMatch(/^2:10 +Email +"ada@example\.com" {2}\(.+\)$/)
  expect(lines[1]).toMatch(/^4:7 +Email +"bob@example\.org" {2}\(.+\)$/)
  expect(lines.at(-2)).toContain('2 Email')
})

test('prints findings as JSON lines for programs', () => {
  const said = say({ json: true })
  const [first = ''] = said.kind === 'text' ? said.text.split('\n') : []
  expect(JSON.parse(first)).toMatchObject({ type: 'Email', start: 19, end: 34 })
})

test('masks the words that are given and leaves out the detectors that are removed', () => {
  expect(say({ word: ['Globex'], remove: ['Email'] })).toMatchObject({
    text: expect.stringMatching(/ada@example\.com[\s\S]+, <WORD>\.\n$/),
  })
})

test.each([
  [{ profile: 'Everything' }, '--profile is one of Credentials, Standard, Strict'],
  [{ add: ['Emial'] }, '--add[0]: there is no detector "Emial": docs/reference/detectors.md lists them'],
  [{ remove: ['Fone'] }, '--remove[0]: there is no detector "Fone": docs/reference/detectors.md lists them'],
])('refuses %j with a sentence', (wish, message) => {
  expect(say(wish)).toEqual({ kind: 'fault', message })
})

test('runs as a program: masks standard input, and exits with 2 on a wrong option', () => {
  const main = join(import.meta.dirname, '../../../proxy/cli/main.ts')
  const run = (...options: string[]) => spawnSync(process.execPath, [main, 'redact', ...options], { input: text })
  expect(String(run().stdout)).toContain('write to <EMAIL>')
  const wrong = run('--explian')
  expect(wrong.status).toBe(2)
  expect(String(wrong.stderr)).toContain('usage: modelroute redact')
})
