// What a rule does to the parameters of a call: defaults, forced values, bounds, a language, spliced into the caller's
// bytes after the rule is known and before anything else reads them: the cache, masking and every target see the call
// as the rule wants it. Where each dialect has a parameter is data (places.ts).
import { Buffer } from 'node:buffer'
import { failure, type Failure } from '../errors.ts'
import type { Call, RoutedCall } from '../exchange.ts'
import { openAiFacts } from '../dialect/neutral/model-facts.ts'
import { type Edit, spliceAll } from '../json/splice.ts'
import type { Parameter, ParameterPolicy } from '../table/parameters-schema.ts'
import type { DeepReadonly } from '../table/schema.ts'
import { languageChanges } from './language.ts'
import { numberChanges } from './numbers.ts'
import { type DialectPlaces, placesOf } from './places.ts'
import { membersOfBody } from './write.ts'

/** The same call where its rule changes nothing of it. */
export function applyParameters(routed: RoutedCall): RoutedCall | Failure {
  const { parameters } = routed.route
  if (parameters === undefined) return routed
  const changes = changesOf(routed.call, parameters)
  if (changes.kind === 'failure') return changes
  if (changes.edits.length === 0) return routed
  const call = edited(routed.call, changes)
  return call.kind === 'failure' ? call : { ...routed, call }
}

interface AllChanges {
  readonly kind: 'changes'
  readonly edits: readonly Edit[]
  readonly notes: readonly string[]
}

function changesOf({ received, model }: Call, policy: DeepReadonly<ParameterPolicy>): AllChanges | Failure {
  const { place, body } = received
  const { operation, dialect } = place
  const known = placesOf(dialect.name, operation)
  const numbers = known === null ? NONE : numberChanges(body, fitting(known, { body, model }), policy)
  if (numbers.kind === 'failure') return numbers
  const { language } = policy
  const said = language === undefined ? NONE : languageChanges(body, { dialect: dialect.name, operation, language })
  const edits = [...numbers.edits, ...said.edits].toSorted((one, other) => one.span.start - other.span.start)
  return { kind: 'changes', edits: joined(edits), notes: [...numbers.notes, ...said.notes] }
}

const NONE = { kind: 'changes', edits: [], notes: [] } as const

/** Randomness that its provider would refuse is changed where the call has it, and never added. */
const RANDOMNESS: readonly Parameter[] = ['temperature', 'topP', 'topK', 'presencePenalty', 'frequencyPenalty']

/** Models that reason take none; Anthropic's take none while they think. */
function fitting(
  known: DialectPlaces,
  { body, model }: { readonly body: Call['received']['body']; readonly model: string },
) {
  const [thinking] = membersOfBody(body, ['thinking'])
  const isThinking =
    thinking !== undefined && /"(?:enabled|adaptive)"/.test(body.toString('latin1', thinking.start, thinking.end))
  if (!isThinking && openAiFacts(model).randomness !== 'never') return known
  const places = Object.entries(known.places).map(([parameter, place]) => {
    const isRandomness = RANDOMNESS.some((each) => each === parameter)
    return [parameter, isRandomness ? { ...place, isOnlyChanged: true as const } : place] as const
  })
  return { ...known, places: Object.fromEntries(places) }
}

/** Two additions at one place are one edit: both end with a comma, or the object was empty and needs one between. */
function joined(edits: readonly Edit[]): readonly Edit[] {
  const whole: Edit[] = []
  for (const edit of edits) {
    const last = whole.at(-1)
    const isSamePlace = last !== undefined && last.span.end === edit.span.start && last.span.start === edit.span.end
    if (!isSamePlace) {
      whole.push(edit)
      continue
    }
    const separator = last.text.at(-1) === COMMA ? '' : ','
    whole[whole.length - 1] = { span: last.span, text: Buffer.concat([last.text, Buffer.from(separator), edit.text]) }
  }
  return whole
}

const COMMA = 0x2c

/** The call as its dialect reads it from the new body. */
function edited(call: Call, { edits, notes }: AllChanges): Call | Failure {
  const { received } = call
  const body = spliceAll(received.body, edits)
  const read = received.place.endpoint?.readCall?.({ ...received, body })
  if (read === undefined || read.kind === 'failure')
    return failure('internal_error', 'The call could not be read with the parameters of its rule.')
  return { ...read, ...(call.facts && { facts: call.facts }), adjusted: notes }
}
