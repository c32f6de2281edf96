// What a model costs, as its provider publishes it: decimal strings for a million tokens, in whatever currency the
// company counts. Part of ModelProvider; operator/rules/prices.ts makes integers of them.
import * as z from 'zod'
import { form, withRules } from './shapes.ts'

const SENTENCE =
  'not a price: write a decimal with at most six digits before and after the point, for example "0.25", in quotes'

const price = (description: string) =>
  withRules(z.string().min(1).max(13), [form(/^[0-9]{1,6}(\.[0-9]{1,6})?$/, SENTENCE)]).meta({ description })

export const priceOfModel = z.object({
  inputPerMillion: price('A million tokens of input.'),
  outputPerMillion: price('A million tokens of output.'),
  cachedInputPerMillion: price(
    "A million tokens of input that the provider has in its prompt cache. Absent: input's price.",
  ).optional(),
})

export type PriceSpec = z.infer<typeof priceOfModel>
