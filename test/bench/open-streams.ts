// What many open streams hold in memory: each gets an event a second, as from slow models, and none may end.
import { setTimeout as delay } from 'node:timers/promises'
import { loader } from './measure.ts'
import { pidsOf, residentMb } from './process-tree.ts'
import { startAgain } from './subjects/modelroute.ts'
import type { Stage } from './subjects/subject.ts'
import { slowStreamCall } from './workloads.ts'

export const STREAMS = 1_000
const OPEN_MS = 6_000
/** Streams are open and their garbage is collected by then. */
const LOOK_AFTER_MS = 5_000

export interface OpenStreams {
  readonly streams: number
  readonly idleMb: number
  readonly openMb: number
  /** Events that came to the callers while the streams were open: proof that they were. */
  readonly eventsPerSecond: number
}

export async function measureOpenStreams(stage: Stage): Promise<OpenStreams> {
  const subject = await startAgain(stage, { name: 'open-streams' })
  const memoryMb = () => (subject.pid === null ? 0 : residentMb(pidsOf(subject.pid)))
  try {
    const idleMb = memoryMb()
    const load = loader(subject)({
      workload: slowStreamCall(),
      connections: STREAMS,
      durationMs: OPEN_MS,
      isOpenEnded: true,
    })
    await delay(LOOK_AFTER_MS)
    const openMb = memoryMb()
    const { events, seconds } = await load
    return { streams: STREAMS, idleMb, openMb, eventsPerSecond: events / seconds }
  } finally {
    await subject.stop()
  }
}
