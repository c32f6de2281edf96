// What a rule answers from a cache. Part of ModelRoute; operator/rules/cache.ts says the same in the table's words, and
// proxy/cache decides by it.
import * as z from 'zod'
import { duration, form, offOrDuration, withRules } from './shapes.ts'

const headerName = withRules(z.string().min(1).max(64), [
  form(/^[a-z0-9_-]+$/, 'not a name of a header: use lower case a-z, 0-9, "-" and "_"'),
])

const temperature = withRules(z.string().min(1).max(9), [
  form(/^[0-9]{1,2}(\.[0-9]{1,6})?$/, 'not a temperature: write it as text, for example "0" or "0.2"'),
])

const storing = z.enum(['Skip', 'Store'])

export const cache = withRules(
  z.object({
    mode: z.enum(['Off', 'Exact']).default('Exact').meta({
      description: 'Exact answers a call from a kept answer when nothing that matters to it differs. Off: no cache.',
    }),
    ttl: duration.default('1h').meta({ description: 'How long an answer is good for.' }),
    shareWith: z
      .enum(['Pod', 'Workload', 'Namespace'])
      .default('Pod')
      .meta({
        description:
          'Who may be answered from what one pod was answered: Pod (itself), Workload (the pods of its Deployment or ' +
          'the like), Namespace (all pods that this rule serves). Beyond the pod it takes a shared cache.',
      }),
    sampled: storing.default('Skip').meta({
      description:
        'Calls whose answers are drawn by lot, because their temperature is absent or above maxTemperature: Skip asks ' +
        'anew each time, Store gives every caller the same draw.',
    }),
    maxTemperature: temperature.default('0').meta({
      description: 'Up to this temperature answers count as always the same. A decimal number as text.',
    }),
    toolResults: storing.default('Skip').meta({
      description:
        'Calls that tell what a tool has done, or let the provider run tools of its own (searches, code): the same ' +
        'question may have another answer tomorrow.',
    }),
    truncated: storing.default('Skip').meta({ description: 'Answers that were cut off at their limit of length.' }),
    filtered: storing.default('Skip').meta({ description: 'Answers that a content filter has ended.' }),
    staleWhileRevalidate: offOrDuration.optional().meta({
      description:
        'For so long after its time an answer is still given, while a new one is asked for in the background. Absent ' +
        'or 0s: off.',
    }),
    staleIfError: offOrDuration.optional().meta({
      description:
        'For so long after its time an answer is still given when every backend has failed. Absent or 0s: off.',
    }),
    singleFlight: z
      .enum(['Off', 'Pod', 'Shared'])
      .default('Pod')
      .meta({
        description:
          'Whether equal calls at the same time cost one call of the provider: Pod (those of one pod, streams too), ' +
          'Shared (those of all pods that share the cache; who waits gets the answer when it is whole), Off.',
      }),
    ignoreHeaders: z
      .array(headerName)
      .max(16)
      .default([])
      .meta({
        description:
          'Headers of calls on which no answer depends, such as ids of a tracing system of your own. Headers that ' +
          'nobody knows make calls different.',
        'x-kubernetes-list-type': 'atomic',
      }),
    generation: z.int().min(0).max(1_000_000_000).default(0).meta({
      description: 'Another number, and nothing that was kept before is used any more.',
    }),
  }),
  [
    {
      holds: ({ singleFlight, shareWith }) => singleFlight !== 'Shared' || shareWith !== 'Pod',
      cel: "self.singleFlight != 'Shared' || self.shareWith != 'Pod'",
      message:
        'singleFlight Shared waits for answers of other pods, and shareWith Pod takes none: set Workload or Namespace',
    },
  ],
)

export type CacheSpec = z.infer<typeof cache>
