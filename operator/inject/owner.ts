// Which workload a pod belongs to, as its owner says: answers are shared within it by `shareWith: Workload`. A
// Deployment owns its pods through ReplicaSets, one for each version, named after the Deployment and a hash. Pure.
import { isRecord, listAt, textAt } from './json.ts'

/** `Deployment/web`; null: nobody owns it, so that it shares with nobody. */
export function workloadOf(pod: unknown): string | null {
  const owner = listAt(pod, 'metadata', 'ownerReferences').find(
    (reference) => isRecord(reference) && reference['controller'] === true,
  )
  const kind = textAt(owner, 'kind')
  const name = textAt(owner, 'name')
  if (kind === '' || name === '') return null
  const hash = textAt(pod, 'metadata', 'labels', 'pod-template-hash')
  const isVersion = kind === 'ReplicaSet' && hash !== '' && name.endsWith(`-${hash}`)
  return isVersion ? `Deployment/${name.slice(0, -hash.length - 1)}` : `${kind}/${name}`
}
