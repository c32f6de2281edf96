// One namespace of a cluster with the applications and providers of test/cluster/programs, as the stories use it:
// kubectl, apply, questions to the application in a pod, and what a provider has seen.
import type { ClusterAccess } from '../support/kubernetes/cluster-access.ts'

export interface Load {
  readonly calls: number
  readonly failures: readonly string[]
  readonly changes: readonly { readonly atMs: number; readonly text: string }[]
  /** Between one answer and the next, in ms. */
  readonly longestPauseMs: number
}

/** What the application's SDK got: an answer's text, or a refusal's status, code and sentence. */
export interface Heard {
  readonly text?: string
  readonly key?: string
  readonly url?: string
  readonly status?: number
  readonly code?: string
  readonly error?: string
}

export interface Shop {
  readonly namespace: string
  kubectl(...parameters: string[]): Promise<string>
  apply(...objects: object[]): Promise<string>
  /** Names of the pods with that label, oldest first. */
  pods(selector: string): Promise<string[]>
  ask(pod: string, query?: string): Promise<Heard>
  post(pod: string, path: string): Promise<void>
  load(pod: string): Promise<Load>
  /** Authorization values that reached a provider, with how often. */
  seenBy(provider: string): Promise<Readonly<Record<string, number>>>
  /** The newest prompts that reached a provider, newest first. */
  promptsOf(provider: string): Promise<readonly string[]>
  /** The only key that the provider takes from now on. */
  accept(provider: string, key: string): Promise<void>
}

export function openShop(cluster: ClusterAccess, namespace: string): Shop {
  const base = `/api/v1/namespaces/${namespace}`
  const kubectl = (...parameters: string[]) =>
    cluster.mustKubectl(['-n', namespace, ...parameters], { timeoutMs: 180_000 })
  const callPod = async (pod: string, path: string, method = 'GET') => {
    const { status, body } = await cluster.request({ path: `${base}/pods/${pod}:3000/proxy${path}`, method })
    // 502 is how the application tells of a refusal; the API server's own errors are of kind Status.
    const isRefusal = status === 502 && (body as { kind?: string }).kind !== 'Status'
    if (status !== 200 && !isRefusal) throw new Error(`${pod}${path}: ${status} ${JSON.stringify(body)}`)
    return body
  }
  const seen = async (provider: string) => {
    const { body } = await cluster.request({ path: `${base}/services/${provider}:8080/proxy/seen` })
    return body as { authorizations: Record<string, number>; prompts: string[] }
  }
  return {
    namespace,
    kubectl,
    apply: (...objects) =>
      cluster.mustKubectl(['-n', namespace, 'apply', '-f', '-'], {
        stdin: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
      }),
    pods: async (selector) => {
      const sorted = ['--sort-by=.metadata.creationTimestamp', '-o', 'jsonpath={.items[*].metadata.name}']
      const names = await kubectl('get', 'pods', '-l', selector, '--field-selector=status.phase=Running', ...sorted)
      return names.split(' ').filter((name) => name !== '')
    },
    ask: async (pod, query = '') => (await callPod(pod, `/ask${query}`)) as Heard,
    post: async (pod, path) => void (await callPod(pod, path, 'POST')),
    load: async (pod) => (await callPod(pod, '/load')) as Load,
    seenBy: async (provider) => (await seen(provider)).authorizations,
    promptsOf: async (provider) => (await seen(provider)).prompts,
    accept: async (provider, key) => {
      const path = `${base}/services/${provider}:8080/proxy/accept`
      const { status } = await cluster.request({ path, body: key })
      if (status !== 200) throw new Error(`${provider} answered ${status}`)
    },
  }
}
