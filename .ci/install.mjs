// Installs the dependencies when they are missing or older than the lock file, so that `npm start` and `npm test`
// work on a fresh machine. Plain JavaScript without dependencies: it runs on whatever Node called npm (>= 20).
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stampFile = join(root, 'node_modules', '.modelroute-installed')
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

if (!isCurrent()) install()

function isCurrent() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted
}

function install() {
  console.error('modelroute: installing dependencies (once)...')
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (result.status !== 0) {
    console.error(`modelroute: "npm ci" failed (exit ${result.status ?? result.signal}); see the lines above`)
    process.exit(1)
  }
  writeFileSync(stampFile, wanted)
}
