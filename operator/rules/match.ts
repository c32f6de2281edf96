// What a rule's `match` becomes in the table. Pure. Nothing is written where nothing is asked, so that tables stay
// readable for proxies of before.
import { DAYS, type MatchSpec } from '../../crds/match.ts'
import type { Route, Schedule } from '../../proxy/table/schema.ts'

/** `podLabels` is not there: it has decided by now which pods have the rule at all (groups.ts). */
export function toMatch(spec: MatchSpec): Route['match'] {
  const { models = [], operations = [], headers = [], content = [], contextTokens, schedule } = spec
  return {
    models,
    ...(operations.length === 0 ? {} : { operations }),
    ...(headers.length === 0 ? {} : { headers }),
    ...(content.length === 0 ? {} : { content }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(schedule === undefined ? {} : { schedule: toSchedule(schedule) }),
  }
}

export function toSchedule({ timeZone, days, from, to }: NonNullable<MatchSpec['schedule']>): Schedule {
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
