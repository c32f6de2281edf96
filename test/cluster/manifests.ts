// What the users of the stories apply: two providers with their Secrets, a route, an application, a Job; and for the
// story of faults workloads of every kind, and pods that run as all sorts of users.
import { APPS_IMAGE } from '../support/product.ts'

export const REAL_KEYS = { alpha: 'sk-real-alpha-0001', beta: 'sk-real-beta-0002' }

const restricted = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  runAsUser: 1000,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
}

/** Two servers that stand for providers, and what modelroute has to know of them. */
export function providerObjects(namespace: string): object[] {
  return (['alpha', 'beta'] as const).flatMap((name) => [
    deployment(name, 1, [container('provider', ['/app/provider.mjs'], { NAME: name })]),
    { ...object('v1', 'Service', name), spec: { selector: { app: name }, ports: [{ port: 8080 }] } },
    secret(name, { 'api-key': REAL_KEYS[name] }),
    modelProvider(name, `http://${name}.${namespace}.svc:8080/v1`),
  ])
}

export function secret(name: string, data: Readonly<Record<string, string>>): object {
  // Not stringData: what apply drops from it would stay in the Secret.
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  return { ...object('v1', 'Secret', name), data: Object.fromEntries(encoded) as object }
}

export function modelProvider(name: string, url: string): object {
  const credential = { secretRef: { name, key: 'api-key' } }
  return { ...object('modelroute.dev/v1alpha1', 'ModelProvider', name), spec: { dialect: 'OpenAI', url, credential } }
}

/** The provider, with the models that an application may name itself. */
export function withModels(namespace: string, provider: string, ...models: string[]): object[] {
  const { spec, ...rest } = modelProvider(provider, `http://${provider}.${namespace}.svc:8080/v1`) as { spec: object }
  return [{ ...rest, spec: { ...spec, models: models.map((name) => ({ name })) } }]
}

export function modelRoute(provider: string, model: string, rest: object = {}): object {
  return modelRouteOf([{ name: 'everything', backends: [{ providerRef: { name: provider }, model }], ...rest }])
}

export function modelRouteOf(rules: readonly object[]): object {
  return {
    ...object('modelroute.dev/v1alpha1', 'ModelRoute', 'chat'),
    spec: { podSelector: { matchLabels: { app: 'chat' } }, rules },
  }
}

/** The application: it knows nothing of modelroute. Its init container makes a call of its own. */
export function chatDeployment(replicas: number): object {
  const initContainers = [container('first-call', ['/app/chat.mjs', 'once'], {})]
  return deployment('chat', replicas, [container('chat', ['/app/chat.mjs', 'serve'], {})], initContainers)
}

export function job(): object {
  const spec = { restartPolicy: 'Never', containers: [container('once', ['/app/chat.mjs', 'once'], {})] }
  const metadata = { labels: { app: 'chat' }, annotations: { 'modelroute.dev/inject': 'true' } }
  return { ...object('batch/v1', 'Job', 'once'), spec: { backoffLimit: 0, template: { metadata, spec } } }
}

const asks = { 'modelroute.dev/inject': 'true' }
const chat = () => container('chat', ['/app/chat.mjs', 'serve'], {})

/** Workloads of the remaining kinds, the annotation on the workload itself. The CronJob waits for its Job by hand. */
export function otherWorkloads(): object[] {
  const template = { metadata: { labels: { app: 'chat', kind: 'StatefulSet' } }, spec: { containers: [chat()] } }
  const selector = { matchLabels: { kind: 'StatefulSet' } }
  const once = { restartPolicy: 'Never', containers: [container('once', ['/app/chat.mjs', 'once'], {})] }
  const jobTemplate = { spec: { backoffLimit: 0, template: { metadata: { labels: { app: 'chat' } }, spec: once } } }
  return [
    { ...object('apps/v1', 'StatefulSet', 'stateful', asks), spec: { serviceName: 'none', selector, template } },
    {
      ...object('batch/v1', 'CronJob', 'nightly', asks),
      spec: { schedule: '0 1 * * *', suspend: true, jobTemplate },
    },
  ]
}

/** The kubelet gives the sidecar's token another mode and owner for each of them. */
export const ODD_USERS: Readonly<Record<string, { readonly pod: object; readonly container: object }>> = {
  root: { pod: {}, container: { runAsUser: 0 } },
  'one-user': { pod: { runAsUser: 65532 }, container: {} },
  'pod-user': { pod: { runAsUser: 1234, runAsGroup: 1234 }, container: {} },
  group: { pod: { fsGroup: 2000 }, container: { runAsUser: 0 } },
  'group-and-user': { pod: { fsGroup: 3000, runAsUser: 4321, fsGroupChangePolicy: 'Always' }, container: {} },
}

export function oddPods(): object[] {
  return Object.entries(ODD_USERS).map(([name, users]) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `user-${name}`, labels: { app: 'chat', kind: 'odd' }, annotations: asks },
    spec: {
      securityContext: users.pod,
      containers: [{ ...chat(), securityContext: users.container }],
      terminationGracePeriodSeconds: 1,
    },
  }))
}

/** Without any annotation: for a namespace that has the label. */
export function plainPod(name: string): object {
  const metadata = { name, labels: { app: 'chat' } }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [chat()], terminationGracePeriodSeconds: 1 } }
}

/** A workload of its own that needs no model: it comes and goes with the sidecar. */
export function asideDeployment(): object {
  return deployment('aside', 1, [container('provider', ['/app/provider.mjs'], { NAME: 'aside' })])
}

function deployment(name: string, replicas: number, containers: object[], initContainers: object[] = []): object {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: { containers, initContainers, terminationGracePeriodSeconds: 5 } }
  return { ...object('apps/v1', 'Deployment', name), spec: { replicas, selector: { matchLabels: labels }, template } }
}

function container(name: string, args: string[], environment: Record<string, string>): object {
  const env = Object.entries(environment).map(([variable, value]) => ({ name: variable, value }))
  const resources = { requests: { cpu: '5m', memory: '32Mi' } }
  return { name, image: APPS_IMAGE, imagePullPolicy: 'Never', args, env, resources, securityContext: restricted }
}

function object(apiVersion: string, kind: string, name: string, annotations: object = {}): object {
  return { apiVersion, kind, metadata: { name, annotations } }
}
