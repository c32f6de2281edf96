// Which requests the chart's webhooks are called for, on a real API server. Nobody serves them here, and their
// failurePolicy is Fail: a request that a webhook is called for is refused and names it, every other one goes through.
// So this shows both that what asked for a sidecar is never let through without, and that nothing else is held back.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chartFolder, openHelm, releaseNamespace } from '../support/helm.ts'
import { type ApiServer, startApiServer } from '../support/kubernetes/api-server.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'

type Annotations = Readonly<Record<string, string>>

let api: ApiServer
let plain = ''
let labelled = ''

beforeAll(async () => {
  api = await startApiServer()
  plain = await api.createNamespace('plain')
  labelled = await api.createNamespace('labelled', { 'modelroute.dev/inject': 'true' })
  const helm = await openHelm(api.kubeconfigPath)
  const place = ['--namespace', releaseNamespace, '--create-namespace']
  await helm.must(['install', 'modelroute', chartFolder, ...place, '--set', 'probe.enabled=false'])
  for (const namespace of [releaseNamespace, 'kube-system']) {
    await api.kubectl(['-n', namespace, 'create', 'serviceaccount', 'default'])
  }
  const asks = pod({ 'modelroute.dev/inject': 'true' })
  await waitUntil('the API server calls the webhooks', async () => (await create(plain, asks)) !== 'let through')
}, 600_000)
afterAll(() => api?.stop())

const containers = [{ name: 'main', image: 'none' }]

function pod(annotations: Annotations | undefined): object {
  const metadata = annotations === undefined ? { name: 'pod' } : { name: 'pod', annotations }
  // A pod that mirrors a static one must say where it runs.
  const place = annotations?.['kubernetes.io/config.mirror'] === undefined ? {} : { nodeName: 'node' }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...place, containers } }
}

interface Workload {
  readonly kind: string
  readonly annotations: Annotations
  readonly template: Annotations
}

function workload({ kind, annotations, template }: Workload): object {
  const metadata = { name: 'workload', annotations }
  const labels = { app: 'workload' }
  const restartPolicy = kind === 'Job' || kind === 'CronJob' ? 'Never' : 'Always'
  const podTemplate = { metadata: { labels, annotations: template }, spec: { containers, restartPolicy } }
  const selector = { matchLabels: labels }
  const specs: Readonly<Record<string, object>> = {
    Job: { template: podTemplate },
    CronJob: { schedule: '0 0 * * *', jobTemplate: { spec: { template: podTemplate } } },
    StatefulSet: { selector, serviceName: 'workload', template: podTemplate },
  }
  const apiVersion = restartPolicy === 'Never' ? 'batch/v1' : 'apps/v1'
  return { apiVersion, kind, metadata, spec: specs[kind] ?? { selector, template: podTemplate } }
}

async function called(verb: readonly string[], manifest: object): Promise<string> {
  const result = await api.kubectl([...verb, '-f', '-'], { stdin: JSON.stringify(manifest) })
  if (result.code === 0) return 'let through'
  return /failed calling webhook "([^"]+)"/.exec(result.stderr)?.[1] ?? result.stderr
}

const create = (namespace: string, manifest: object) =>
  called(['-n', namespace, 'create', '--dry-run=server'], manifest)

const inject = (value: string) => ({ 'modelroute.dev/inject': value })
const letThrough = 'let through'

describe('a pod', () => {
  const mirror = { 'kubernetes.io/config.mirror': 'x' }

  test.each([
    ['without annotations', undefined, letThrough],
    ['with annotations of others', { 'example.com/x': 'y' }, letThrough],
    ['that asks', inject('true'), 'pod.inject.modelroute.dev'],
    ['that asks with a value that is none', inject('yes'), 'pod.inject.modelroute.dev'],
    ['that declines', inject('false'), letThrough],
    ['that has settings only', { 'modelroute.dev/log-level': 'debug' }, letThrough],
    ['that mirrors a static one', { ...mirror, ...inject('true') }, letThrough],
  ])('%s', async (_what, annotations, expected) => {
    expect(await create(plain, pod(annotations))).toBe(expected)
  })

  test.each([
    ['without annotations', undefined, 'namespace.inject.modelroute.dev'],
    ['that asks itself', inject('true'), 'pod.inject.modelroute.dev'],
    ['that declines', inject('false'), letThrough],
    ['that mirrors a static one', mirror, letThrough],
  ])('%s, in a namespace that asks', async (_what, annotations, expected) => {
    expect(await create(labelled, pod(annotations))).toBe(expected)
  })

  test.each(['kube-system', releaseNamespace])('that asks, in %s, is never touched', async (namespace) => {
    expect(await create(namespace, pod(inject('true')))).toBe(letThrough)
  })
})

