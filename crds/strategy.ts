// How a rule chooses among the backends of one tier. Part of ModelRoute; operator/rules/strategy.ts says the same in
// the table's words, and proxy/strategy decides by it.
import * as z from 'zod'
import { headerName } from './match.ts'
import { withRules } from './shapes.ts'

export const STRATEGIES = ['Weight', 'Latency', 'Load', 'Cost', 'Sticky'] as const

const sticky = withRules(
  z.object({
    by: z
      .enum(['Conversation', 'User', 'Header'])
      .default('Conversation')
      .meta({
        description:
          'What keeps calls on one backend: Conversation (a session id that the application sends, or else the first ' +
          'message of the user), User (who asks, as the application names them in user or metadata.user_id), or Header.',
      }),
    header: headerName.optional().meta({ description: 'Name of the header, with by Header alone.' }),
    whenMissing: z.enum(['Conversation', 'Spread']).default('Conversation').meta({
      description: 'What a call without the user or the header goes by: its conversation, or chance.',
    }),
  }),
  [
    {
      holds: ({ by, header }) => (by === 'Header') === (header !== undefined),
      cel: "(self.by == 'Header') == has(self.header)",
      message: 'by Header needs the name of the header, and the others take none',
    },
  ],
)

/** Members of a rule. */
export const strategyFields = {
  strategy: z
    .enum(STRATEGIES)
    .optional()
    .meta({
      description:
        'How one of the backends of a tier is chosen: Weight (by conversation, in shares of the weights), Latency (the ' +
        'sooner it answers of late, the larger its share), Load (the one of two with fewer answers under way for its ' +
        'weight), Cost (the cheapest by spec.models[].price), Sticky (by what sticky names, in shares of the weights). ' +
        'Weight unless set. Health and tiers come before it.',
    }),
  sticky: sticky.optional().meta({ description: 'What Sticky goes by. Absent: the conversation.' }),
  explicitModels: z
    .enum(['Replace', 'Keep'])
    .optional()
    .meta({
      description:
        "What happens to a model that the application names: Replace puts the backends' models in its place (unless " +
        'set), Keep asks for it as it is, of those providers of this rule that list it in spec.models. Models that ' +
        'none of them lists, and auto, go to the backends.',
    }),
}

interface Strategic {
  readonly strategy?: (typeof STRATEGIES)[number] | undefined
  readonly sticky?: unknown
}

/** Rules of a rule. */
export const strategyRules = [
  {
    holds: ({ strategy, sticky: given }: Strategic) => given === undefined || strategy === 'Sticky',
    cel: "!has(self.sticky) || (has(self.strategy) && self.strategy == 'Sticky')",
    message: 'sticky is set and the strategy is not Sticky: set strategy to Sticky, or remove sticky',
  },
]
