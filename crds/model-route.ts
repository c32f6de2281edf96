// ModelRoute: which pods, which calls, and which models answer them. The first rule that matches wins.
// The zod schema is the single source of the CRD's yaml, the docs and the operator's types.
import * as z from 'zod'
import { cel, duration, kubernetesName } from './shapes.ts'

const labelSelector = z
  .object({
    matchLabels: z
      .record(z.string().max(317), z.string().max(63))
      .optional()
      .meta({ description: 'Labels a pod must carry, all of them.', maxProperties: 32 }),
    matchExpressions: z
      .array(
        z.object({
          key: z.string().min(1).max(317),
          operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
          values: z.array(z.string().max(63)).max(32).optional().meta({ 'x-kubernetes-list-type': 'atomic' }),
        }),
      )
      .max(32)
      .optional()
      .meta({ description: 'Label expressions, all of which must hold.', 'x-kubernetes-list-type': 'atomic' }),
  })
  .meta({
    description: 'Pods of this namespace that this route is for. {} selects every pod with a sidecar.',
    'x-kubernetes-map-type': 'atomic',
  })

const providerRef = z.object({
  name: kubernetesName.meta({ description: 'Name of a ModelProvider in the same namespace.' }),
})

const backend = z.object({
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

const rule = z.object({
  name: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    .meta({ description: 'Name of the rule, in lower case; it appears in logs, metrics and answers.' }),
  match: z
    .object({
      models: z.array(z.string().min(1).max(256)).max(64).optional().meta({
        description:
          'Models the application asks for: exact names, "auto", or globs with * and ?. Absent: every model.',
        'x-kubernetes-list-type': 'atomic',
      }),
    })
    .default({})
    .meta({ description: 'Which calls. Every field given must hold; none given matches all.' }),
  backends: z
    .array(backend)
    .min(1)
    .max(16)
    .meta({
      description: 'Who answers.',
      'x-kubernetes-list-type': 'atomic',
      ...cel([
        {
          rule: 'self.exists(b, b.weight > 0)',
          message: 'every backend of this rule has weight 0, so nothing could answer: give one a weight above 0',
        },
      ]),
    }),
  timeouts: z
    .object({
      firstToken: duration
        .default('60s')
        .meta({
          description:
            'From sending a streamed request to the first byte of its answer. A call that does not stream may think for ' +
            'as long as total allows.',
        }),
      idle: duration.default('60s').meta({ description: 'Longest silence within an answer.' }),
      total: duration.optional().meta({ description: 'Limit of the whole call. Absent: none.' }),
    })
    .prefault({})
    .meta({
      ...cel([
        {
          rule: '!has(self.total) || duration(self.total) >= duration(self.firstToken)',
          message: 'timeouts.total is shorter than timeouts.firstToken: no call could use its time to first token',
        },
      ]),
    }),
  failover: z
    .object({
      attempts: z.int().min(1).max(16).default(3).meta({
        description: 'Provider calls that one call of the application may cost, the first included.',
      }),
      on: z
        .array(z.enum(['Connect', 'Timeout', 'Server']))
        .max(16)
        .default(['Connect', 'Timeout', 'Server'])
        .meta({
          description:
            'What moves a call to the next backend before the first byte of an answer: Connect (unreachable, DNS, ' +
            'TLS, reset), Timeout (no first byte in time), Server (status 500 to 599).',
          'x-kubernetes-list-type': 'atomic',
        }),
    })
    .prefault({}),
})

export const modelRouteSpec = z.object({
  podSelector: labelSelector,
  passthrough: z.object({ providerRef }).optional().meta({
    description: 'The provider that gets paths which modelroute does not know. Absent: they are refused with 404.',
  }),
  rules: z
    .array(rule)
    .min(1)
    .max(16)
    .meta({
      description: 'The first rule that matches a call decides where it goes.',
      'x-kubernetes-list-type': 'atomic',
      ...cel([
        {
          rule: 'self.all(r, self.exists_one(o, o.name == r.name))',
          message: 'two rules have the same name: give each rule of this ModelRoute its own',
        },
      ]),
    }),
})

export type ModelRouteSpec = z.infer<typeof modelRouteSpec>
export type ModelRouteRule = ModelRouteSpec['rules'][number]
