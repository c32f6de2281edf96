// `npm run bench`: what a call through the proxy costs, beside the same call without it and through others.
//
//   options -> pin -> providers -> subjects -> interleaved rounds -> start, swap -> table + JSON
//
// Everything listens on loopback; every process is stopped at the end, after a fault and on SIGINT too.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { compare } from './comparison.ts'
import { measureConditions } from './conditions.ts'
import { updateDocument } from './document.ts'
import { goalsOf } from './goals.ts'
import { freePort, launch, waitUntilReady } from './launch.ts'
import { describeMachine, pinToLoadCore, whyUnfit } from './machine.ts'
import { FULL_TIMING, QUICK_TIMING } from './measure.ts'
import { hasNginx, NGINX_HINT, startFixedAnswer } from './nginx.ts'
import { parseOptions } from './options.ts'
import type { Options, Part } from './options.ts'
import { profileProxy } from './profile.ts'
import { measureOpenStreams } from './open-streams.ts'
import { profileText, toMarkdown, toText } from './report.ts'
import { measureStart } from './start.ts'
import { startBareHop } from './subjects/bare-hop.ts'
import { startDirect } from './subjects/direct.ts'
import { startModelroute, startOtherProxy } from './subjects/modelroute.ts'
import { startNginxSubject } from './subjects/nginx.ts'
import { installPortkey, startPortkey } from './subjects/portkey.ts'
import type { Stage, Subject } from './subjects/subject.ts'
import { measureSwap } from './swap.ts'

/** What has to be undone, in the order in which it came to be. */
type Undo = (() => void | Promise<void>)[]

const STREAM_SERVER = fileURLToPath(new URL('upstream/stream-server.ts', import.meta.url))

const parsed = parseOptions(process.argv.slice(2))
const unfit = whyUnfit()
if (parsed.kind === 'text') end(parsed.text, parsed.exitCode)
else if (unfit !== null) end(unfit, 2)
else await bench(parsed.options)

function end(sentence: string, exitCode: number): void {
  console.error(sentence)
  process.exitCode = exitCode
}

async function bench(options: Options): Promise<void> {
  const undo: Undo = []
  const cleanUp = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  process.once('SIGINT', () => void cleanUp().then(() => process.exit(130)))
  try {
    const stage = await setStage(undo)
    if (options.profile === null) await compareAll(options, stage, undo)
    else await profile(options.profile, stage)
  } finally {
    await cleanUp()
  }
}

async function profile(load: 'plain' | 'stream', stage: BenchStage): Promise<void> {
  const result = await profileProxy(stage, load)
  console.log(profileText(result.profile))
  const unit = load === 'plain' ? 'request' : 'delta'
  console.log(`\n${result.file}; ${result.cpuUs.toFixed(1)} us CPU a ${unit}, profiler included`)
}

async function compareAll(options: Options, stage: BenchStage, undo: Undo): Promise<void> {
  const skipped = stage.hasNginx ? [] : [NGINX_HINT]
  const subjects = await startSubjects({ options, stage, undo, skipped })
  const timing = options.isQuick ? QUICK_TIMING : FULL_TIMING
  const plan = { subjects, rounds: options.rounds, timing, onProgress: (text: string) => console.error(text) }
  const measured = subjects.length > 0 ? await compare(plan) : []
  const isAsked = (part: Part) => options.parts.includes(part)
  const conditions = isAsked('conditions') && stage.hasNginx ? await measureConditions(stage, plan) : []
  const openStreams = isAsked('open-streams') ? await measureOpenStreams(stage) : null
  const start = isAsked('start') ? await measureStart(stage, options.isQuick ? 3 : 7) : null
  const swap = isAsked('swap') && stage.hasNginx ? await measureSwap(stage, stage.otherPlainPort) : null
  const machine = describeMachine(process.version)
  const results = { machine, rounds: options.rounds, measured, conditions, openStreams, start, swap, skipped }
  const goals = goalsOf(results)
  mkdirSync(dirname(resolve(options.jsonFile)), { recursive: true })
  const record = { at: new Date().toISOString(), goals, ...results }
  writeFileSync(options.jsonFile, `${JSON.stringify(record, undefined, 2)}\n`)
  console.log(toText(results))
  console.log(`\n${options.jsonFile}`)
  if (options.isForDocs) updateDocument(toMarkdown(results))
  if (options.isStrict && goals.some((goal) => !goal.isMet)) process.exitCode = 1
}

interface BenchStage extends Stage {
  readonly hasNginx: boolean
  /** A second provider of plain calls, for table swaps. */
  readonly otherPlainPort: number
}

/** Pins the bench, makes a folder, and starts the providers on the load's core. */
async function setStage(undo: Undo): Promise<BenchStage> {
  const cores = pinToLoadCore(process.pid)
  const folder = mkdtempSync(join(tmpdir(), 'modelroute-bench-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  const node = process.execPath
  const streamPort = await freePort()
  const command = [node, STREAM_SERVER, String(streamPort)]
  const stream = launch({ name: 'stream upstream', command, cpu: cores.loadCpu })
  undo.push(stream.stop)
  await waitUntilReady(stream, `http://127.0.0.1:${streamPort}/`)
  const base = { ...cores, folder, node, streamPort, hasNginx: hasNginx() }
  if (!base.hasNginx) return { ...base, plainPort: streamPort, otherPlainPort: streamPort }
  const [plainPort, otherPlainPort] = [await freePort(), await freePort()]
  const plan = { folder: join(folder, 'upstream'), cpu: cores.loadCpu }
  const fixed = await startFixedAnswer(plan, [plainPort, otherPlainPort])
  undo.push(fixed.stop)
  return { ...base, plainPort, otherPlainPort }
}

interface SubjectPlan {
  readonly options: Options
  readonly stage: BenchStage
  readonly undo: Undo
  readonly skipped: string[]
}

async function startSubjects({ options, stage, undo, skipped }: SubjectPlan): Promise<Subject[]> {
  const subjects: Subject[] = []
  const starters: Partial<Record<Part, (stage: Stage) => Promise<Subject>>> = {
    direct: startDirect,
    nginx: startNginxSubject,
    bare: startBareHop,
    portkey: startPortkey,
    modelroute: startModelroute,
  }
  for (const part of options.parts) {
    const start = starters[part]
    if (start === undefined) continue
    if (part === 'nginx' && !stage.hasNginx) continue
    const missing = part === 'portkey' ? installPortkey() : null
    if (missing !== null) {
      skipped.push(missing)
      continue
    }
    const subject = await start(stage)
    undo.push(subject.stop)
    subjects.push(subject)
  }
  for (const [index, entry] of options.otherProxies.entries()) {
    const subject = await startOtherProxy(stage, resolve(entry), index + 1)
    undo.push(subject.stop)
    subjects.push(subject)
  }
  return subjects
}
