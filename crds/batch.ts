// Which calls of a rule may be sent together, as one call upstream. Part of ModelRoute; operator/rules/batch.ts says
// the same in the table's words, and proxy/batch does it.
import * as z from 'zod'
import { celIsDuration, duration, durationToMs, isDuration, type Rule, withRules } from './shapes.ts'

/** The first call of a batch waits so long, and its application with it. */
const MAX_WAIT_MS = 1000

const wait = withRules(duration, [
  {
    holds: (text) => !isDuration(text) || durationToMs(text) <= MAX_WAIT_MS,
    cel: `!${celIsDuration('self')} || duration(self) <= duration('1s')`,
    message: 'every first call of a batch waits this long: at most 1s, and a few milliseconds are enough',
  },
])

const WAIT = 'How long the first call of a batch waits for others.'
const MAX_TOKENS = 'Tokens in one upstream call, estimated. A call with more goes alone.'

const lists = (items: string) =>
  z.object({
    wait: wait.default('3ms').meta({ description: WAIT }),
    maxSize: z
      .int()
      .min(2)
      .max(2048)
      .default(32)
      .meta({ description: `${items} in one upstream call, or fewer where the provider takes fewer.` }),
    maxTokens: z.int().min(1).max(10_000_000).default(32_000).meta({ description: MAX_TOKENS }),
  })

const questions = z.object({
  wait: wait.default('10ms').meta({ description: WAIT }),
  maxSize: z.int().min(2).max(32).default(16).meta({ description: 'Questions in one upstream call.' }),
  maxTokens: z.int().min(1).max(100_000).default(8_000).meta({ description: MAX_TOKENS }),
  maxQuestionTokens: z.int().min(1).max(4_000).default(256).meta({
    description: 'Tokens of a question that may share a call, estimated. A longer one goes alone.',
  }),
})

interface Kinds {
  readonly embeddings?: unknown
  readonly completions?: unknown
  readonly chat?: unknown
}

const ANY_KIND: Rule<Kinds> = {
  holds: ({ embeddings, completions, chat }) => [embeddings, completions, chat].some((kind) => kind !== undefined),
  cel: 'has(self.embeddings) || has(self.completions) || has(self.chat)',
  message: 'batch says nothing: name what may be sent together, embeddings: {} for a start',
}

export const batch = withRules(
  z.object({
    embeddings: lists('Inputs')
      .optional()
      .meta({
        description:
          'Embeddings of several calls become one call; each gets its own vectors and its share of the tokens. Only ' +
          'calls that differ in their inputs alone. Absent: every call goes alone.',
      }),
    completions: lists('Prompts')
      .optional()
      .meta({
        description:
          'The same for prompts of the older completions (OpenAI), where they are not streamed and name no seed. ' +
          'Absent: every call goes alone.',
      }),
    chat: questions.optional().meta({
      description:
        'Several short questions of one turn, with the same instructions, are asked in one structured request and ' +
        'the answers told apart; whatever does not come back whole is asked again alone. The model sees the ' +
        'questions side by side: for classification, extraction and the like, at a temperature of 0. ' +
        'Absent: every call goes alone.',
    }),
  }),
  [ANY_KIND],
)

export type BatchSpec = z.infer<typeof batch>
