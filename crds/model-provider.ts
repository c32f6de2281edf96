// ModelProvider: where a provider's API is, which dialect it speaks, and which Secret has its key.
// The zod schema is the single source of the CRD's yaml, the docs and the operator's types.
import * as z from 'zod'
import { priceOfModel } from './price.ts'
import { celMatches, duration, form, kubernetesName, secretKeyName, withRules } from './shapes.ts'

export const providerUrl = withRules(z.string().min(1).max(2048), [
  form(
    /^https?:\/\/[^\s?#@]+$/,
    'not a base URL: write https://HOST/PREFIX (or http://), without a query, a fragment or credentials',
  ),
]).meta({
  description:
    'Base URL with its version prefix and without query or credentials, for example https://api.openai.com/v1, ' +
    'https://api.anthropic.com/v1, https://generativelanguage.googleapis.com/v1beta, http://ollama.models.svc:11434, ' +
    'or the whole URL of a Prompt server.',
})

const secretRef = z
  .object({
    name: kubernetesName.meta({ description: 'Name of a Secret in the same namespace.' }),
    key: secretKeyName.meta({ description: 'Key in the Secret whose value is the API key.' }),
  })
  .meta({ description: 'The Secret that has the API key. A changed Secret takes effect without a restart.' })

const models = withRules(
  z
    .array(
      z.object({
        name: z.string().min(1).max(256).meta({ description: 'The model as the provider calls it.' }),
        maxOutputTokens: z
          .int()
          .min(1)
          .max(100_000_000)
          .optional()
          .meta({
            description:
              'The most tokens that an answer of this model may have. A request for more is sent with this number, and ' +
              'the answer says so in x-modelroute-adjusted. Absent: requests go out as they are.',
          }),
        contextTokens: z
          .int()
          .min(1)
          .max(1_000_000_000)
          .optional()
          .meta({
            description:
              'The most tokens that prompt and answer of this model may have together. Calls that are longer go to other ' +
              'backends, or are refused with 422 context_too_long where there is none. Absent: the provider judges.',
          }),
        price: priceOfModel.optional().meta({
          description: 'What it costs, for the strategy Cost and for what is told of calls. Absent: unknown.',
        }),
      }),
    )
    .max(64),
  [
    {
      holds: (list) => new Set(list.map(({ name }) => name)).size === list.length,
      cel: 'self.all(m, self.exists_one(o, o.name == m.name))',
      message: 'a model is listed twice: list each model once',
    },
  ],
)

const health = z.object({
  failuresToEject: z.int().min(1).max(1000).default(5).meta({
    description: 'So many failures one after another, and calls go to the other backends first.',
  }),
  ejectFor: duration.default('30s').meta({
    description: 'For how long; then one call, or the check, finds out whether the provider is well again.',
  }),
  check: z
    .object({
      path: withRules(z.string().min(1).max(512), [
        form(/^\/[^\s?#]*$/, 'not a path: write for example /models, below spec.url and without a query'),
      ]).meta({
        description:
          'Asked with GET below spec.url, with the key. Any answer is well but 5xx, 408 and 429: a wrong path does ' +
          'not keep a provider out.',
      }),
      every: duration.default('10s').meta({ description: 'Time between two checks of an ejected provider.' }),
    })
    .optional()
    .meta({ description: 'Asks an ejected provider before any call does. Absent: a call finds out.' }),
})

/** Where a key may travel without TLS: a Service of this cluster by its `.svc` name, or the pod itself. */
const innerHosts = /^http:\/\/([^/:]*\.svc(\.cluster\.local)?|localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?(\/|$)/

export const modelProviderSpec = withRules(
  z.object({
    dialect: z.enum(['OpenAI', 'Anthropic', 'Gemini', 'Ollama', 'Prompt']).meta({
      description:
        'The wire format that this provider speaks: OpenAI (and every server compatible with it), Anthropic, Gemini, ' +
        'Ollama, or Prompt for servers that take {"prompt"} and answer {"output"}.',
    }),
    url: providerUrl,
    credential: z
      .object({ secretRef })
      .optional()
      .meta({ description: 'The API key. Absent: the provider needs none.' }),
    models: models.default([]).meta({
      description: 'Models of this provider. GET /v1/models lists them where a rule can reach them.',
      'x-kubernetes-list-type': 'atomic',
    }),
    health: health.optional().meta({
      description: 'When calls go to other backends first. A rule with one backend alone always uses it.',
    }),
  }),
  [
    {
      holds: ({ credential, url }) => credential === undefined || !url.startsWith('http://') || innerHosts.test(url),
      cel: `!has(self.credential) || !self.url.startsWith('http://') || ${celMatches('self.url', innerHosts)}`,
      message:
        'spec.url would carry the key without TLS: use https://, or a Service by its name that ends in .svc, ' +
        'or remove spec.credential',
    },
  ],
).meta({ description: 'Where the API of a provider is, and which Secret has its key.' })

export type ModelProviderSpec = z.infer<typeof modelProviderSpec>
