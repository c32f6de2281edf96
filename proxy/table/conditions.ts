// What of a rule's match is looked at for each call, one condition after another: each says whether it holds and, for
// people, why it does not. Model and operation are not here: they are the same for every call that asks so (match.ts).
//
//   Route.match -> compileConditions (once per table) -> Condition[], cheapest first
import { createScheduleCheck } from './schedule.ts'
import type { Look } from './look.ts'
import type { Content, HeaderCondition, Route, Schedule } from './schema.ts'

export interface Condition {
  /** Conditions of one key agree about every call. */
  readonly key: string
  /** How it can be looked up by a header's value (candidate-index.ts); null: it cannot. */
  readonly header: HeaderKey | null
  readonly holds: (look: Look) => boolean
  /** Asked only where it does not hold; no text of the call. */
  readonly refusal: (look: Look) => string
}

export interface HeaderKey {
  readonly name: string
  /** How much of the value counts; Infinity: all of it. */
  readonly length: number
  readonly value: string
}

/** Empty for most rules. */
export function compileConditions({ match }: Route): readonly Condition[] {
  const { headers = [], schedule, content = [], contextTokens } = match
  return [
    ...(schedule ? [scheduleCondition(schedule)] : []),
    ...headers.map(headerCondition),
    ...(content.length === 0 ? [] : [contentCondition(content)]),
    ...(contextTokens ? [lengthCondition(contextTokens)] : []),
  ]
}

function contentCondition(wanted: readonly Content[]): Condition {
  return {
    key: `content ${wanted.toSorted().join(' ')}`,
    header: null,
    holds: ({ content }) => content !== null && wanted.includes(content),
    refusal: ({ content }) => `content: ${content ?? 'nothing known'} is not ${wanted.join(' or ')}`,
  }
}

function lengthCondition({ min = 0, max = Infinity }: NonNullable<Route['match']['contextTokens']>): Condition {
  return {
    key: `contextTokens ${min} ${max}`,
    header: null,
    holds: ({ tokens }) => tokens >= min && tokens <= max,
    refusal: ({ tokens }) => {
      if (Number.isNaN(tokens)) return 'contextTokens: nothing is known of the length'
      return `contextTokens: about ${tokens} ${tokens < min ? `< ${min}` : `> ${max}`}`
    },
  }
}

function scheduleCondition(schedule: Schedule): Condition {
  const isOn = createScheduleCheck(schedule)
  const { timeZone, fromMinute, toMinute } = schedule
  const window = `${timeOf(fromMinute)} to ${timeOf(toMinute)} ${timeZone}`
  return {
    key: `schedule ${JSON.stringify(schedule)}`,
    header: null,
    holds: ({ atMs }) => isOn(atMs),
    refusal: () => `schedule: ${window} is off at this moment`,
  }
}

function timeOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

function headerCondition(condition: HeaderCondition): Condition {
  const { name, value, prefix } = condition
  const wanted = value === undefined ? `does not begin with "${prefix}"` : `is not "${value}"`
  return {
    key: `header ${JSON.stringify([name, value ?? null, prefix ?? null])}`,
    header: { name, length: value === undefined ? (prefix ?? '').length : Infinity, value: value ?? prefix ?? '' },
    holds: (look) => holdsHeader(condition, look.header(name)),
    refusal: (look) => (look.header(name) === null ? `headers: ${name} is not there` : `headers: ${name} ${wanted}`),
  }
}

function holdsHeader({ value, prefix }: HeaderCondition, sent: string | null): boolean {
  if (sent === null) return false
  if (value !== undefined) return sent === value
  return prefix === undefined || sent.startsWith(prefix)
}
