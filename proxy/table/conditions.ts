// What of a rule's match is looked at for each call, one condition after another: each says whether it holds and, for
// people, why it does not. Model and operation are not here: they are the same for every call that asks so (match.ts).
//
//   Route.match -> compileConditions (once per table) -> Condition[], cheapest first
import { headerOf } from '../raw-headers.ts'
import { createScheduleCheck } from './schedule.ts'
import type { CallFacts } from '../classify/facts.ts'
import type { Content, HeaderCondition, Route, Schedule } from './schema.ts'

/** What of a call changes from one to the next. */
export interface Circumstances {
  readonly rawHeaders: readonly string[]
  readonly receivedAtMs: number
  /** What the call is and how long; absent: nobody worked it out, and what asks for it does not hold. */
  readonly facts?: CallFacts | undefined
  /** Whose tokenizer counts. */
  readonly model?: string
}

export interface Condition {
  readonly holds: (circumstances: Circumstances) => boolean
  /** Asked only where it does not hold; no text of the call. */
  readonly refusal: (circumstances: Circumstances) => string
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
    holds: ({ facts }) => facts !== undefined && wanted.includes(facts.classification.content),
    refusal: ({ facts }) =>
      `content: ${facts?.classification.content ?? 'nothing known'} is not ${wanted.join(' or ')}`,
  }
}

function lengthCondition({ min = 0, max = Infinity }: NonNullable<Route['match']['contextTokens']>): Condition {
  const tokensOf = ({ facts, model = '' }: Circumstances) => facts?.promptTokens(model) ?? Number.NaN
  return {
    holds: (circumstances) => {
      const tokens = tokensOf(circumstances)
      return tokens >= min && tokens <= max
    },
    refusal: (circumstances) => {
      const tokens = tokensOf(circumstances)
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
    holds: ({ receivedAtMs }) => isOn(receivedAtMs),
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
    holds: ({ rawHeaders }) => holdsHeader(condition, headerOf(rawHeaders, name)),
    refusal: ({ rawHeaders }) =>
      headerOf(rawHeaders, name) === null ? `headers: ${name} is not there` : `headers: ${name} ${wanted}`,
  }
}

function holdsHeader({ value, prefix }: HeaderCondition, sent: string | null): boolean {
  if (sent === null) return false
  if (value !== undefined) return sent === value
  return prefix === undefined || sent.startsWith(prefix)
}
