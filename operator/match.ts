// What a rule's `match` becomes in the table. Pure. Nothing is written where nothing is asked, so that tables stay
// readable for proxies of before.
import { DAYS, type MatchSpec } from '../crds/match.ts'
import type { Route } from '../proxy/table/schema.ts'

export function toMatch({ models = [], operations = [], headers = [], schedule }: MatchSpec): Route['match'] {
  return {
    models,
    ...(operations.length === 0 ? {} : { operations }),
    ...(headers.length === 0 ? {} : { headers }),
    ...(schedule === undefined ? {} : { schedule: toSchedule(schedule) }),
  }
}

function toSchedule({ timeZone, days, from, to }: NonNullable<MatchSpec['schedule']>): Route['match']['schedule'] {
  return {
    timeZone,
    days: days.map((day) => DAYS.indexOf(day) + 1),
    fromMinute: minuteOf(from),
    toMinute: minuteOf(to),
  }
}

/** `09:30` -> 570. */
function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}
