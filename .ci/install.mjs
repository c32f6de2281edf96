// Installs the dependencies that are missing or older than their lock file, so that `npm start` and `npm test` work on
// a fresh machine: the root's, and those of the folders named as arguments. Plain JavaScript without dependencies: it
// runs on whatever Node called npm (>= 20).   usage: node .ci/install.mjs [FOLDER...]
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folders = [root, ...process.argv.slice(2).map((folder) => join(root, folder))]
const outdated = folders.filter((folder) => !isCurrent(folder))

if (outdated.length > 0) console.error('modelroute: installing dependencies (once)...')
// Side by side: each waits for the registry most of the time.
const results = await Promise.all(outdated.map(install))
if (results.includes(false)) process.exit(1)

function stampFile(folder) {
  return join(folder, 'node_modules', '.modelroute-installed')
}

function wantedStamp(folder) {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
}

function isCurrent(folder) {
  return existsSync(stampFile(folder)) && readFileSync(stampFile(folder), 'utf8') === wantedStamp(folder)
}

async function install(folder) {
  const outcome = await new Promise((resolve) => {
    const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    })
    npm.once('error', (error) => resolve(error.message))
    npm.once('exit', (code, signal) => resolve(code ?? signal))
  })
  if (outcome === 0) writeFileSync(stampFile(folder), wantedStamp(folder))
  else console.error(`modelroute: "npm ci" failed in ${folder} (exit ${outcome}); see the lines above`)
  return outcome === 0
}
