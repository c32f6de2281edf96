// ModelProvider: where a provider's API is, which dialect it speaks, and which Secret has its key.
// The zod schema is the single source of the CRD's yaml, the docs and the operator's types.
import * as z from 'zod'
import { cel, kubernetesName, secretKeyName } from './shapes.ts'

export const providerUrl = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^https?:\/\/[^\s?#@]+$/)
  .meta({
    description:
      'Base URL with its version prefix and without query or credentials, for example https://api.openai.com/v1.',
  })

export const modelProviderSpec = z
  .object({
    dialect: z.enum(['OpenAI']).meta({ description: 'The wire format that this provider speaks.' }),
    url: providerUrl,
    credential: z
      .object({
        secretRef: z
          .object({
            name: kubernetesName.meta({ description: 'Name of a Secret in the same namespace.' }),
            key: secretKeyName.meta({ description: 'Key in the Secret whose value is the API key.' }),
          })
          .meta({ description: 'The Secret that has the API key. A changed Secret takes effect without a restart.' }),
      })
      .optional()
      .meta({ description: 'The API key. Absent: the provider needs none.' }),
    models: z
      .array(
        z.object({
          name: z.string().min(1).max(256).meta({ description: 'The model as the provider calls it.' }),
        }),
      )
      .max(64)
      .default([])
      .meta({
        description: 'Models of this provider. GET /v1/models lists them where a rule can reach them.',
        'x-kubernetes-list-type': 'atomic',
        ...cel([
          {
            rule: 'self.all(m, self.exists_one(o, o.name == m.name))',
            message: 'spec.models names a model twice: give each model once',
          },
        ]),
      }),
  })
  .meta({
    ...cel([
      {
        rule: "!has(self.credential) || self.url.startsWith('https://') || self.url.matches('^http://[^/]*[.]svc([.:/]|$)') || self.url.matches('^http://(localhost|127[.]0[.]0[.]1)([:/]|$)')",
        message:
          'spec.url sends a key without TLS: use https://, or a Service name that ends in .svc, or remove spec.credential',
      },
    ]),
  })

export type ModelProviderSpec = z.infer<typeof modelProviderSpec>