describe('a new workload', () => {
  const copied = { ...inject('true'), 'modelroute.dev/copied': 'modelroute.dev/inject' }
  const template = 'template.inject.modelroute.dev'

  const cases: readonly (readonly [
    kind: string,
    what: string,
    Annotations,
    template: Annotations,
    expected: string,
  ])[] = [
    ['Deployment', 'without annotations', {}, {}, letThrough],
    ['Deployment', 'with annotations of others', { 'example.com/x': 'y' }, {}, letThrough],
    ['Deployment', 'that asks', inject('true'), {}, template],
    ['Deployment', 'that declines', inject('false'), {}, template],
    ['Deployment', 'with settings', { 'modelroute.dev/log-level': 'debug' }, {}, template],
    ['Deployment', 'whose template says the same', inject('true'), inject('true'), letThrough],
    ['Deployment', 'whose template says something else', inject('true'), inject('false'), template],
    ['Deployment', 'whose template alone asks', {}, inject('true'), letThrough],
    ['StatefulSet', 'that asks', inject('true'), {}, template],
    ['DaemonSet', 'that asks', inject('true'), {}, template],
    ['Job', 'that asks', inject('true'), {}, template],
    ['Job', 'of a CronJob, whose template was copied', {}, copied, letThrough],
    ['CronJob', 'that asks', inject('true'), {}, 'cronjob.inject.modelroute.dev'],
    ['CronJob', 'whose template says the same', inject('true'), copied, letThrough],
    ['ReplicaSet', 'that asks', inject('true'), {}, letThrough],
  ]

  test.each(cases)('%s %s', async (...[kind, , annotations, podAnnotations, expected]) => {
    expect(await create(plain, workload({ kind, annotations, template: podAnnotations }))).toBe(expected)
  })

  test('that asks, in kube-system, is never touched', async () => {
    const deployment = workload({ kind: 'Deployment', annotations: inject('true'), template: {} })
    expect(await create('kube-system', deployment)).toBe(letThrough)
  })
})

describe('a changed workload', () => {
  const copied = { ...inject('true'), 'modelroute.dev/copied': 'modelroute.dev/inject' }
  const replace = (manifest: object) => called(['-n', plain, 'replace'], manifest)

  test.each([
    ['Deployment', 'template.inject.modelroute.dev'],
    ['CronJob', 'cronjob.inject.modelroute.dev'],
  ])('%s is followed when a copied annotation goes, and left alone while all is the same', async (kind, webhook) => {
    const synchronous = workload({ kind, annotations: inject('true'), template: copied })
    await api.mustKubectl(['-n', plain, 'create', '-f', '-'], { stdin: JSON.stringify(synchronous) })
    const other = workload({ kind, annotations: { ...inject('true'), 'example.com/x': 'y' }, template: copied })
    expect(await replace(other)).toBe(letThrough)
    expect(await replace(workload({ kind, annotations: {}, template: copied }))).toBe(webhook)
    expect(await replace(workload({ kind, annotations: {}, template: {} }))).toBe(webhook)
    expect(await replace(workload({ kind, annotations: inject('false'), template: copied }))).toBe(webhook)
  })

  test('is not held back when it is scaled', async () => {
    const deployment = workload({ kind: 'Deployment', annotations: {}, template: {} })
    const named = { ...deployment, metadata: { name: 'scaled' } }
    await api.mustKubectl(['-n', plain, 'create', '-f', '-'], { stdin: JSON.stringify(named) })
    const scaled = await api.kubectl(['-n', plain, 'scale', 'deployment/scaled', '--replicas=3'])
    expect(scaled).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('a ModelRoute', () => {
  const route = (name: string) => ({
    apiVersion: 'modelroute.dev/v1alpha1',
    kind: 'ModelRoute',
    metadata: { name },
    spec: { podSelector: {}, rules: [{ name: 'all', backends: [{ providerRef: { name: 'none' } }] }] },
  })
  const dryRun = ['create', '--dry-run=server']

  test.each([
    ['the probe, as a dry run', releaseNamespace, dryRun, 'webhook-probe', 'probe.inject.modelroute.dev'],
    ['the probe, in another namespace', 'default', dryRun, 'webhook-probe', letThrough],
    ['another one, as a dry run', releaseNamespace, dryRun, 'another', letThrough],
    ['the probe, for good', releaseNamespace, ['create'], 'webhook-probe', letThrough],
  ])('%s', async (_what, ...[namespace, verb, name, expected]) => {
    expect(await called(['-n', namespace, ...verb], route(name))).toBe(expected)
  })
})
