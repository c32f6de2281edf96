// `npm start`: the operator over a folder of yaml, one proxy, two built-in model servers and the dashboard, all on
// loopback. Settings -> ports -> stack -> ready text; Ctrl-C, SIGTERM or SIGHUP stops everything and leaves nothing.
//
// With main.ts and config.ts the only file of the operator that touches process.*; what it starts is in local/stack.ts.
import { spawn } from 'node:child_process'
import { enableCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../proxy/telemetry/clock.ts'
import { readyText } from './local/banner.ts'
import { readableLine } from './local/log-line.ts'
import { portFaults } from './local/ports.ts'
import { type LocalSettings, parseLocalSettings } from './local/settings.ts'
import type { Stack } from './local/stack.ts'
import { createTerminalLogger } from './local/terminal-logger.ts'

const READY_TIMEOUT_MS = 20_000
/** Ends the proxy when this process is gone without a word (SIGKILL): its IPC channel closes. */
const END_WITH_PARENT = "data:text/javascript,process.once('disconnect',()=>process.exit(0)).channel?.unref()"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** Compiled code from the last start, for this process and the proxy: half of the start's time. */
const compileCache = join(root, 'node_modules/.cache/modelroute')

await main()

async function main(): Promise<void> {
  const parsed = parseLocalSettings({
    argv: process.argv.slice(2),
    env: process.env,
    workingFolder: process.cwd(),
    defaultResources: join(root, 'crds/examples/local'),
  })
  if (parsed.kind === 'faults') return fail(parsed.faults)
  const { settings } = parsed
  const faults = await portFaults(portsOf(settings))
  if (faults.length > 0) return fail(faults)
  await run(settings)
}

async function run(settings: LocalSettings): Promise<void> {
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
  let stack: Stack
  try {
    enableCompileCache(compileCache)
    const { startStack } = await import('./local/stack.ts')
    stack = await startStack(settings, {
      clock: systemClock,
      random: Math.random,
      logger: createTerminalLogger((line) => console.log(`operator  ${line}`)),
      printProxyLine: (line) => console.log(`proxy  ${readableLine(line)}`),
      spawnProxy,
      temporaryFolder: tmpdir(),
    })
  } catch (cause) {
    return fail([cause instanceof Error ? cause.message : String(cause)])
  }
  try {
    await stack.ready(AbortSignal.any([stopping.signal, AbortSignal.timeout(READY_TIMEOUT_MS)]))
    console.log(readyText(stack.addresses))
    await aborted(stopping.signal)
  } catch (cause) {
    if (!stopping.signal.aborted) fail([`the proxy was not ready after ${READY_TIMEOUT_MS / 1000} s: ${String(cause)}`])
  } finally {
    await stack.stop()
  }
}

/** Nothing of this shell's environment but the authorities that it trusts, for providers behind a company's own. */
function spawnProxy(env: Readonly<Record<string, string>>) {
  const trusted = process.env['NODE_EXTRA_CA_CERTS']
  return spawn(process.execPath, [`--import=${END_WITH_PARENT}`, join(root, 'proxy/main.ts')], {
    env: { ...env, NODE_COMPILE_CACHE: compileCache, ...(trusted ? { NODE_EXTRA_CA_CERTS: trusted } : {}) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
}

function portsOf(settings: LocalSettings) {
  return [
    { port: settings.proxyPort, purpose: 'proxy', variable: 'MODELROUTE_PROXY_PORT' },
    { port: settings.adminPort, purpose: 'proxy admin', variable: 'MODELROUTE_PROXY_ADMIN_PORT' },
    { port: settings.dashboardPort, purpose: 'dashboard', variable: 'MODELROUTE_DASHBOARD_PORT' },
    { port: settings.alphaPort, purpose: 'model server alpha', variable: 'MODELROUTE_ALPHA_PORT' },
    { port: settings.betaPort, purpose: 'model server beta', variable: 'MODELROUTE_BETA_PORT' },
  ]
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function fail(sentences: readonly string[]): void {
  for (const sentence of sentences) console.error(`modelroute: ${sentence}`)
  process.exitCode = 1
}
