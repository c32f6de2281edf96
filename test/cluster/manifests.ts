// What the user of the whole-line story applies: two providers with their Secrets, a route, an application, a Job.
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
    { ...object('v1', 'Secret', name), stringData: { 'api-key': REAL_KEYS[name] } },
    {
      ...object('modelroute.dev/v1alpha1', 'ModelProvider', name),
      spec: {
        dialect: 'OpenAI',
        url: `http://${name}.${namespace}.svc:8080/v1`,
        credential: { secretRef: { name, key: 'api-key' } },
      },
    },
  ])
}

export function modelRoute(provider: string, model: string): object {
  const rules = [{ name: 'everything', backends: [{ providerRef: { name: provider }, model }] }]
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

function object(apiVersion: string, kind: string, name: string): object {
  return { apiVersion, kind, metadata: { name } }
}
