// Who answers: a provider, perhaps a model of it, a share and a tier. The list of a rule, and of an alias; what is made
// of it for the table is operator/rules/target.ts.
import * as z from 'zod'
import { providerRef } from './provider-ref.ts'
import { notEmpty, withRules } from './shapes.ts'

export const backend = z.object({
  providerRef,
  model: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .meta({ description: 'The model to ask the provider for. Absent: the one the application asked for.' }),
  weight: z.int().min(0).max(1_000_000).default(1).meta({
    description: 'Share of the calls among backends of the same tier. One conversation stays on one backend.',
  }),
  tier: z.int().min(0).max(15).default(0).meta({
    description: 'Backends of tier 1 are used when those of tier 0 have failed, and so on.',
  }),
})

type Backend = z.infer<typeof backend>

const isSameBackend = (one: Backend, other: Backend): boolean =>
  one.providerRef.name === other.providerRef.name && one.model === other.model && one.tier === other.tier

export const backends = withRules(z.array(backend).max(16), [
  notEmpty('a rule needs at least one backend: name a ModelProvider in providerRef.name'),
  {
    holds: (list) => list.length === 0 || list.some(({ weight }) => weight > 0),
    cel: 'self.size() == 0 || self.exists(b, b.weight > 0)',
    message: 'every backend of this rule has weight 0, so nothing could answer: give one a weight above 0',
  },
  {
    holds: (list) => list.every((one) => list.filter((other) => isSameBackend(one, other)).length === 1),
    cel:
      'self.all(b, self.exists_one(o, o.providerRef.name == b.providerRef.name && o.tier == b.tier && ' +
      "(has(o.model) ? o.model : '') == (has(b.model) ? b.model : '')))",
    message: 'the same provider and model appear twice in one tier: keep one and add up the weights',
  },
])

export type BackendSpec = z.infer<typeof backend>
