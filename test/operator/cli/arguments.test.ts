// What the operator's commands understand, and what they say of a wrong wish.
import { expect, test } from 'vitest'
import { parseCliArguments } from '../../../operator/cli/arguments.ts'

test.each([
  [['table', '--resources', 'r'], { kind: 'table', folder: 'r', namespace: 'default', labels: null }],
  [
    ['table', '--resources', 'r', '-n', 'ns', '--labels', 'app=chat,tier=1'],
    { kind: 'table', folder: 'r', namespace: 'ns', labels: { app: 'chat', tier: '1' } },
  ],
  [
    ['explain-call', '-f', 'c.json', '--resources', 'r', '--json'],
    { kind: 'folderExplain', folder: 'r', namespace: 'default', labels: null, file: 'c.json', isJson: true },
  ],
  [
    ['explain-call', '-f', 'c.json', '--pod', 'chat-1', '-n', 'ns'],
    { kind: 'pod', namespace: 'ns', pod: 'chat-1', port: 4142, file: 'c.json', isJson: false },
  ],
])('%j is understood', (args, wish) => {
  expect(parseCliArguments(args)).toEqual({ kind: 'wish', wish })
})

test.each([
  [[], 'unknown command ""'],
  [['tables'], 'unknown command "tables"'],
  [['table'], '--resources names the folder of yaml files'],
  [['table', '--resources', 'r', '--labels', 'app'], '--labels is not of the form a=b,c=d'],
  [['explain-call', '--resources', 'r'], '-f names the file of the call'],
  [['explain-call', '-f', 'c'], 'give either --resources or --pod'],
  [['explain-call', '-f', 'c', '--resources', 'r', '--pod', 'p'], 'give either --resources or --pod'],
  [['explain-call', '-f', '-', '--resources', 'r'], '-f - is for --pod: with --resources the call comes from a file'],
  [['explain-call', '-f', 'c', '--pod', 'p', '--admin-port', 'x'], '--admin-port is not a port'],
  [['table', '--colour'], "Unknown option '--colour'"],
])('%j is refused with a sentence', (args, message) => {
  expect(parseCliArguments(args)).toEqual({ kind: 'fault', message: expect.stringContaining(message) })
})
