// The status of both resources: what the operator writes and `kubectl get` shows.
// Conditions are a map by type, always all of them, in positive polarity; operator/status.ts fills them.
import * as z from 'zod'

const timestamp = z.string().max(64).meta({ format: 'date-time' })
const generation = z.int().min(0).meta({ format: 'int64' })
const count = (description: string) => z.int().min(0).max(1_000_000).meta({ description })

/** The shape of `metav1.Condition`. */
const condition = z.object({
  type: z.string().min(1).max(316).meta({ description: 'What the condition speaks of.' }),
  status: z.enum(['True', 'False', 'Unknown']).meta({ description: 'True is good, for every type.' }),
  observedGeneration: generation.optional().meta({ description: 'metadata.generation that the condition judges.' }),
  lastTransitionTime: timestamp.meta({ description: 'When status last changed.' }),
  reason: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
    .meta({ description: 'One CamelCase word for machines.' }),
  message: z.string().max(32_768).meta({ description: 'A sentence for people.' }),
})

const conditions = (description: string) =>
  z
    .array(condition)
    .max(8)
    .optional()
    .meta({
      description,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    })

const observedGeneration = generation.optional().meta({
  description: 'metadata.generation that this status describes.',
})

const proxies = z
  .object({
    total: count('Pods with a sidecar that this route selects.'),
    current: count('Proxies that run this generation of the route.'),
    rejected: count('Proxies that refused the table and keep their last good one.'),
    firstRejection: z.string().max(1024).optional().meta({ description: 'The first proxy that refused, and why.' }),
  })
  .optional()
  .meta({ description: 'What the proxies say, from their own acknowledgements.' })

const effectiveNow = z
  .object({
    rules: z
      .array(
        z.object({
          name: z.string().max(63).meta({ description: 'Name of the rule.' }),
          backends: z
            .array(z.string().max(512))
            .max(16)
            .meta({ description: 'Provider and model of each backend.', 'x-kubernetes-list-type': 'atomic' }),
        }),
      )
      .max(16)
      .meta({
        description: 'Rules whose schedule is on, and those without one, in order.',
        'x-kubernetes-list-type': 'atomic',
      }),
    until: z
      .string()
      .max(64)
      .optional()
      .meta({ format: 'date-time', description: 'When a window begins or ends next. Absent: never.' }),
  })
  .optional()
  .meta({ description: 'What the schedules leave in force. Absent: no rule has one.' })

export const modelRouteStatus = z
  .object({
    observedGeneration,
    programmed: z
      .string()
      .max(32)
      .optional()
      .meta({ description: 'Proxies that run this generation of all that should, for example 37/40.' }),
    ruleCount: z.int().min(0).max(16).optional().meta({ description: 'Number of rules.' }),
    effectiveNow,
    proxies,
    conditions: conditions(
      'Accepted (the rules are valid), ResolvedRefs (providers, Secrets and keys exist), Programmed (every proxy runs ' +
        'this generation) and Ready (all of these).',
    ),
  })
  .meta({ description: 'What the operator and the proxies made of the route.' })

export const modelProviderStatus = z
  .object({
    observedGeneration,
    conditions: conditions(
      'Accepted (the spec is valid), ResolvedRefs (the Secret and its key exist) and Ready (both).',
    ),
  })
  .meta({ description: 'What the operator made of the provider.' })

export type Condition = z.infer<typeof condition>
export type ModelRouteStatus = z.infer<typeof modelRouteStatus>
export type ModelProviderStatus = z.infer<typeof modelProviderStatus>
