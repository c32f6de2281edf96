// When a schedule is on: both sides of each boundary, over midnight, and on the days when clocks are moved. The wall
// clock itself is held against another implementation (ICU, through Intl) over ten years of transitions.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createScheduleCheck, isWithin, nextChange } from '../../../proxy/table/schedule.ts'
import type { Schedule } from '../../../proxy/table/schema.ts'

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
const WORKING_DAYS = [1, 2, 3, 4, 5]

function schedule(from: string, to: string, different: Partial<Schedule> = {}): Schedule {
  const minuteOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
  return { timeZone: 'UTC', days: EVERY_DAY, fromMinute: minuteOf(from), toMinute: minuteOf(to), ...different }
}

describe('a schedule', () => {
  const office = schedule('09:00', '18:00', { timeZone: 'Asia/Shanghai', days: WORKING_DAYS })
  const night = schedule('22:00', '06:00', { days: [5] })
  const wholeDay = schedule('00:00', '24:00', { days: [7] })

  test.each([
    ['a minute before it begins', office, '2026-11-23T00:59:59.999Z', false],
    ['when it begins', office, '2026-11-23T01:00:00Z', true],
    ['in its last minute', office, '2026-11-23T09:59:59.999Z', true],
    ['when it ends', office, '2026-11-23T10:00:00Z', false],
    ['on a day that is not listed', office, '2026-11-22T05:00:00Z', false],
    ['on Monday there, Sunday here', office, '2026-11-23T01:30:00Z', true],
    ['before a window over midnight', night, '2026-11-20T21:59:00Z', false],
    ['in its evening', night, '2026-11-20T22:00:00Z', true],
    ['in its morning, a day that is not listed', night, '2026-11-21T05:59:00Z', true],
    ['after its morning', night, '2026-11-21T06:00:00Z', false],
    ['in the evening of the next day', night, '2026-11-21T23:00:00Z', false],
    ['in the morning before a listed evening', night, '2026-11-20T03:00:00Z', false],
    ['at the first moment of a whole day', wholeDay, '2026-11-22T00:00:00Z', true],
    ['at its last', wholeDay, '2026-11-22T23:59:59.999Z', true],
    ['a moment later', wholeDay, '2026-11-23T00:00:00Z', false],
  ])('%s', (_, window, moment, expected) => {
    expect(isWithin(window, Date.parse(moment))).toBe(expected)
  })

  test.each([
    ['02:30 does not exist: on from 03:00', '02:30 04:00', '2026-03-29T01:00:00Z', true],
    ['and not a minute earlier', '02:30 04:00', '2026-03-29T00:59:00Z', false],
    ['a window of minutes that do not exist is never on', '02:10 02:50', '2026-03-29T01:00:00Z', false],
    ['the first 02:15 of two', '02:00 02:30', '2026-10-25T00:15:00Z', true],
    ['the second 02:15 of two', '02:00 02:30', '2026-10-25T01:15:00Z', true],
    ['between the two', '02:00 02:30', '2026-10-25T00:45:00Z', false],
  ])('when clocks are moved in Berlin: %s', (_, window, moment, expected) => {
    const [from = '', to = ''] = window.split(' ')
    expect(isWithin(schedule(from, to, { timeZone: 'Europe/Berlin' }), Date.parse(moment))).toBe(expected)
  })

  test('of a zone that nobody knows is never on', () => {
    expect(isWithin(schedule('00:00', '24:00', { timeZone: 'Mars/Olympus' }), 0)).toBe(false)
  })

  test.each([
    ['the end of a window that is on', office, '2026-11-23T02:00:00Z', '2026-11-23T10:00:00.000Z'],
    ['its beginning, after the weekend', office, '2026-11-20T10:00:00Z', '2026-11-23T01:00:00.000Z'],
    ['the next evening of the week', night, '2026-11-21T06:00:00Z', '2026-11-27T22:00:00.000Z'],
    ['midnight', wholeDay, '2026-11-22T12:00:00Z', '2026-11-23T00:00:00.000Z'],
    ['never, for one that is always on', schedule('00:00', '24:00'), '2026-11-22T12:00:00Z', null],
    [
      'the moment at which the clock is moved into it',
      schedule('02:30', '04:00', { timeZone: 'Europe/Berlin' }),
      '2026-03-28T20:00:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'never, in a zone that nobody knows',
      schedule('02:00', '03:00', { timeZone: 'Mars/Olympus' }),
      '2026-01-01',
      null,
    ],
  ])('changes next at %s', (_, window, moment, expected) => {
    const change = nextChange(window, Date.parse(moment))
    expect(change === null ? null : new Date(change).toISOString()).toBe(expected)
  })

  test('is worked out anew each minute, in whichever direction the clock goes', () => {
    const isOn = createScheduleCheck(schedule('12:00', '12:01'))
    const at = (time: string) => isOn(Date.parse(`2026-11-22T${time}Z`))
    expect([at('12:00:00'), at('12:00:59'), at('12:01:00'), at('12:00:30'), at('11:59:59')]).toEqual([
      true,
      true,
      false,
      true,
      false,
    ])
  })
})

describe('the wall clock', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Shanghai', 'Australia/Lord_Howe', 'Africa/Casablanca']
  const tenYears = { min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) }

  test.each(zones)('agrees with ICU around every change of %s in ten years, and at any moment', (timeZone) => {
    const shown = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    const expected = (epochMs: number, window: Schedule): boolean => {
      const parts = Object.fromEntries(shown.formatToParts(epochMs).map(({ type, value }) => [type, value]))
      const day = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(parts['weekday'] ?? '') + 1
      const minute = Number(parts['hour']) * 60 + Number(parts['minute'])
      const { days, fromMinute, toMinute } = window
      if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute
      const isEvening = days.includes(day) && minute >= fromMinute
      return isEvening || (days.includes(((day + 5) % 7) + 1) && minute < toMinute)
    }
    const moments = fc.oneof(
      fc.integer(tenYears),
      fc
        .tuple(fc.constantFrom(...transitionsOf(timeZone), tenYears.min), fc.integer({ min: -180, max: 180 }))
        .map(([moment, minutes]) => moment + minutes * 60_000),
    )
    const windows = fc
      .tuple(fc.subarray(EVERY_DAY, { minLength: 1 }), fc.nat(1439), fc.integer({ min: 1, max: 1440 }))
      .filter(([, fromMinute, toMinute]) => fromMinute !== toMinute)
      .map(([days, fromMinute, toMinute]) => ({ timeZone, days, fromMinute, toMinute }))
    fc.assert(
      fc.property(moments, windows, (moment, window) => {
        expect(isWithin(window, moment)).toBe(expected(moment, window))
      }),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(moments, windows, (moment, window) => {
        const isOn = expected(moment, window)
        const change = nextChange(window, moment)
        const endMs = change ?? moment + 15 * 24 * 60 * 60_000
        for (let at = moment; at < endMs; at += (endMs - moment) / 50) expect(expected(at, window)).toBe(isOn)
        if (change === null) return
        expect(expected(change, window)).toBe(!isOn)
        expect(expected(Math.max(moment, change - 1), window)).toBe(isOn)
      }),
      { numRuns: 40 },
    )
  })

  function transitionsOf(timeZone: string): number[] {
    const found: number[] = []
    let at = Temporal.Instant.fromEpochMilliseconds(tenYears.min).toZonedDateTimeISO(timeZone)
    for (;;) {
      const next = at.getTimeZoneTransition('next')
      if (next === null || next.epochMilliseconds > tenYears.max) return found
      found.push(next.epochMilliseconds)
      at = next
    }
  }
})
