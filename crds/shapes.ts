// Small shapes that both resources use: names, durations, and rules with a sentence for people.
//
//   withRules(schema, rules) -> zod refinements (a folder of yaml) and x-kubernetes-validations (the API server)
//
// A rule is written twice, in TypeScript and in CEL, so that both print the same sentence; the tests run every wrong
// example through both.
import * as z from 'zod'

/** One rule of an object or field. `holds` and `cel` must say the same. */
export interface Rule<Value> {
  readonly holds: (value: Value) => boolean
  /** CEL over `self`, true when all is well. It must not raise an error on any value that the schema lets through. */
  readonly cel: string
  /** What is wrong and what to do, without the path (printed before it). `kubectl apply` prints it word for word. */
  readonly message: string
}

export interface CelRule {
  readonly rule: string
  readonly message: string
}

/** Attaches rules to a schema. Keep it before `.optional()`, `.default()` and further `.meta()`. */
export function withRules<Schema extends z.ZodType>(schema: Schema, rules: readonly Rule<z.output<Schema>>[]): Schema {
  let checked: Schema = schema
  for (const { holds, message } of rules) checked = checked.refine(holds, { error: message })
  const validations: readonly CelRule[] = rules.map(({ cel, message }) => ({ rule: cel, message }))
  return checked.meta({ 'x-kubernetes-validations': validations })
}

/** A rule that a text has this form. The pattern must mean the same to JavaScript and to RE2. */
export function form(pattern: RegExp, message: string): Rule<string> {
  return { holds: (text) => pattern.test(text), cel: celMatches('self', pattern), message }
}

/** CEL that is true when a field (`self.url`) matches. `\/` is an escape only in JavaScript's pattern literals. */
export function celMatches(field: string, { source }: RegExp): string {
  const literal = source.replaceAll('\\/', '/').replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  return `${field}.matches('${literal}')`
}

/** A rule that a list has an item; `minItems` says the same in words that help nobody. */
export function notEmpty(message: string): Rule<readonly unknown[]> {
  return { holds: (list) => list.length > 0, cel: 'self.size() > 0', message }
}

/** RFC 1123 subdomain, as Kubernetes names objects. */
export const kubernetesName = withRules(z.string().min(1).max(253), [
  form(
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
    'not a name of an object: use a-z, 0-9, "-" and ".", with a letter or digit at both ends',
  ),
])

export const secretKeyName = withRules(z.string().min(1).max(253), [
  form(/^[-._a-zA-Z0-9]+$/, 'not a key of a Secret: use letters, digits, "-", "_" and "."'),
])

export const MAX_DURATION_MS = 24 * 60 * 60 * 1000

const durationPattern = /^([0-9]{1,5}(h|m|s|ms)){1,4}$/

export const isDuration = (text: string): boolean => durationPattern.test(text)

/** The same in CEL, for a field such as `self.total`. Guards `duration()`, which raises an error on other texts. */
export const celIsDuration = (field: string): string => celMatches(field, durationPattern)

/** Gateway API GEP-2257: `10s`, `1h30m`, `500ms`; at most four parts of up to five digits. */
export const duration = withRules(z.string().max(32), [
  form(durationPattern, 'not a duration: write for example 500ms, 10s or 1h30m, in whole numbers of h, m, s and ms'),
  {
    holds: (text) => !isDuration(text) || (durationToMs(text) > 0 && durationToMs(text) <= MAX_DURATION_MS),
    cel: `!${celIsDuration('self')} || (duration(self) > duration('0s') && duration(self) <= duration('24h'))`,
    message: 'a duration must be longer than 0s and at most 24h',
  },
])

/** The same with 0s, which switches something off. */
export const offOrDuration = withRules(z.string().max(32), [
  form(durationPattern, 'not a duration: write for example 500ms, 10s or 1h30m, in whole numbers of h, m, s and ms'),
  {
    holds: (text) => !isDuration(text) || durationToMs(text) <= MAX_DURATION_MS,
    cel: `!${celIsDuration('self')} || duration(self) <= duration('24h')`,
    message: 'a duration must be at most 24h; 0s switches this off',
  },
])

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** Milliseconds of a GEP-2257 duration that `duration` has accepted. */
export function durationToMs(text: string): number {
  let totalMs = 0
  for (const [, digits, unit] of text.matchAll(/([0-9]+)(ms|h|m|s)/g)) {
    totalMs += Number(digits) * UNIT_MS[unit as keyof typeof UNIT_MS]
  }
  return totalMs
}
