// What the bench needs of a hop that it compares: where a workload goes, and which process pays for it.
import type { Endpoint, Workload } from '../workloads.ts'

export interface Subject {
  readonly name: string
  /** The process (with its children) whose CPU and memory count; null for the direct call, which has no hop. */
  readonly pid: number | null
  readonly endpoint: (workload: Workload) => Endpoint
  readonly stop: () => Promise<void>
  /** The end of its standard error, for the sentence of a fault. */
  readonly lastWords: () => string
}

/** What a subject gets to start with. */
export interface Stage {
  /** Provider that answers plain calls with fixed bytes. */
  readonly plainPort: number
  /** Provider that answers streamed calls, one event at a time. */
  readonly streamPort: number
  readonly subjectCpu: number
  readonly loadCpu: number
  /** A folder for this run's files, removed at its end. */
  readonly folder: string
  readonly node: string
}

/** The provider port that a workload is meant for. */
export function upstreamPort(stage: Stage, workload: Workload): number {
  return workload.isStreaming ? stage.streamPort : stage.plainPort
}
