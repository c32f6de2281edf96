// What a rule does to the parameters of its calls: as the table has it. Part of schema.ts; parameters/ obeys it.
// Numbers with a fraction are decimal text, which is written into requests as it stands.
import * as z from 'zod'

export const PARAMETERS = [
  'temperature',
  'topP',
  'topK',
  'maxTokens',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
] as const
export type Parameter = (typeof PARAMETERS)[number]

/** JSON's own form of a number, without an exponent. */
const decimal = z.string().regex(/^-?(0|[1-9]\d{0,11})(\.\d{1,6})?$/)

const bounds = z.strictObject({ min: decimal.optional(), max: decimal.optional() })

export const parameterPolicy = z.strictObject({
  /** Where the call has none. */
  defaults: z.partialRecord(z.enum(PARAMETERS), decimal).optional(),
  /** Whatever the call has. */
  force: z.partialRecord(z.enum(PARAMETERS), decimal).optional(),
  clamp: z.partialRecord(z.enum(PARAMETERS), bounds).optional(),
  /** What answers are to be written in. */
  language: z.string().min(2).max(32).optional(),
})

export type ParameterPolicy = z.infer<typeof parameterPolicy>
