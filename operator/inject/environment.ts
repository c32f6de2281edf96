// Base-URL variables: how an unmodified application finds the sidecar. Decides per container and dialect what to add
// and what to warn about; never touches a variable the user set. Pure.
//
//   the container ...                            | variables of the dialect
//   ---------------------------------------------|---------------------------------------------------------------
//   points at the sidecar already                | none
//   has another base URL of its own              | none, warning (its calls go where the user said, with that key)
//   speaks to Azure through the same SDK, ...    | none, warning (ours would take the Azure calls over, or throw)
//   the same, but named by the user              | all, warning
//   has a key of its own                         | URLs only; the proxy swaps the key
//   takes variables from envFrom (unseen here)   | all, warning (explicit variables win over envFrom)
//   sends http through a proxy, loopback too     | all, warning
//   anything else                                | all
//
// Which dialects, and which with a placeholder key: dialect-variables.ts, unless the pod or the chart names some.
import type { Finding, Subject } from '../finding.ts'
import { DIALECT_VARIABLES, type DialectVariables, type OtherUse, type SdkDialect } from './dialect-variables.ts'
import { allContainers } from './facts.ts'
import { isRecord, type JsonObject, listAt, textAt, valueAt } from './json.ts'
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

const httpProxyNames = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']
const noProxyNames = ['NO_PROXY', 'no_proxy']

export interface EnvironmentWish {
  readonly pod: unknown
  readonly settings: Settings
  readonly port: number
  /** Those of every sidecar, unless the pod names its own; null: none are named anywhere. */
  readonly dialects: readonly SdkDialect[] | null
  readonly subject: Subject
}

export function planEnvironment({ pod, settings, port, dialects, subject }: EnvironmentWish): EnvironmentPlan {
  const origin = `http://127.0.0.1:${port}`
  const isNamed = settings.containers !== undefined
  const wanted = wantedVariables(settings.dialects ?? dialects)
  const chosen = chooseContainers(pod, settings.containers)
  const plans = chosen.map((container) => planContainer(container, { origin, wanted, isNamed, subject }))
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

function wantedVariables(named: readonly SdkDialect[] | null): readonly DialectVariables[] {
  if (named === null) return DIALECT_VARIABLES.filter(({ byDefault }) => byDefault !== 'nothing')
  return DIALECT_VARIABLES.filter(({ dialect }) => named.includes(dialect)).map((variables): DialectVariables => ({
    ...variables,
    byDefault: 'urls and key',
  }))
}

interface Context {
  /** The sidecar's address. */
  readonly origin: string
  readonly wanted: readonly DialectVariables[]
  /** The user listed the containers. */
  readonly isNamed: boolean
  readonly subject: Subject
}

interface ContainerPlan {
  readonly variables: ContainerVariables
  readonly findings: readonly Finding[]
}

interface Remark {
  readonly reason: string
  readonly message: string
}

/** The container's own variables by name; a value that comes from elsewhere is an empty text. */
type OwnVariables = ReadonlyMap<string, string>

function planContainer(container: JsonObject, context: Context): ContainerPlan {
  const name = textAt(container, 'name')
  const own = new Map(listAt(container, 'env').map((variable) => [textAt(variable, 'name'), textAt(variable, 'value')]))
  const plans = context.wanted.map((wanted) => planDialect({ name, container, own }, wanted, context))
  const variables = plans.flatMap((plan) => plan.variables)
  const remarks: (Remark | false)[] = [
    ...plans.flatMap((plan) => plan.remarks),
    canComeFromOutside(container, variables) && {
      reason: 'EnvFromUnseen',
      message: `Container ${name} has envFrom; ${families(variables)} variables from there no longer count.`,
    },
    variables.length > 0 &&
      sendsLoopbackToProxy(own) && {
        reason: 'HttpProxy',
        message: `Container ${name} sets an HTTP proxy; add 127.0.0.1 to its NO_PROXY.`,
      },
  ]
  const path = `spec.containers[name=${name}].env`
  const findings = remarks
    .filter((remark) => remark !== false)
    .map((remark): Finding => ({ subject: context.subject, path, ...remark, severity: 'warning' }))
  return { variables: { container: name, variables }, findings }
}

interface Candidate {
  readonly name: string
  readonly container: JsonObject
  readonly own: OwnVariables
}

interface DialectPlan {
  readonly variables: readonly Variable[]
  readonly remarks: readonly Remark[]
}

function planDialect(candidate: Candidate, wanted: DialectVariables, { origin, isNamed }: Context): DialectPlan {
  const { name, own } = candidate
  const url = origin + wanted.path
  const ownUrl = wanted.ownUrls.find((variable) => own.has(variable))
  if (ownUrl !== undefined && `${own.get(ownUrl)}/`.startsWith(`${origin}/`)) return { variables: [], remarks: [] }
  if (ownUrl !== undefined) {
    const message = `Container ${name} sets ${ownUrl} itself, so its calls do not go through modelroute.`
    return { variables: [], remarks: [{ reason: 'VariableTaken', message }] }
  }
  const urls = wanted.urls.map((variable) => ({ name: variable, value: url }))
  const hasKey = wanted.byDefault !== 'urls and key' || wanted.ownKeys.some((variable) => own.has(variable))
  const keys = wanted.key === null || hasKey ? [] : [{ name: wanted.key, value: PLACEHOLDER_KEY }]
  const other = findOtherUse(candidate, wanted.other)
  if (other === null) return { variables: [...urls, ...keys], remarks: [] }
  const outcome = isNamed ? `${wanted.urls[0]} may take those calls over` : `it gets no variables for ${wanted.dialect}`
  const remark = { reason: 'OtherClient', message: `Container ${name} ${other}; ${outcome}.` }
  return { variables: isNamed ? [...urls, ...keys] : [], remarks: [remark] }
}

/** What else the container is, with what says so. */
function findOtherUse({ container, own }: Candidate, other: OtherUse | null): string | null {
  if (other === null) return null
  const variable = Object.entries(other.isSaidBy).find(
    ([name, values]) => own.has(name) && values.test(own.get(name) ?? ''),
  )
  if (variable !== undefined) return `${other.what} (${variable[0]})`
  const ports = listAt(container, 'ports').map((declared) => valueAt(declared, 'containerPort'))
  return other.port !== undefined && ports.includes(other.port) ? `${other.what} (port ${other.port})` : null
}

/** `OPENAI_*, ANTHROPIC_*`. */
function families(variables: readonly Variable[]): string {
  return [...new Set(variables.map(({ name }) => `${name.split('_', 1)[0]}_*`))].join(', ')
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
