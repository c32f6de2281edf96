// A state that all replicas share and one Secret holds: read it, advance it, write it back if that changed it.
//
//   GET Secret -> read -> advance -> same? done : PATCH with the resourceVersion that was read -> 409? again
//
// Of two replicas that race one wins, and the other adopts the winner's. Creates no object: the chart makes the Secret
// without data. What the data means is the caller's.
import type { ApiResponse, KubeApi } from './kube/api.ts'
import { messageOf, secretBody } from './kube/secrets.ts'

/** How often one look starts again after another replica was faster. */
export const MAX_CONFLICTS = 3

/** The Secret's `data` as the API has it: base64 text; null removes a key in a merge patch. */
export type SecretData = Readonly<Record<string, string | null>>

export interface SecretPlace {
  readonly api: KubeApi
  readonly namespace: string
  readonly secretName: string
}

export interface StateInSecret<State> {
  /** Null: the Secret holds none that can be used. */
  readonly read: (data: SecretData) => Promise<State | null>
  /** What is right now; the same value when nothing is to be done. */
  readonly advance: (stored: State | null) => Promise<State>
  readonly toData: (state: State) => SecretData
}

/** What the Secret holds after this call. Rejects when the API server refuses, or is too busy with other writers. */
export async function syncSecretState<State>(
  { api, namespace, secretName }: SecretPlace,
  { read, advance, toData }: StateInSecret<State>,
): Promise<State> {
  const path = `/api/v1/namespaces/${namespace}/secrets/${secretName}`
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const answer = expectOk(await api.request({ method: 'GET', path }), `reading the Secret ${secretName}`)
    const { metadata, data } = readSecret(answer)
    const stored = await read(data ?? {})
    const wanted = await advance(stored)
    if (wanted === stored) return wanted
    const body = { metadata, data: toData(wanted) }
    const written = await api.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body })
    if (written.status === 409) continue
    expectOk(written, `writing the Secret ${secretName}`)
    return wanted
  }
  throw new Error(`The Secret ${secretName} changed ${MAX_CONFLICTS} times while it was being written.`)
}

/** Parsed without echoing: an error here must not carry a part of the Secret. */
function readSecret(answer: unknown) {
  const parsed = secretBody.safeParse(answer)
  if (!parsed.success) throw new Error('the API server answered with something that is no Secret')
  return parsed.data
}

/** The body of a good answer; throws a sentence with the API server's own reason otherwise. */
export function expectOk(response: ApiResponse, what: string): unknown {
  if (response.status >= 200 && response.status < 300) return response.body
  const reason = messageOf(response.body)
  throw new Error(`The API server answered ${response.status} to ${what}${reason === null ? '' : `: ${reason}`}`)
}
