// The table's words for calls that may be answered later, where the application says that it can wait. A proxy that
// does not know them serves such calls at once, which is never wrong.
import * as z from 'zod'
import { scheduleSchema } from './schedule-schema.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

export const deferredRule = z.strictObject({
  /** Sent in batches where the target's dialect has an API for them; a job waits so long for others. Absent: never. */
  collectMs: z.int().min(0).max(DAY_MS).optional(),
  /** When calls that no batch takes are sent, one by one. Absent: such calls are served at once. */
  offPeak: scheduleSchema.optional(),
  /** A job without an answer has failed by then. */
  withinMs: z
    .int()
    .min(MINUTE_MS)
    .max(14 * DAY_MS),
  /** How long its answer can be fetched. */
  keepMs: z
    .int()
    .min(MINUTE_MS)
    .max(30 * DAY_MS),
})
