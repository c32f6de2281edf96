// From a plan to the JSON patch of a pod: only our own paths, so that fields nobody here knows survive. Pure.
//
//   inject:  variables -> sidecar at its place -> volumes -> label and annotations
//   keep:    sidecar back to its place (another webhook may have put one before it), authorities current;
//            empty when both are right, so a second call changes nothing
import type { ContainerVariables } from './environment.ts'
import { initContainers } from './facts.ts'
import { listAt, textAt } from './json.ts'
import { appendItems, type PatchOperation, pointer, setEntries } from './json-patch.ts'
import {
  CACHE_VOLUME,
  INJECTED,
  MESH_SIDECARS,
  OPERATOR_CA,
  PROXY_LABEL,
  PROXY_LABEL_VALUE,
  SAFE_VOLUMES,
  SIDECAR,
} from './names.ts'
import { buildContainer, buildVolumes, type SidecarPlan } from './sidecar.ts'

export interface PodPlan {
  readonly sidecar: SidecarPlan
  readonly variables: readonly ContainerVariables[]
  readonly marks: Marks
}

/** What a pod carries so that its sidecar knows whom to trust and the operator who injected it. */
export interface Marks {
  readonly caPem: string
  /** JSON for people and for the operator's checks: the operator's version and the authorities' ids. */
  readonly injected: string
}

export function injectionPatch(pod: unknown, plan: PodPlan): readonly PatchOperation[] {
  return [
    ...plan.variables.flatMap((wish) => variableOperations(pod, wish)),
    ...insertSidecar(pod, buildContainer(plan.sidecar)),
    ...appendItems(pod, ['spec', 'volumes'], buildVolumes(plan.sidecar)),
    ...setEntries(pod, ['metadata', 'labels'], { [PROXY_LABEL]: PROXY_LABEL_VALUE }),
    ...annotationOperations(pod, { ...marksOf(plan.marks), ...safeVolumes(pod, plan.sidecar) }),
  ]
}

export function keepPatch(pod: unknown, marks: Marks): readonly PatchOperation[] {
  const isCurrent = textAt(pod, 'metadata', 'annotations', OPERATOR_CA) === marks.caPem
  return [
    ...moveSidecar(pod),
    ...setEntries(pod, ['metadata', 'labels'], { [PROXY_LABEL]: PROXY_LABEL_VALUE }),
    ...(isCurrent ? [] : annotationOperations(pod, marksOf(marks))),
  ]
}

function annotationOperations(pod: unknown, entries: Readonly<Record<string, string>>): readonly PatchOperation[] {
  return setEntries(pod, ['metadata', 'annotations'], entries)
}

function marksOf({ caPem, injected }: Marks): Readonly<Record<string, string>> {
  return { [OPERATOR_CA]: caPem, [INJECTED]: injected }
}

/** What the pod's author has listed there stays. */
function safeVolumes(pod: unknown, { cache }: SidecarPlan): Readonly<Record<string, string>> {
  if (cache.diskBytes === 0) return {}
  const listed = textAt(pod, 'metadata', 'annotations', SAFE_VOLUMES)
  const names = listed.split(',').map((name) => name.trim())
  const all = [...new Set([...names, CACHE_VOLUME])].filter((name) => name !== '')
  return { [SAFE_VOLUMES]: all.join(',') }
}

function variableOperations(pod: unknown, wish: ContainerVariables): readonly PatchOperation[] {
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    listAt(pod, 'spec', list).flatMap((container, index) =>
      textAt(container, 'name') === wish.container
        ? appendItems(pod, ['spec', list, index, 'env'], wish.variables)
        : [],
    ),
  )
}

function insertSidecar(pod: unknown, sidecar: unknown): readonly PatchOperation[] {
  if (listAt(pod, 'spec', 'initContainers').length === 0) {
    return [{ op: 'add', path: pointer('spec', 'initContainers'), value: [sidecar] }]
  }
  return [{ op: 'add', path: pointer('spec', 'initContainers', placeOfSidecar(pod)), value: sidecar }]
}

function moveSidecar(pod: unknown): readonly PatchOperation[] {
  const containers = listAt(pod, 'spec', 'initContainers')
  const from = containers.findIndex((container) => textAt(container, 'name') === SIDECAR)
  const to = placeOfSidecar(pod)
  if (from === -1 || from === to) return []
  return [
    { op: 'remove', path: pointer('spec', 'initContainers', from) },
    { op: 'add', path: pointer('spec', 'initContainers', to), value: containers[from] },
  ]
}

/** Its index when it is not there yet, or once it has been taken out: first, or right after a mesh's native sidecar. */
export function placeOfSidecar(pod: unknown): number {
  const others = initContainers(pod).filter((container) => container['name'] !== SIDECAR)
  return (
    others.findLastIndex(
      (container) => MESH_SIDECARS.includes(textAt(container, 'name')) && container['restartPolicy'] === 'Always',
    ) + 1
  )
}
