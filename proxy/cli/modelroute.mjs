#!/usr/bin/env node
// `npx modelroute`: starts the command line on the Node that the project brings, which runs TypeScript as it is. Plain
// JavaScript for the older Node that may read this file.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What reads resources or a cluster. */
const OF_THE_OPERATOR = ['table', 'explain-call', 'cache']

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const node = join(root, 'node_modules/.bin/node')
if (!existsSync(node)) {
  process.stderr.write('modelroute: its packages are not installed yet: run "npm ci" first\n')
  process.exit(1)
}
const [command = ''] = process.argv.slice(2)
const half = OF_THE_OPERATOR.includes(command) ? 'operator' : 'proxy'
const { status, error } = spawnSync(node, [join(root, half, 'cli/main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})
if (error) process.stderr.write(`modelroute: ${error.message}\n`)
process.exit(status ?? 1)
