// The command line's commands that need resources or a cluster; those that need a proxy alone are in proxy/cli.
//
//   npx modelroute table --resources DIR [--namespace NS] [--labels a=b,c=d]
//   npx modelroute explain-call -f call.json (--resources DIR | --pod NAME) [--json]
//   npx modelroute cache [purge ...] (--pod NAME | --url URL)
//
// explain-call with a folder makes the pod's table here and hands it to the proxy's own command, which explains.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CacheDoors } from './cache.ts'
import { parseCliArguments, type CliWish, CLI_USAGE } from './arguments.ts'
import { readFolderTable } from './folder-table.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'cache') return await cache(argv.slice(1))
  const parsed = parseCliArguments(argv)
  if (parsed.kind === 'fault') return fail(`${parsed.message}\n${CLI_USAGE}`)
  try {
    return await run(parsed.wish)
  } catch (cause) {
    return fail(cause instanceof Error ? cause.message : String(cause))
  }
}

async function cache(args: readonly string[]): Promise<number> {
  const { askUrl, CACHE_USAGE, parseCacheArguments, runCache } = await import('./cache.ts')
  const wish = parseCacheArguments(args)
  if (typeof wish === 'string') return fail(`${wish}\n${CACHE_USAGE}`)
  try {
    const pod: CacheDoors['pod'] = async (to, request) => {
      const { createPodDoor } = await import('../kube/port-forward.ts')
      return await createPodDoor(process.env['KUBECONFIG'] || null).ask(to, request)
    }
    process.stdout.write(await runCache(wish, { pod, url: askUrl }))
    return 0
  } catch (cause) {
    return fail(cause instanceof Error ? cause.message : String(cause))
  }
}

async function run(wish: CliWish): Promise<number> {
  if (wish.kind === 'pod') return await explainInPod(wish)
  const { table, labels, remarks } = await readFolderTable(wish)
  const shown = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  process.stderr.write(`for a pod of namespace ${wish.namespace} with labels ${shown.join(',') || '(none)'}\n`)
  for (const remark of remarks) process.stderr.write(`${remark}\n`)
  if (wish.kind === 'folderExplain') return explainByTable(JSON.stringify(table), wish)
  process.stdout.write(`${JSON.stringify(table, null, 2)}\n`)
  return 0
}

function explainByTable(table: string, { file, isJson }: Extract<CliWish, { kind: 'folderExplain' }>): number {
  const command = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'proxy/cli/main.ts')
  const options = ['explain-call', '-f', file, '--table', '-', ...(isJson ? ['--json'] : [])]
  const { status } = spawnSync(process.execPath, [command, ...options], {
    input: table,
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  return status ?? 1
}

async function explainInPod({ namespace, pod, port, file, isJson }: Extract<CliWish, { kind: 'pod' }>) {
  const body = readFileSync(file === '-' ? 0 : file, 'utf8')
  const { createPodDoor } = await import('../kube/port-forward.ts')
  const accept = isJson ? 'application/json' : 'text/plain'
  const door = createPodDoor(process.env['KUBECONFIG'] || null)
  const { status, text } = await door.ask({ namespace, pod, port }, { method: 'POST', path: '/explain', accept, body })
  if (status !== 200) return fail(text.trim())
  process.stdout.write(text)
  return 0
}

function fail(message: string): number {
  process.stderr.write(`modelroute: ${message}\n`)
  return 2
}
