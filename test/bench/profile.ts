// Where the proxy's CPU goes: its source (not the bundle, for the names) under load, after it has warmed up, with V8's
// sampling profiler over the inspector. Summed by owner and by function (profile-sums.ts). The file opens in any
// viewer of .cpuprofile files.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectInspector } from './inspector.ts'
import { freePort } from './launch.ts'
import { loader } from './measure.ts'
import type { CpuProfile } from './profile-sums.ts'
import { proxySource, startProxy } from './subjects/modelroute.ts'
import type { Stage, Subject } from './subjects/subject.ts'
import { plainCall, streamCall } from './workloads.ts'

const WARM_UP_MS = 8_000
const LOAD_MS = 8_000
const SAMPLE_EVERY_US = 200
const FILE = fileURLToPath(new URL('../../dist/proxy.cpuprofile', import.meta.url))

export interface Profile {
  readonly file: string
  readonly profile: CpuProfile
  /** Of the plain load a request, of the stream load a delta; the profiler's own cost included. */
  readonly cpuUs: number
}

export async function profileProxy(stage: Stage, load: 'plain' | 'stream'): Promise<Profile> {
  const inspectorPort = await freePort()
  const nodeFlags = [`--inspect=127.0.0.1:${inspectorPort}`]
  const proxy = await startProxy({ stage, entry: proxySource(), name: 'profile', nodeFlags })
  const subject: Subject = {
    name: 'modelroute',
    pid: proxy.launched.pid,
    endpoint: () => ({ port: proxy.port, path: '/openai/v1/chat/completions', headers: {} }),
    stop: proxy.stop,
    lastWords: proxy.launched.lastWords,
  }
  try {
    const run = loader(subject)
    const plan = { workload: load === 'plain' ? plainCall(1024) : streamCall(200), connections: 32 }
    await run({ ...plan, durationMs: WARM_UP_MS })
    const inspector = await connectInspector(inspectorPort)
    await inspector.call('Profiler.enable', {})
    await inspector.call('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US })
    await inspector.call('Profiler.start', {})
    const result = await run({ ...plan, durationMs: LOAD_MS })
    const { profile } = (await inspector.call('Profiler.stop', {})) as { profile: CpuProfile }
    inspector.close()
    mkdirSync(dirname(FILE), { recursive: true })
    writeFileSync(FILE, JSON.stringify(profile))
    return { file: FILE, profile, cpuUs: result.cpuUs / (load === 'plain' ? result.answers : result.events) }
  } finally {
    await proxy.stop()
  }
}
