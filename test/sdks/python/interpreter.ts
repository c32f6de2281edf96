// A Python with the pinned SDKs: a virtual environment in the cache folder, outside the checkout, made once for each
// requirements.txt and Python, and kept between runs.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../../support/kubernetes/cache-folder.ts'

const NO_PYTHON = 'Python 3 with its venv module is needed, for example: apt-get install python3-venv'
const requirements = join(import.meta.dirname, 'requirements.txt')

/** The path of the interpreter. Throws with a sentence when there is no python3 that can make environments. */
export function pythonWithSdks(): string {
  const version = run('python3', ['-c', 'import sys; print(sys.version, sys.base_prefix)'], NO_PYTHON)
  const key = createHash('sha256').update(readFileSync(requirements)).update(version).digest('hex').slice(0, 16)
  const folder = join(cacheFolder(), `python-${key}`)
  const interpreter = join(folder, 'bin', 'python')
  if (!existsSync(join(folder, 'complete'))) make(folder, interpreter)
  return interpreter
}

function make(folder: string, interpreter: string): void {
  rmSync(folder, { recursive: true, force: true })
  run('python3', ['-m', 'venv', folder], NO_PYTHON)
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:']
  run(interpreter, ['-m', 'pip', 'install', ...options, '-r', requirements], 'The Python SDKs could not be installed.')
  writeFileSync(join(folder, 'complete'), '')
}

function run(command: string, args: readonly string[], otherwise: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${otherwise}\n${error?.message ?? stderr}`)
  return stdout
}
