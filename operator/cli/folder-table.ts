// The routing table that a folder of yaml gives a pod: what the operator would push, without a cluster and without
// following the folder.
//
//   folder -> objects -> gather -> groups -> translate (all keys taken for present) -> the pod's table + findings
//
// Secrets are not read: whether a key is there is not a question of routing.
import { readFolder, VANISH_MS } from '../kube/folder-reader.ts'
import { collectObjects, type FolderObjects } from '../kube/folder-objects.ts'
import type { ProxyPod } from '../kube/source.ts'
import { check } from '../checks.ts'
import { gather, LastGoodSpecs } from '../gather.ts'
import { groupPods } from '../groups.ts'
import type { KeyState } from '../push/publication.ts'
import { translate } from '../translate.ts'
import type { RoutingTable } from '../../proxy/table/schema.ts'

export interface FolderWish {
  readonly folder: string
  readonly namespace: string
  /** The pod's labels; null: those that the namespace's first ModelRoute selects. */
  readonly labels: Readonly<Record<string, string>> | null
}

export interface FolderTable {
  readonly table: RoutingTable
  readonly labels: Readonly<Record<string, string>>
  /** What is wrong with the files and the resources, a sentence each. */
  readonly remarks: readonly string[]
}

/** Throws one sentence when the folder cannot be listed or has no ModelRoute in the namespace. */
export async function readFolderTable({ folder, namespace, labels }: FolderWish): Promise<FolderTable> {
  const files = await readFolder({ folder, previous: new Map(), nowMs: VANISH_MS })
  const contents = [...files].map(([path, { documents }]) => ({ path, documents }))
  const objects = collectObjects(contents, new Map())
  const wanted = labels ?? selectedLabels(objects, namespace)
  if (wanted === null) throw new Error(`There is no ModelRoute of namespace "${namespace}" in ${folder}.`)
  const { table, remarks } = tableOf(objects, { namespace, labels: wanted })
  const faults = [...files.values()].flatMap(({ fault }) => fault ?? []).concat(objects.faults)
  return { table, labels: wanted, remarks: [...faults.map(({ file, message }) => `${file}: ${message}`), ...remarks] }
}

function selectedLabels(objects: FolderObjects, namespace: string): Readonly<Record<string, string>> | null {
  const first = objects.routes.find(({ metadata }) => metadata.namespace === namespace)
  return first ? (first.spec?.podSelector.matchLabels ?? {}) : null
}

function tableOf(
  { routes, providers }: FolderObjects,
  { namespace, labels }: Pick<ProxyPod, 'namespace' | 'labels'>,
): Pick<FolderTable, 'table' | 'remarks'> {
  const ofNamespace = <Kind extends { readonly metadata: { readonly namespace: string } }>(all: readonly Kind[]) =>
    all.filter(({ metadata }) => metadata.namespace === namespace)
  const resources = {
    routes: ofNamespace(routes),
    providers: ofNamespace(providers),
    pods: [explainedPod(namespace, labels)],
  }
  const read = (keyStates: ReadonlyMap<string, KeyState>) =>
    gather(namespace, { source: { read: () => resources }, keyStates: () => keyStates, lastGood: new LastGoodSpecs() })
  const unanswered = read(new Map())
  const named = translate(unanswered, groupPods(unanswered)).keys
  const inputs = read(new Map(named.map(({ id }) => [id, { kind: 'present' }])))
  const groups = groupPods(inputs)
  const translation = translate(inputs, groups)
  const [group] = translation.groups
  if (!group) throw new Error('The pod is in no group: this is a fault of modelroute.')
  const findings = [...check(inputs, groups), ...translation.findings]
  return {
    table: group.table,
    remarks: findings.map(({ subject, message }) => `${subject.kind} ${subject.name}: ${message}`),
  }
}

function explainedPod(namespace: string, labels: ProxyPod['labels']): ProxyPod {
  return {
    namespace,
    name: 'explained',
    uid: 'explained',
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: '1970-01-01T00:00:00Z',
    labels,
    annotations: {},
  }
}
