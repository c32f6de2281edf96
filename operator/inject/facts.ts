// What a pod says about itself, read once from raw JSON so that decide.ts needs no JSON. An object *carries*
// annotations, a container *declares* ports, a request *names* its namespace. Reads only; judges nothing.
import { isRecord, type JsonObject, listAt, textAt, textsAt, valueAt } from './json.ts'
import { INJECT, INJECTED, SIDECAR, VOLUMES } from './names.ts'

/** The pod asked itself (or its workload did), or only its namespace carries the label. */
export type Asker = 'pod' | 'namespace'

export interface PodFacts {
  readonly asker: Asker
  /** The pod's own word; null when it has none, `invalid` when it is neither "true" nor "false". */
  readonly ownAnswer: 'true' | 'false' | 'invalid' | null
  readonly namespace: string
  readonly isMirror: boolean
  readonly isWindows: boolean
  readonly isOnHostNetwork: boolean
  readonly isInHostProcesses: boolean
  readonly sharesProcesses: boolean
  /** Our container is there and was put there by us. */
  readonly isInjected: boolean
  /** Names of containers and volumes that are ours by right but not by us. */
  readonly takenContainers: readonly string[]
  readonly takenVolumes: readonly string[]
  readonly declaredPorts: readonly DeclaredPort[]
}

export interface DeclaredPort {
  readonly container: string
  readonly port: number
}

export function gatherFacts(pod: unknown, context: { readonly asker: Asker; readonly namespace: string }): PodFacts {
  const annotations = textsAt(pod, 'metadata', 'annotations')
  const containers = allContainers(pod)
  const isInjected = Object.hasOwn(annotations, INJECTED) && initContainers(pod).some(isSidecar)
  const others = isInjected ? containers.filter((container) => !isSidecar(container)) : containers
  const volumes = listAt(pod, 'spec', 'volumes').map((volume) => textAt(volume, 'name'))
  return {
    ...context,
    ownAnswer: ownAnswer(annotations),
    isMirror: Object.hasOwn(annotations, 'kubernetes.io/config.mirror'),
    isWindows:
      textAt(pod, 'spec', 'os', 'name') === 'windows' ||
      textAt(pod, 'spec', 'nodeSelector', 'kubernetes.io/os') === 'windows',
    isOnHostNetwork: valueAt(pod, 'spec', 'hostNetwork') === true,
    isInHostProcesses: valueAt(pod, 'spec', 'hostPID') === true,
    sharesProcesses: valueAt(pod, 'spec', 'shareProcessNamespace') === true,
    isInjected,
    takenContainers: others.map((container) => textAt(container, 'name')).filter((name) => name === SIDECAR),
    takenVolumes: isInjected ? [] : volumes.filter((name) => VOLUMES.includes(name)),
    declaredPorts: others.flatMap(declaredPorts),
  }
}

export function initContainers(pod: unknown): readonly JsonObject[] {
  return listAt(pod, 'spec', 'initContainers').filter(isRecord)
}

export function allContainers(pod: unknown): readonly JsonObject[] {
  return [...initContainers(pod), ...listAt(pod, 'spec', 'containers').filter(isRecord)]
}

function isSidecar(container: JsonObject): boolean {
  return container['name'] === SIDECAR && container['restartPolicy'] === 'Always'
}

function ownAnswer(annotations: Readonly<Record<string, string>>): PodFacts['ownAnswer'] {
  if (!Object.hasOwn(annotations, INJECT)) return null
  const text = annotations[INJECT]?.trim()
  return text === 'true' || text === 'false' ? text : 'invalid'
}

/** TCP only: another protocol on the same number is another port. */
function declaredPorts(container: JsonObject): readonly DeclaredPort[] {
  return listAt(container, 'ports').flatMap((declared) => {
    const port = valueAt(declared, 'containerPort')
    const protocol = valueAt(declared, 'protocol') ?? 'TCP'
    return typeof port === 'number' && protocol === 'TCP' ? [{ container: textAt(container, 'name'), port }] : []
  })
}
