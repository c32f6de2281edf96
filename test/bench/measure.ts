// One subject, one round: four short loads after each other, and what they cost. The bounds of a run are set here:
// a full run of five subjects (twenty seconds to warm up, then four rounds of nine) takes about seven minutes.
import { runLoad } from './load/run-load.ts'
import type { LoadPlan, LoadResult } from './load/run-load.ts'
import { cpuNs, pidsOf, residentMb } from './process-tree.ts'
import { plainCall, streamCall, toRequestBytes } from './workloads.ts'
import type { Workload } from './workloads.ts'
import type { Subject } from './subjects/subject.ts'

export interface Timing {
  readonly warmUpMs: number
  readonly busyMs: number
  readonly singleMs: number
  readonly streamMs: number
  readonly firstTokenMs: number
  /** For each of the larger bodies. */
  readonly largeMs: number
}

export const FULL_TIMING: Timing = {
  warmUpMs: 20_000,
  busyMs: 2_200,
  singleMs: 1_000,
  streamMs: 1_700,
  firstTokenMs: 600,
  largeMs: 700,
}
export const QUICK_TIMING: Timing = {
  warmUpMs: 2_500,
  busyMs: 1_000,
  singleMs: 400,
  streamMs: 1_000,
  firstTokenMs: 300,
  largeMs: 300,
}

const LEAD_IN_MS = 150
const BODY_BYTES = 1024
const MEDIUM_BODY_BYTES = 64 * 1024
const LARGE_BODY_BYTES = 1024 * 1024
const CONNECTIONS = 32
/** For larger bodies, so that what is in flight stays within every subject's bounds. */
const LARGE_CONNECTIONS = 8
const STREAMS = 16
const DELTAS_A_STREAM = 200

/** Medians of these over the rounds are what the report shows. Times in microseconds, as the names say. */
export interface Figures {
  readonly requestsPerSecond: number
  readonly cpuUsPerRequest: number
  /** CPU time over wall time under the busy load: below 0.9 the load's core was the limit, not the subject. */
  readonly coreUse: number
  readonly p50Us: number
  readonly p99Us: number
  readonly busyP50Us: number
  readonly busyP99Us: number
  readonly firstTokenP50Us: number
  readonly firstTokenP99Us: number
  readonly cpuUsPerMedium: number
  readonly cpuUsPerLarge: number
  readonly cpuUsPerDelta: number
  /** Near 1 when the events of a stream came singly. */
  readonly eventsPerRead: number
  readonly residentMb: number
}

export async function measure(subject: Subject, timing: Timing): Promise<Figures> {
  const run = loader(subject)
  const busy = await run({ workload: plainCall(BODY_BYTES), connections: CONNECTIONS, durationMs: timing.busyMs })
  const loadedMb = subject.pid === null ? 0 : residentMb(pidsOf(subject.pid))
  const single = await run({ workload: plainCall(BODY_BYTES), connections: 1, durationMs: timing.singleMs })
  const first = await run({ workload: streamCall(1), connections: 1, durationMs: timing.firstTokenMs })
  const stream = await run({
    workload: streamCall(DELTAS_A_STREAM),
    connections: STREAMS,
    durationMs: timing.streamMs,
  })
  const [medium, large] = [
    await runLarge(run, MEDIUM_BODY_BYTES, timing),
    await runLarge(run, LARGE_BODY_BYTES, timing),
  ]
  return {
    requestsPerSecond: busy.answers / busy.seconds,
    cpuUsPerRequest: busy.cpuUs / busy.answers,
    coreUse: busy.cpuUs / 1e6 / busy.seconds,
    p50Us: single.latencyUs.percentile(0.5),
    p99Us: single.latencyUs.percentile(0.99),
    busyP50Us: busy.latencyUs.percentile(0.5),
    busyP99Us: busy.latencyUs.percentile(0.99),
    firstTokenP50Us: first.firstTokenUs.percentile(0.5),
    firstTokenP99Us: first.firstTokenUs.percentile(0.99),
    cpuUsPerMedium: medium.cpuUs / medium.answers,
    cpuUsPerLarge: large.cpuUs / large.answers,
    cpuUsPerDelta: stream.cpuUs / stream.events,
    eventsPerRead: stream.events / stream.reads,
    residentMb: loadedMb,
  }
}

function runLarge(run: ReturnType<typeof loader>, bodyBytes: number, { largeMs }: Timing): Promise<LoadResult> {
  return run({ workload: plainCall(bodyBytes), connections: LARGE_CONNECTIONS, durationMs: largeMs })
}

/**
 * Until V8 has compiled what is hot (tens of thousands of calls) a request costs up to twice as much as later. Every
 * subject gets the same time. Also the proof that the subject works.
 */
export async function warmUp(subject: Subject, timing: Timing): Promise<void> {
  const run = loader(subject)
  await run({ workload: plainCall(BODY_BYTES), connections: CONNECTIONS, durationMs: timing.warmUpMs })
  await run({ workload: streamCall(DELTAS_A_STREAM), connections: STREAMS, durationMs: timing.streamMs })
  for (const bodyBytes of [MEDIUM_BODY_BYTES, LARGE_BODY_BYTES]) await runLarge(run, bodyBytes, timing)
}

export interface Load {
  readonly workload: Workload
  readonly connections: number
  readonly durationMs: number
  readonly isOpenEnded?: boolean
}

/** Runs loads against a subject; throws when a call failed, because then the figures mean nothing. */
export function loader(subject: Subject): (load: Load) => Promise<LoadResult> {
  return async ({ workload, connections, durationMs, isOpenEnded = false }) => {
    const endpoint = subject.endpoint(workload)
    const { pid } = subject
    const plan: LoadPlan = {
      port: endpoint.port,
      request: toRequestBytes(endpoint, workload),
      connections,
      leadInMs: LEAD_IN_MS,
      durationMs,
      readCpuNs: () => (pid === null ? 0 : cpuNs(pidsOf(pid))),
      isStreaming: workload.isStreaming,
      isOpenEnded,
    }
    const result = await runLoad(plan)
    if (result.faultCount > 0) {
      const faults = `${result.faultCount} failed calls, first: ${result.faults.join(' | ')}`
      throw new Error(`${subject.name}: ${faults}\n${subject.lastWords()}`)
    }
    if (result.answers === 0 && result.events === 0) throw new Error(`${subject.name}: no answer in ${durationMs} ms`)
    return result
  }
}
