// ModelRoute: which pods, which calls, and which models answer them. The first rule that matches wins.
// The zod schema is the single source of the CRD's yaml, the docs and the operator's types.
import * as z from 'zod'
import {
  celIsDuration,
  duration,
  durationToMs,
  form,
  isDuration,
  notEmpty,
  offOrDuration,
  withRules,
} from './shapes.ts'
import { batch } from './batch.ts'
import { deferred } from './deferred.ts'
import { cache } from './cache.ts'
import { aliasFields } from './aliases.ts'
import { backends } from './backend.ts'
import { canary } from './canary.ts'
import { match } from './match.ts'
import { parameters } from './parameters.ts'
import { providerRef } from './provider-ref.ts'
import { redaction } from './redaction.ts'
import { sharedCache } from './shared-cache.ts'
import { strategyFields, strategyRules } from './strategy.ts'

const labelExpression = withRules(
  z.object({
    key: z.string().min(1).max(317).meta({ description: 'Key of a label.' }),
    operator: z
      .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
      .meta({ description: 'How the label compares with values.' }),
    values: z
      .array(z.string().max(63))
      .max(32)
      .optional()
      .meta({ description: 'Values for In and NotIn.', 'x-kubernetes-list-type': 'atomic' }),
  }),
  [
    {
      holds: ({ operator, values = [] }) => operator.endsWith('In') === values.length > 0,
      cel: "self.operator.endsWith('In') == (has(self.values) && self.values.size() > 0)",
      message: 'operators In and NotIn need values; Exists and DoesNotExist take none',
    },
  ],
)

const labelSelector = z
  .object({
    matchLabels: z
      .record(z.string().max(317), z.string().max(63))
      .optional()
      .meta({ description: 'Labels a pod must carry, all of them.', maxProperties: 32 }),
    matchExpressions: z
      .array(labelExpression)
      .max(32)
      .optional()
      .meta({ description: 'Label expressions, all of which must hold.', 'x-kubernetes-list-type': 'atomic' }),
  })
  .meta({
    description: 'Pods of this namespace that this route is for. {} selects every pod with a sidecar.',
    'x-kubernetes-map-type': 'atomic',
  })

const timeouts = withRules(
  z.object({
    firstToken: duration.default('60s').meta({
      description:
        'From sending a streamed request to the first token of its answer. A call that does not stream may think for ' +
        'as long as total allows.',
    }),
    idle: duration.default('60s').meta({ description: 'Longest silence within an answer.' }),
    total: duration.optional().meta({ description: 'Limit of the whole call. Absent: none.' }),
  }),
  [
    {
      holds: ({ total, firstToken }) =>
        total === undefined ||
        !isDuration(total) ||
        !isDuration(firstToken) ||
        durationToMs(total) >= durationToMs(firstToken),
      cel:
        `!has(self.total) || !has(self.firstToken) || !${celIsDuration('self.total')} || ` +
        `!${celIsDuration('self.firstToken')} || duration(self.total) >= duration(self.firstToken)`,
      message: 'total is shorter than firstToken: make total at least as long (firstToken is 60s unless set)',
    },
  ],
)

/** Each is a way in which an attempt can fail; docs/failover-and-weights.md has the table. */
export const FAILOVER_CLASSES = [
  'Connect',
  'Dns',
  'Tls',
  'Timeout',
  'Idle',
  'Reset',
  'RateLimited',
  'Overloaded',
  'Quota',
  'Auth',
  'ModelNotFound',
  'ContextLength',
  'ContentFilter',
  'Truncated',
  'BadRequest',
  'Server',
] as const

/**
 * What another provider may do better. A filtered or faulty request is refused by the next one as well, a refused key
 * should be seen by whoever can change it, and an answer that is too long for its model is an answer all the same.
 */
const NOT_BY_DEFAULT: readonly string[] = ['Auth', 'ContentFilter', 'Truncated', 'BadRequest']
const DEFAULT_CLASSES = FAILOVER_CLASSES.filter((name) => !NOT_BY_DEFAULT.includes(name))

