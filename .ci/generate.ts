// `npm run generate`: writes every generated file, or with `--check` says which are stale and exits 1. Each half owns
// its own generator; this only runs them one after the other.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const GENERATORS = ['crds/generate.ts', 'docs/generate.ts']
const root = dirname(dirname(fileURLToPath(import.meta.url)))

for (const generator of GENERATORS) {
  if (!existsSync(join(root, generator))) continue
  const { status } = spawnSync(process.execPath, [join(root, generator), ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
