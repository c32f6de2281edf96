// What one replica tells the leader about its streams: POST REPORTS_PATH on the leader's push port.
//
//   200 taken · 409 unknown_replica: send the whole report
import * as z from 'zod'

export const REPORTS_PATH = '/v1/reports'
/** One report is about 400 bytes, and a replica holds at most 10 000 streams. */
export const MAX_REPORT_BYTES = 16 * 1024 * 1024
export const MAX_REPORTS = 20_000

const text = z.string().max(1024)

const replicaMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('reports'),
    sequence: z.int(),
    reports: z
      .array(
        z.object({
          namespace: text,
          /** How long ago the stream was opened; clocks of two nodes differ. */
          ageMs: z.number().min(0),
          report: z.object({
            podUid: text,
            podName: text,
            group: text,
            ackedVersion: text.nullable(),
            rejected: z.object({ version: text, reason: z.string().max(4096) }).nullable(),
            calls: z.int().min(0),
          }),
        }),
      )
      .max(MAX_REPORTS),
  }),
  /** Nothing changed since the report of that sequence. */
  z.object({ type: z.literal('unchanged'), sequence: z.int() }),
])
export type ReplicaMessage = Readonly<z.infer<typeof replicaMessage>>

/** Null when the body is no such message. */
export function parseReplicaMessage(body: string): ReplicaMessage | null {
  try {
    return replicaMessage.safeParse(JSON.parse(body)).data ?? null
  } catch {
    return null
  }
}
