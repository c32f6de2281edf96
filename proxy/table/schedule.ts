// Whether a moment lies in a schedule: by the wall clock of its zone, so that "09:00 to 18:00" means what the clock on
// the wall there shows, on the days when it is moved too.
//
//   moment -> minute of the zone's day -> on a listed day and in the window, or in one that began the day before
//
//   gap (02:00 becomes 03:00)      minutes that do not exist begin nothing; a window from 02:30 begins at 03:00
//   overlap (03:00 becomes 02:00)  minutes that come twice count twice; a window to 02:30 ends at the second 02:30
import type { Schedule } from './schema.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 24 * 60

/** False for a zone that this runtime does not know. */
export function isWithin(schedule: Schedule, epochMs: number): boolean {
  const wall = wallClock(schedule.timeZone, epochMs)
  return wall !== null && isMinuteWithin(schedule, wall)
}

interface WallClock {
  /** ISO day of the week, 1 is Monday. */
  readonly day: number
  readonly minute: number
}

function isMinuteWithin({ days, fromMinute, toMinute }: Schedule, { day, minute }: WallClock): boolean {
  const dayBefore = day === 1 ? 7 : day - 1
  if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute
  return (days.includes(day) && minute >= fromMinute) || (days.includes(dayBefore) && minute < toMinute)
}

function wallClock(timeZone: string, epochMs: number): WallClock | null {
  const at = zonedAt(timeZone, epochMs)
  return at === null ? null : { day: at.dayOfWeek, minute: (at.hour * 60 + at.minute) % DAY_MINUTES }
}

function zonedAt(timeZone: string, epochMs: number): Temporal.ZonedDateTime | null {
  try {
    return Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone)
  } catch (cause) {
    if (cause instanceof RangeError) return null
    throw cause
  }
}

/**
 * The same, worked out once a minute: windows begin and end with a minute, and no zone has moved its clock within one
 * since 1972. A clock that jumps, either way, is another minute.
 */
export function createScheduleCheck(schedule: Schedule): (epochMs: number) => boolean {
  let knownMinute = Number.NaN
  let isOn = false
  return (epochMs) => {
    const minute = Math.floor(epochMs / MINUTE_MS)
    if (minute !== knownMinute) {
      isOn = isWithin(schedule, epochMs)
      knownMinute = minute
    }
    return isOn
  }
}

/** Windows begin on a day of the week, so that one that did not change within two weeks never will. */
const HORIZON_DAYS = 15

/**
 * The next moment at which the schedule begins or ends; null: never. Whatever changes it is a minute of the wall clock,
 * each time that it comes, or the moment at which the clock is moved.
 */
export function nextChange(schedule: Schedule, epochMs: number): number | null {
  const isOn = isWithin(schedule, epochMs)
  const changes = candidatesAfter(schedule, epochMs).filter((candidate) => isWithin(schedule, candidate) !== isOn)
  return changes.length === 0 ? null : Math.min(...changes)
}

function candidatesAfter(schedule: Schedule, epochMs: number): readonly number[] {
  const start = zonedAt(schedule.timeZone, epochMs)
  if (start === null) return []
  const moments: number[] = []
  for (let days = -1; days <= HORIZON_DAYS; days += 1) moments.push(...momentsOf(schedule, start.add({ days })))
  const endMs = start.add({ days: HORIZON_DAYS }).epochMilliseconds
  for (let at = nextMove(start); at !== null && at.epochMilliseconds <= endMs; at = nextMove(at)) {
    moments.push(at.epochMilliseconds)
  }
  return moments.filter((moment) => moment > epochMs)
}

/** The minutes of a day at which a window begins and ends, twice where the clock shows them twice. */
function momentsOf({ fromMinute, toMinute }: Schedule, day: Temporal.ZonedDateTime): readonly number[] {
  const midnight = day.toPlainDate().toPlainDateTime()
  return [fromMinute, toMinute].flatMap((minutes) =>
    (['earlier', 'later'] as const).map(
      (disambiguation) =>
        midnight.add({ minutes }).toZonedDateTime(day.timeZoneId, { disambiguation }).epochMilliseconds,
    ),
  )
}

function nextMove(at: Temporal.ZonedDateTime): Temporal.ZonedDateTime | null {
  return at.getTimeZoneTransition('next')
}
