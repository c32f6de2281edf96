// Which calls of a rule may be answered later, where the application says that it can wait. Part of ModelRoute;
// operator/rules/deferred.ts says the same in the table's words, and proxy/deferred does it.
import * as z from 'zod'
import { schedule } from './match.ts'
import { celIsDuration, duration, durationToMs, isDuration, type Rule, withRules } from './shapes.ts'

const MINUTE_MS = 60_000

const minutes = withRules(duration, [
  {
    holds: (text) => !isDuration(text) || durationToMs(text) >= MINUTE_MS,
    cel: `!${celIsDuration('self')} || duration(self) >= duration('1m')`,
    message: 'shorter than any deferred call takes: at least 1m',
  },
])

interface Ways {
  readonly batchApi?: unknown
  readonly offPeak?: unknown
}

const ANY_WAY: Rule<Ways> = {
  holds: ({ batchApi, offPeak }) => batchApi !== undefined || offPeak !== undefined,
  cel: 'has(self.batchApi) || has(self.offPeak)',
  message: 'deferred says nothing: name how calls are sent, batchApi: {} or offPeak with a window',
}

export const deferred = withRules(
  z.object({
    batchApi: z
      .object({
        collect: duration.default('1m').meta({
          description: 'How long a call waits for others that can go in the same batch.',
        }),
      })
      .optional()
      .meta({
        description:
          "Sent through the provider's batch API, at half the price with OpenAI and Anthropic: that of the first " +
          'backend whose provider speaks the dialect of the application and has one. Absent: never.',
      }),
    offPeak: schedule.optional().meta({
      description:
        'When calls that no batch API takes are sent, one by one, as any other call. Absent: they are served at once.',
    }),
    within: minutes.default('24h').meta({ description: 'A call that has no answer by then has failed.' }),
    keep: minutes.default('24h').meta({ description: 'How long the answer can be fetched.' }),
  }),
  [ANY_WAY],
)

export type DeferredSpec = z.infer<typeof deferred>
