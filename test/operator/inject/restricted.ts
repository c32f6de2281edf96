// Pod Security "restricted" as far as the sidecar can break it, written from the standard's text and not from our code:
// https://kubernetes.io/docs/concepts/security/pod-security-standards/. The real admission is asked in test/api.
import { initContainers } from '../../../operator/inject/facts.ts'
import { listAt, textAt, valueAt } from '../../../operator/inject/json.ts'

const allowedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

export function restrictedViolations(pod: object): readonly string[] {
  const sidecars = initContainers(pod).filter((container) => container['name'] === 'modelroute-proxy')
  const ours = listAt(pod, 'spec', 'volumes').filter((volume) => textAt(volume, 'name').startsWith('modelroute-'))
  return [
    ...(sidecars.length === 1 ? [] : [`there are ${sidecars.length} sidecars`]),
    ...sidecars.flatMap(containerViolations),
    ...ours.flatMap((volume) =>
      Object.keys(volume as object)
        .filter((key) => key !== 'name' && !allowedVolumes.includes(key))
        .map((key) => `volume type ${key}`),
    ),
  ]
}

function containerViolations(container: object): readonly string[] {
  const security = valueAt(container, 'securityContext')
  const drops = listAt(security, 'capabilities', 'drop')
  const rules: readonly (readonly [boolean, string])[] = [
    [valueAt(security, 'privileged') === true, 'privileged'],
    [valueAt(security, 'allowPrivilegeEscalation') !== false, 'allowPrivilegeEscalation'],
    [valueAt(security, 'runAsNonRoot') !== true, 'runAsNonRoot'],
    [valueAt(security, 'runAsUser') === 0, 'runAsUser 0'],
    [!drops.includes('ALL'), 'capabilities not dropped'],
    [listAt(security, 'capabilities', 'add').some((name) => name !== 'NET_BIND_SERVICE'), 'capabilities added'],
    [!['RuntimeDefault', 'Localhost'].includes(textAt(security, 'seccompProfile', 'type')), 'seccompProfile'],
    [listAt(container, 'ports').some((port) => valueAt(port, 'hostPort') !== undefined), 'hostPort'],
    [valueAt(security, 'procMount') !== undefined, 'procMount'],
  ]
  return rules.filter(([isBroken]) => isBroken).map(([, sentence]) => sentence)
}
