// A canary: one new backend beside those of a rule, with a share of the conversations that grows by steps over time.
// Part of ModelRoute; operator/rules/canary.ts says the same in the table's words, proxy/strategy/canary.ts decides
// by it.
import * as z from 'zod'
import { providerRef } from './provider-ref.ts'
import { duration, form, notEmpty, withRules } from './shapes.ts'

const start = withRules(z.string().min(20).max(20), [
  form(
    /^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$/,
    'not a moment: write it in UTC and in quotes, for example "2026-11-23T09:00:00Z"',
  ),
])

const steps = withRules(
  z
    .array(
      z.object({
        percent: z.int().min(0).max(100).meta({ description: 'Percent of the conversations.' }),
        for: duration.default('1h').meta({ description: 'For how long. The last step stays in force.' }),
      }),
    )
    .max(16),
  [notEmpty('a canary needs at least one step: give it a percent')],
)

const stopWhen = z.object({
  errors: z.int().min(0).max(100).default(5).meta({
    description: "Percentage points by which its share of failed calls may exceed that of the rule's own backends.",
  }),
  slower: z.int().min(0).max(10_000).default(50).meta({
    description: 'Percent by which its first token (an answer, where it is not streamed) may come later than theirs.',
  }),
  minCalls: z.int().min(1).max(10_000).default(30).meta({
    description: 'Calls of it that a proxy must have seen before it judges.',
  }),
})

export const canary = z.object({
  providerRef,
  model: z.string().min(1).max(256).optional().meta({
    description: 'The model to ask the provider for. Absent: the one the application asked for.',
  }),
  start: start.meta({
    description:
      'When the first step begins, in UTC. All pods go by it, and a new value lets a stopped canary try again.',
  }),
  steps: steps.meta({
    description: 'Its share, step after step. A conversation that went there stays there as the share grows.',
    'x-kubernetes-list-type': 'atomic',
  }),
  stopWhen: stopWhen.prefault({}).meta({
    description:
      'When a proxy stops it, by the calls that it has seen itself: its share is then 0 in that proxy until start ' +
      'changes. Calls that it fails go on to the backends of the rule.',
  }),
})

export type CanarySpec = z.infer<typeof canary>