const failover = withRules(
  z.object({
    attempts: z.int().min(1).max(16).default(3).meta({
      description: 'Provider calls that one call of the application may cost, the first included.',
    }),
    when: z
      .array(z.enum(FAILOVER_CLASSES))
      .max(16)
      .default(DEFAULT_CLASSES)
      .meta({
        description:
          'What moves a call to the next backend before the first token of an answer: Connect (unreachable), Dns, ' +
          'Tls, Timeout (no first token in time), Idle (silence within an answer), Reset (connection lost), ' +
          'RateLimited, Overloaded, Quota (used up or unpaid), Auth (the key is refused), ModelNotFound, ' +
          'ContextLength (too long for the model), ContentFilter (refused or answered with nothing by the filter), ' +
          "Truncated (cut off at the model's limit, not at one that the application set), BadRequest (refused as " +
          'faulty), Server (other failures of the provider). ' +
          'All but Auth, ContentFilter, Truncated and BadRequest unless set.',
        'x-kubernetes-list-type': 'atomic',
      }),
    hedgeAfter: offOrDuration.optional().meta({
      description:
        'Without a first token after this (an answer, where it is not streamed) a second backend is asked as well; ' +
        'the first to answer is used and the other one cancelled. Stays within attempts and the budget of extra ' +
        'calls. Absent or 0s: off.',
    }),
  }),
  [
    {
      holds: ({ attempts, hedgeAfter = '0s' }) =>
        attempts > 1 || !isDuration(hedgeAfter) || durationToMs(hedgeAfter) === 0,
      cel:
        `!has(self.hedgeAfter) || self.attempts > 1 || !${celIsDuration('self.hedgeAfter')} || ` +
        "duration(self.hedgeAfter) == duration('0s')",
      message: 'hedgeAfter asks a second backend, and attempts allows one call: make attempts at least 2',
    },
  ],
)

const ruleName = withRules(z.string().min(1).max(63), [
  form(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    'not a name of a rule: use a-z, 0-9 and "-", with a letter or digit at both ends',
  ),
])

const ruleShape = z.object({
  name: ruleName.meta({ description: 'Name of the rule, in lower case; it appears in logs, metrics and answers.' }),
  mode: z
    .enum(['Enforce', 'Shadow'])
    .default('Enforce')
    .meta({
      description:
        'Shadow: the rule is evaluated and counted and takes no call; metrics tell how many it would have taken and ' +
        'how many of them would have gone elsewhere.',
    }),
  match: match.default({}).meta({
    description: 'Which calls. Every field given must hold; none given matches all.',
  }),
  backends: backends.meta({ description: 'Who answers.', 'x-kubernetes-list-type': 'atomic' }),
  ...strategyFields,
  canary: canary
    .optional()
    .meta({ description: 'A new target that gets a growing share of the calls, and loses it when it does worse.' }),
  timeouts: timeouts.prefault({}).meta({ description: 'How long a call may take.' }),
  failover: failover.prefault({}).meta({ description: 'What happens when a backend fails.' }),
  parameters: parameters.optional().meta({
    description: 'What is done to temperature, limits and the like of its calls. Absent: they leave as they came.',
  }),
  redact: redaction.optional().meta({
    description: 'What is masked before a call leaves the pod, and restored in its answer. Absent: nothing.',
  }),
  cache: cache.optional().meta({
    description:
      'What is answered from answers that were given before. {} takes what is always the same. Absent: nothing.',
  }),
  batch: batch.optional().meta({
    description: 'Which calls are sent together, as one call of the provider. Absent: every call goes alone.',
  }),
  deferred: deferred.optional().meta({
    description:
      'Calls whose application says that it can wait (prefer: respond-async) are taken in, sent when it is cheaper, ' +
      'and their answers kept. Absent: every call is served at once.',
  }),
})

const rule = withRules(ruleShape, strategyRules)

const rules = withRules(z.array(rule).max(16), [
  notEmpty('a ModelRoute needs at least one rule'),
  {
    holds: (list) => new Set(list.map(({ name }) => name)).size === list.length,
    cel: 'self.all(r, self.exists_one(o, o.name == r.name))',
    message: 'two rules have the same name: give each rule of this ModelRoute its own',
  },
])

export const modelRouteSpec = z
  .object({
    podSelector: labelSelector,
    passthrough: z.object({ providerRef }).optional().meta({
      description: 'The provider that gets paths which modelroute does not know. Absent: they are refused with 404.',
    }),
    ...aliasFields,
    sharedCache: sharedCache.optional().meta({
      description:
        'The server through which rules with cache.shareWith Workload or Namespace share. Absent: that of the chart, ' +
        'if it has one.',
    }),
    rules: rules.meta({
      description: 'The first rule that matches a call decides where it goes.',
      'x-kubernetes-list-type': 'atomic',
    }),
  })
  .meta({ description: 'Which pods this route is for, and which models answer their calls.' })

export type ModelRouteSpec = z.infer<typeof modelRouteSpec>
export type ModelRouteRule = ModelRouteSpec['rules'][number]
