// The table's words for a part of the week, for rules that hold then and for calls that are sent then. Whether a moment
// lies in it is schedule.ts's to say.
import * as z from 'zod'

/** Wall-clock time in the zone: from the first minute, up to the last and without it; over midnight if it is less. */
export const scheduleSchema = z.strictObject({
  timeZone: z.string().min(1).max(64),
  /** ISO days of the week on which a window begins, 1 is Monday. */
  days: z.array(z.int().min(1).max(7)).min(1).max(7),
  fromMinute: z.int().min(0).max(1439),
  toMinute: z.int().min(1).max(1440),
})
