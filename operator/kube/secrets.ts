// Secrets by name, one GET each: metadata alone to see whether one changed, the body only when it has. The operator
// may not list or watch Secrets, so this is all there is to it.
import * as z from 'zod'
import type { ApiResponse, KubeApi } from './api.ts'
import type { SecretRead, SecretSource } from './source.ts'

const METADATA_TYPE = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
const REQUEST_TIMEOUT_MS = 5_000

const secretMetadata = z.object({ metadata: z.object({ resourceVersion: z.string() }) })
/** A Secret with what its readers here look at. */
export const secretBody = secretMetadata.extend({ data: z.record(z.string(), z.string()).nullish() })

/** Rejects when the API server cannot be reached or answers with an error that says nothing about the Secret. */
export function createSecretSource(api: KubeApi): SecretSource {
  const get = (namespace: string, name: string, accept: string) =>
    api.request({
      method: 'GET',
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`,
      accept,
      timeoutMs: REQUEST_TIMEOUT_MS,
    })
  return {
    version: async (namespace, name) => {
      const response = await get(namespace, name, METADATA_TYPE)
      const { metadata } = response.status === 200 ? secretMetadata.parse(response.body) : { metadata: null }
      return metadata ? { kind: 'found', resourceVersion: metadata.resourceVersion } : judgeRefusal(response)
    },
    read: async (namespace, name) => {
      const response = await get(namespace, name, 'application/json')
      if (response.status !== 200) return judgeRefusal(response)
      // Parsed without echoing: an error here must not carry a part of the Secret.
      const parsed = secretBody.safeParse(response.body)
      if (!parsed.success) throw new Error('the API server answered with something that is no Secret')
      const { metadata, data } = parsed.data
      return { kind: 'found', resourceVersion: metadata.resourceVersion, data: data ?? {} }
    },
  }
}

function judgeRefusal({ status, body }: ApiResponse): Exclude<SecretRead, { kind: 'found' }> {
  if (status === 404) return { kind: 'missing' }
  if (status === 403) return { kind: 'forbidden', reason: messageOf(body) ?? 'forbidden' }
  throw new Error(`the API server answered ${status} to a GET of a Secret`)
}

/** What a Status of the API server says; null for any other body. */
export function messageOf(body: unknown): string | null {
  const parsed = z.object({ message: z.string() }).safeParse(body)
  return parsed.success ? parsed.data.message.slice(0, 300) : null
}
