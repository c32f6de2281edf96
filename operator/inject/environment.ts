// Base-URL variables: how an unmodified application finds the sidecar. Decides per container what to add and what to
// warn about; never touches a variable the user set. Pure.
//
//   the container ...                            | variables
//   ---------------------------------------------|---------------------------------------------------------------
//   points at the sidecar already                | none
//   has another base URL of its own              | none, warning (its calls go where the user said, with that key)
//   speaks to Azure through the same SDK         | none, warning (ours would take the Azure calls over, or throw)
//   the same, but named by the user              | all, warning
//   has a key of its own                         | URLs only; the proxy swaps the key
//   takes variables from envFrom (unseen here)   | all, warning (explicit variables win over envFrom)
//   sends http through a proxy, loopback too     | all, warning
//   anything else                                | all
import type { Finding, Subject } from '../finding.ts'
import { allContainers } from './facts.ts'
import { isRecord, type JsonObject, listAt, textAt } from './json.ts'
import { MESH_SIDECARS, SIDECAR } from './names.ts'
import { nearestWord } from './nearest.ts'
import type { Settings } from './settings.ts'

export const PLACEHOLDER_KEY = 'modelroute-placeholder'
/** Containers that others inject and that call no model. */
export const FOREIGN_SIDECARS: readonly string[] = [
  ...MESH_SIDECARS,
  'istio-init',
  'istio-validation',
  'linkerd-init',
  'daprd',
]

export interface Variable {
  readonly name: string
  readonly value: string
}

export interface ContainerVariables {
  readonly container: string
  readonly variables: readonly Variable[]
}

export interface EnvironmentPlan {
  readonly containers: readonly ContainerVariables[]
  readonly findings: readonly Finding[]
}

const urlNames = ['OPENAI_BASE_URL', 'OPENAI_API_BASE'] as const
const keyName = 'OPENAI_API_KEY'
const azureNames = ['AZURE_OPENAI_ENDPOINT', 'AZURE_OPENAI_API_KEY', 'AZURE_OPENAI_AD_TOKEN']
const httpProxyNames = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']
const noProxyNames = ['NO_PROXY', 'no_proxy']

export interface EnvironmentWish {
  readonly pod: unknown
  readonly settings: Settings
  readonly port: number
  readonly subject: Subject
}

export function planEnvironment({ pod, settings, port, subject }: EnvironmentWish): EnvironmentPlan {
  const url = `http://127.0.0.1:${port}/openai/v1`
  const isNamed = settings.containers !== undefined
  const chosen = chooseContainers(pod, settings.containers)
  const plans = chosen.map((container) => planContainer(container, { url, isNamed, subject }))
  const unknown = (settings.containers ?? [])
    .filter((name) => chosen.every((container) => container['name'] !== name))
    .map((name) => unknownContainer(name, pod, subject))
  return {
    containers: plans.map((plan) => plan.variables).filter(({ variables }) => variables.length > 0),
    findings: [...unknown, ...plans.flatMap((plan) => plan.findings)],
  }
}

/** Named ones, or else all of the application's: its init containers too, but no sidecar that starts with the pod. */
function chooseContainers(pod: unknown, names: readonly string[] | undefined): readonly JsonObject[] {
  return allContainers(pod).filter((container) => {
    const name = textAt(container, 'name')
    if (name === '' || name === SIDECAR) return false
    if (names !== undefined) return names.includes(name)
    return container['restartPolicy'] !== 'Always' && !FOREIGN_SIDECARS.includes(name)
  })
}

interface Context {
  readonly url: string
  /** The user listed the containers. */
  readonly isNamed: boolean
  readonly subject: Subject
}

interface ContainerPlan {
  readonly variables: ContainerVariables
  readonly findings: readonly Finding[]
}

function planContainer(container: JsonObject, context: Context): ContainerPlan {
  const name = textAt(container, 'name')
  const own = new Map(listAt(container, 'env').map((variable) => [textAt(variable, 'name'), textAt(variable, 'value')]))
  const obstacle = findObstacle(name, own, context)
  if (obstacle === 'PointsHere') return { variables: { container: name, variables: [] }, findings: [] }
  const toFinding = ({ reason, message }: Remark): Finding => {
    return { subject: context.subject, path: `spec.containers[name=${name}].env`, reason, message, severity: 'warning' }
  }
  if (obstacle?.isInTheWay) return { variables: { container: name, variables: [] }, findings: [toFinding(obstacle)] }
  const variables = [
    ...urlNames.map((variable) => ({ name: variable, value: context.url })),
    ...(own.has(keyName) ? [] : [{ name: keyName, value: PLACEHOLDER_KEY }]),
  ]
  const remarks: (Remark | false | null)[] = [
    obstacle,
    canComeFromOutside(container, variables) && {
      reason: 'EnvFromUnseen',
      message: `Container ${name} has envFrom; an OPENAI_* variable from there no longer counts.`,
    },
    sendsLoopbackToProxy(own) && {
      reason: 'HttpProxy',
      message: `Container ${name} sets an HTTP proxy; add 127.0.0.1 to its NO_PROXY.`,
    },
  ]
  const findings = remarks.filter((remark) => remark !== false && remark !== null).map(toFinding)
  return { variables: { container: name, variables }, findings }
}

interface Remark {
  readonly reason: string
  readonly message: string
}

type OwnVariables = ReadonlyMap<string, string>

function findObstacle(
  name: string,
  own: OwnVariables,
  { url, isNamed }: Context,
): (Remark & { readonly isInTheWay: boolean }) | 'PointsHere' | null {
  const ownUrl = urlNames.find((variable) => own.has(variable))
  if (ownUrl !== undefined && own.get(ownUrl)?.startsWith(url)) return 'PointsHere'
  if (ownUrl !== undefined) {
    const message = `Container ${name} sets ${ownUrl} itself, so its calls do not go through modelroute.`
    return { reason: 'VariableTaken', message, isInTheWay: true }
  }
  const azure = azureNames.find((variable) => own.has(variable))
  if (azure === undefined && own.get('OPENAI_API_TYPE')?.startsWith('azure') !== true) return null
  const outcome = isNamed ? 'OPENAI_BASE_URL may take those calls over' : 'it gets no variables'
  const message = `Container ${name} uses Azure OpenAI (${azure ?? 'OPENAI_API_TYPE'}); ${outcome}.`
  return { reason: 'AzureClient', message, isInTheWay: !isNamed }
}

/** envFrom is a ConfigMap's or Secret's affair; only its prefix can rule out that one of ours comes from there. */
function canComeFromOutside(container: JsonObject, variables: readonly Variable[]): boolean {
  return listAt(container, 'envFrom')
    .filter(isRecord)
    .some((source) => variables.some((variable) => variable.name.startsWith(textAt(source, 'prefix'))))
}

function sendsLoopbackToProxy(own: OwnVariables): boolean {
  if (!httpProxyNames.some((name) => own.has(name))) return false
  const exempt = noProxyNames.flatMap((name) => (own.get(name) ?? '').split(',')).map((host) => host.trim())
  return !exempt.some((host) => host === '127.0.0.1' || host === '127.0.0.0/8' || host === '*')
}

function unknownContainer(name: string, pod: unknown, subject: Subject): Finding {
  const known = allContainers(pod).map((container) => textAt(container, 'name'))
  const nearest = nearestWord(name, known)
  const hint = nearest === null ? '.' : `; did you mean ${nearest}?`
  const message = `modelroute.dev/containers names ${name}, which this pod does not have${hint}`
  return { subject, path: 'modelroute.dev/containers', reason: 'ContainerNotFound', message, severity: 'error' }
}
