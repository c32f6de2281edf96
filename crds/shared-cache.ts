// Where the pods of a ModelRoute share what their caches keep. Part of ModelRoute; operator/rules/shared-cache.ts
// says the same in the table's words, and proxy/cache/levels keeps the connection.
import * as z from 'zod'
import { form, kubernetesName, secretKeyName, withRules } from './shapes.ts'

/** Of a Redis or Valkey server; nobody writes a password into it by mistake. */
export const sharedCacheUrl =
  /^rediss?:\/\/([^\s/@:]+@)?([^\s/@:?#[\]]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?(\/[0-9]{1,4})?$/

const url = withRules(z.string().min(1).max(1024), [
  form(
    sharedCacheUrl,
    'not the URL of a Redis or Valkey server without a password, for example rediss://user@redis.cache.svc:6379/0',
  ),
])

export const sharedCache = z.object({
  url: url.meta({
    description:
      'A Redis or Valkey server, rediss:// for TLS; with a user, without a password: rediss://user@host:6379/0.',
  }),
  passwordSecretRef: z
    .object({
      name: kubernetesName.meta({ description: 'Name of a Secret in the same namespace.' }),
      key: secretKeyName.meta({ description: 'The key of the Secret that holds the password.' }),
    })
    .optional()
    .meta({ description: 'The password. Absent: none is sent.' }),
  ca: z.string().min(1).max(32_768).optional().meta({
    description: "Certificates in PEM that the server's is checked against. Absent: the usual public authorities.",
  }),
})

export type SharedCacheSpec = z.infer<typeof sharedCache>
