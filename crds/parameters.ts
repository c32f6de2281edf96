// What a rule does to the parameters of its calls. Part of ModelRoute; operator/rules/parameters.ts says the same in
// the table's words, and proxy/parameters obeys it. Numbers with a fraction are strings: resources have no floats.
import * as z from 'zod'
import { celMatches, withRules } from './shapes.ts'

const DECIMAL = /^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$/

const decimal = withRules(z.string().min(1).max(24), [
  {
    holds: (text) => DECIMAL.test(text),
    cel: celMatches('self', DECIMAL),
    message: 'not a number: write it in quotes and with a point, for example "0.7"',
  },
])

const tokens = z.int().min(1).max(100_000_000)
const topK = z.int().min(1).max(1_000_000)

const values = z.object({
  temperature: decimal.optional().meta({ description: 'How freely the model chooses, for example "0.7".' }),
  topP: decimal.optional().meta({ description: 'The share of likely words it chooses from, for example "0.9".' }),
  topK: topK.optional().meta({ description: 'The number of likely words it chooses from.' }),
  maxTokens: tokens.optional().meta({ description: 'The most tokens an answer may have.' }),
  presencePenalty: decimal.optional().meta({ description: 'How much words that were said before are avoided.' }),
  frequencyPenalty: decimal.optional().meta({ description: 'How much words that were said often are avoided.' }),
  seed: z.int().min(0).max(2_147_483_647).optional().meta({ description: 'Where chance begins.' }),
})

type Bounds = { readonly min?: string | number | undefined; readonly max?: string | number | undefined }

const inOrder = ({ min, max }: Bounds) =>
  min === undefined || max === undefined || !isNumber(min) || !isNumber(max) || Number(min) <= Number(max)

function isNumber(value: string | number): boolean {
  return typeof value === 'number' || DECIMAL.test(value)
}

const IN_ORDER = 'min is larger than max: exchange them'

const decimalBounds = withRules(
  z.object({
    min: decimal.optional().meta({ description: 'What is less becomes this.' }),
    max: decimal.optional().meta({ description: 'What is more becomes this.' }),
  }),
  [{ holds: inOrder, cel: decimalOrder(), message: IN_ORDER }],
)

function decimalOrder(): string {
  const isDecimal = (field: string) => celMatches(field, DECIMAL)
  return (
    `!has(self.min) || !has(self.max) || !${isDecimal('self.min')} || !${isDecimal('self.max')} || ` +
    'double(self.min) <= double(self.max)'
  )
}

const wholeBounds = (whole: z.ZodInt) =>
  withRules(
    z.object({
      min: whole.optional().meta({ description: 'What is less becomes this.' }),
      max: whole.optional().meta({ description: 'What is more becomes this.' }),
    }),
    [{ holds: inOrder, cel: '!has(self.min) || !has(self.max) || self.min <= self.max', message: IN_ORDER }],
  )

const clamp = z.object({
  temperature: decimalBounds.optional().meta({ description: 'Bounds of temperature, for example "0.3" to "0.5".' }),
  topP: decimalBounds.optional().meta({ description: 'Bounds of topP.' }),
  topK: wholeBounds(topK).optional().meta({ description: 'Bounds of topK.' }),
  maxTokens: wholeBounds(tokens).optional().meta({
    description: 'Bounds of maxTokens. With a max, calls that name no limit get it as theirs.',
  }),
  presencePenalty: decimalBounds.optional().meta({ description: 'Bounds of presencePenalty.' }),
  frequencyPenalty: decimalBounds.optional().meta({ description: 'Bounds of frequencyPenalty.' }),
})

const LANGUAGE = /^[A-Za-z][A-Za-z -]*$/

const language = withRules(z.string().min(2).max(32), [
  {
    holds: (text) => LANGUAGE.test(text),
    cel: celMatches('self', LANGUAGE),
    message: 'not a language: write its name in English or its tag, for example German or zh-CN',
  },
])

export const parameters = z.object({
  defaults: values.optional().meta({ description: 'Set where the call has none.' }),
  force: values.optional().meta({ description: 'Set whatever the call has.' }),
  clamp: clamp.optional().meta({
    description:
      'Bounds: what is outside of them becomes the nearer one. Where the call has none, what the provider would take ' +
      'counts (docs/parameters.md).',
  }),
  language: language.optional().meta({
    description:
      'What answers are to be written in: the parameter where the dialect has one (Prompt), else a sentence at the ' +
      'end of the system text.',
  }),
})

export type ParametersSpec = z.infer<typeof parameters>
