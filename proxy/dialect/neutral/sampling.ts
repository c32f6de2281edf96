// The plain parameters of a chat request: numbers and stop sequences that dialects merely name differently. Each
// dialect gives its names as data; this file reads and writes them.
import type { Feature } from './features.ts'
import type { Field } from './field.ts'
import type { JsonObject, JsonValue } from './json.ts'
import type { Sampling } from './chat.ts'

/** Names at the dialect; the first is written, all are read. A name that is absent cannot be expressed. */
export type SamplingNames = Readonly<Partial<Record<keyof Sampling, readonly [string, ...string[]]>>>

type NumberName = Exclude<keyof Sampling, 'stop'>

const NUMBERS: readonly NumberName[] = [
  'maxTokens',
  'temperature',
  'topP',
  'topK',
  'minP',
  'seed',
  'frequencyPenalty',
  'presencePenalty',
]
const WHOLE_NUMBERS: ReadonlySet<NumberName> = new Set(['maxTokens', 'topK', 'seed'])

/** More stop sequences than this are a feature of their own: OpenAI takes four. */
const FEW_STOPS = 4

export function readSampling(field: Field, names: SamplingNames): Sampling {
  const sampling: { -readonly [Name in keyof Sampling]: Sampling[Name] } = {}
  for (const name of NUMBERS) {
    const member = names[name] === undefined ? undefined : field.firstOf(...names[name])
    const number = member?.number()
    if (member === undefined || number === undefined) continue
    if (WHOLE_NUMBERS.has(name) && !Number.isSafeInteger(number)) member.fault('must be a whole number')
    member.note(name)
    sampling[name] = number
  }
  const stop = names.stop === undefined ? undefined : field.firstOf(...names.stop)
  const stops = stop === undefined ? undefined : readStops(stop)
  if (stops !== undefined) sampling.stop = stops
  return sampling
}

function readStops(field: Field): readonly string[] | undefined {
  if (!field.isPresent) return undefined
  const stops = field.isText ? [field.text() ?? ''] : field.items().map((item) => item.requiredText())
  if (stops.length === 0) return undefined
  field.note('stop')
  if (stops.length > FEW_STOPS) field.note('manyStops')
  return stops
}

export function writeSampling(sampling: Sampling, names: SamplingNames): JsonObject {
  const written: [string, JsonValue][] = []
  for (const name of [...NUMBERS, 'stop'] as const) {
    const value = sampling[name]
    const writtenName = names[name]?.[0]
    if (value !== undefined && writtenName !== undefined) written.push([writtenName, value])
  }
  return Object.fromEntries(written)
}

/** The parameters that reasoning models of some providers refuse. */
export const RANDOMNESS = [
  'temperature',
  'topP',
  'topK',
  'minP',
  'frequencyPenalty',
  'presencePenalty',
] as const satisfies readonly Feature[]

export function withoutSampling(sampling: Sampling, names: readonly (keyof Sampling)[]): Sampling {
  return Object.fromEntries(Object.entries(sampling).filter(([name]) => !(names as readonly string[]).includes(name)))
}
