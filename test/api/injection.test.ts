// The injector on a real API server: the chart's webhook entries with their matchConditions and failurePolicy Fail,
// the operator's certificates and webhook in this process, the real kubectl. Only the way from the API server to the
// webhook differs from a cluster: a URL instead of a Service.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Registry } from 'prom-client'
import { initContainers } from '../../operator/inject/facts.ts'
import { listAt, textAt, textsAt, valueAt } from '../../operator/inject/json.ts'
import { type Certificates, startCertificates } from '../../operator/inject/serving-certificates.ts'
import { startWebhook, type Webhook } from '../../operator/inject/webhook.ts'
import { createKubeClient, type KubeClient } from '../../operator/kube/client.ts'
import { Secret } from '../../proxy/secret.ts'
import { systemClock } from '../../proxy/telemetry/clock.ts'
import { context } from '../operator/inject/contexts.ts'
import { chartFolder, openHelm, releaseNamespace } from '../support/helm.ts'
import { startVaultWebhook } from '../support/vault-webhook.ts'
import { type ApiServer, startApiServer } from '../support/kubernetes/api-server.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const configurationPath = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/modelroute'
const asks = { 'modelroute.dev/inject': 'true' }

let api: ApiServer
let client: KubeClient
let certificates: Certificates
let webhook: Webhook
let namespace = ''

beforeAll(async () => {
  api = await startApiServer()
  namespace = await api.createNamespace('shop')
  const helm = await openHelm(api.kubeconfigPath)
  const place = ['--namespace', releaseNamespace, '--create-namespace']
  await helm.must(['install', 'modelroute', chartFolder, ...place, '--set', 'probe.enabled=false'])
  // With the rights of the chart's service account and no others.
  const audience = 'https://kubernetes.default.svc.cluster.local'
  const token = await api.mintToken({ namespace: releaseNamespace, serviceAccount: 'modelroute-operator', audience })
  const access = { server: api.url, caPem: api.caPem, clientCertificate: null }
  client = createKubeClient({ ...access, token: { kind: 'fixed', token: new Secret(token) } }, { clock: systemClock })
  certificates = await startCertificates({
    api: client,
    clock: systemClock,
    log: quiet,
    namespace: releaseNamespace,
    secretName: 'modelroute-ca',
    webhookName: 'modelroute',
    names: ['127.0.0.1'],
  })
  webhook = await serve(0)
  await dialThisProcess()
  await waitUntil('the webhook answers', async () => (await createPod('first', asks)).sidecars.length === 1)
}, 600_000)

afterAll(async () => {
  certificates?.stop()
  await webhook?.stop()
  await client?.close()
  await api?.stop()
})

function serve(port: number): Promise<Webhook> {
  const { sidecar, protectedNamespaces } = context
  const monotonicMs = () => performance.now()
  const deps = { certificates, sidecar, protectedNamespaces, version: '1.0.0', monotonicMs }
  return startWebhook({ ...deps, logger: quiet, registry: new Registry() }, { host: '127.0.0.1', port })
}

async function webhooks(): Promise<readonly unknown[]> {
  return listAt((await api.request({ path: configurationPath })).body, 'webhooks')
}

/** The caBundle stays as the operator wrote it. */
async function dialThisProcess(): Promise<void> {
  await waitUntil('caBundle', async () => (await caBundles()).every((bundle) => bundle === certificates.caPem()))
  const operations = (await webhooks()).flatMap((entry, index) => [
    {
      op: 'add',
      path: `/webhooks/${index}/clientConfig/url`,
      value: `https://127.0.0.1:${webhook.port}${textAt(entry, 'clientConfig', 'service', 'path')}`,
    },
    { op: 'remove', path: `/webhooks/${index}/clientConfig/service` },
  ])
  const patch = JSON.stringify(operations)
  await api.mustKubectl(['patch', 'mutatingwebhookconfiguration', 'modelroute', '--type=json', `--patch=${patch}`])
}

async function caBundles(): Promise<readonly string[]> {
  return (await webhooks()).map((entry) => Buffer.from(textAt(entry, 'clientConfig', 'caBundle'), 'base64').toString())
}

type Texts = Readonly<Record<string, string>>

interface Created {
  readonly code: number
  readonly stderr: string
  readonly pod: unknown
  readonly sidecars: readonly unknown[]
}

interface PodWish {
  readonly in?: string
  readonly spec?: object
  readonly flags?: readonly string[]
}

async function createPod(name: string, annotations: Texts | undefined, wish: PodWish = {}): Promise<Created> {
  const metadata = { name, ...(annotations && { annotations }) }
  const spec = { containers: [{ name: 'app', image: 'none' }], ...wish.spec }
  const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec })
  const flags = ['-n', wish.in ?? namespace, 'create', '-o', 'json', ...(wish.flags ?? [])]
  const { code, stdout, stderr } = await api.kubectl([...flags, '-f', '-'], { stdin: manifest })
  const pod: unknown = code === 0 ? JSON.parse(stdout) : null
  return { code, stderr, pod, sidecars: initContainers(pod).filter((one) => one['name'] === 'modelroute-proxy') }
}

describe('a pod', () => {
  test('that asks gets the sidecar as the API server itself understands it', async () => {
    const { pod, sidecars, stderr } = await createPod('asks', asks)
    expect(stderr).toBe('')
    expect(sidecars[0]).toMatchObject({ restartPolicy: 'Always', startupProbe: { httpGet: { path: '/startupz' } } })
    expect(textsAt(pod, 'metadata', 'labels')).toEqual({ 'modelroute.dev/proxy': 'v1' })
    expect(textsAt(pod, 'metadata', 'annotations')['modelroute.dev/operator-ca']).toBe(certificates.caPem())
    const app = listAt(pod, 'spec', 'containers')[0]
    const names = listAt(app, 'env').map((variable) => textAt(variable, 'name'))
    expect(names).toEqual([
      'OPENAI_BASE_URL',
      'OPENAI_API_BASE',
      'OPENAI_API_KEY',
      'ANTHROPIC_BASE_URL',
      'GOOGLE_GEMINI_BASE_URL',
    ])
  })

  test('keeps its API token for the application, and the sidecar gets none', async () => {
    const { pod, sidecars } = await createPod('token', asks)
    const mounts = (container: unknown) =>
      listAt(container, 'volumeMounts')
        .filter((mount) => textAt(mount, 'mountPath') === '/var/run/secrets/kubernetes.io/serviceaccount')
        .map((mount) => textAt(mount, 'name'))
    expect(mounts(listAt(pod, 'spec', 'containers')[0])).toEqual([expect.stringMatching(/^kube-api-access-/)])
    expect(mounts(sidecars[0])).toEqual(['modelroute-no-api-token'])
  })

  test('that does not ask stays as it is', async () => {
    const { code, pod } = await createPod('bare', undefined)
    expect(code).toBe(0)
    expect(JSON.stringify(pod)).not.toContain('modelroute')
  })

  test('is admitted where Pod Security "restricted" is enforced, which it really is', async () => {
    const strict = await api.createNamespace('strict', { 'pod-security.kubernetes.io/enforce': 'restricted' })
    const securityContext = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    }
    const containers = [{ name: 'app', image: 'none', securityContext }]
    expect((await createPod('good', asks, { in: strict, spec: { containers } })).sidecars).toHaveLength(1)
    const bad = await createPod('bad', asks, { in: strict })
    expect(bad.stderr).toContain('violates PodSecurity "restricted')
    expect(bad.stderr).not.toContain('modelroute-proxy')
  })

  test("is Guaranteed by the API server's own reckoning when it was before", async () => {
    const resources = { limits: { cpu: '1', memory: '256Mi' } }
    const { pod } = await createPod('guaranteed', asks, {
      spec: { containers: [{ name: 'app', image: 'none', resources }] },
    })
    expect(textAt(pod, 'status', 'qosClass')).toBe('Guaranteed')
  })

  test('of a labelled namespace gets the sidecar, and one that cannot have it is let through with a warning', async () => {
    const labelled = await api.createNamespace('labelled', { 'modelroute.dev/inject': 'true' })
    expect((await createPod('plain', undefined, { in: labelled })).sidecars).toHaveLength(1)
    expect((await createPod('out', { 'modelroute.dev/inject': 'false' }, { in: labelled })).sidecars).toHaveLength(0)
    const host = await createPod('host', undefined, { in: labelled, spec: { hostNetwork: true } })
    expect(host).toMatchObject({
      code: 0,
      sidecars: [],
      stderr: expect.stringContaining('no sidecar with hostNetwork'),
    })
  })

  test('on a dry run shows the sidecar and leaves nothing behind', async () => {
    expect((await createPod('dry', asks, { flags: ['--dry-run=server'] })).sidecars).toHaveLength(1)
    expect((await api.kubectl(['-n', namespace, 'get', 'pod', 'dry'])).stderr).toContain('NotFound')
  })

  test.each([
    ['a bad value', { 'modelroute.dev/inject': 'yes' }, {}, 'has the value "yes"; it must be "true" or "false".'],
    [
      'a port that is taken',
      asks,
      { containers: [{ name: 'app', image: 'none', ports: [{ containerPort: 4141 }] }] },
      'container app has port 4141; set modelroute.dev/port to a free one.',
    ],
    [
      'a container of the name',
      asks,
      { containers: [{ name: 'modelroute-proxy', image: 'none' }] },
      'the container name modelroute-proxy is taken; rename that container.',
    ],
  ])('with %s is refused with the sentence', async (_what, annotations, spec, sentence) => {
    const { code, stderr } = await createPod('refused', annotations, { spec })
    expect(code).toBe(1)
    expect(stderr).toContain(sentence)
  })

  test('has the sidecar in front again when a later webhook put its own init container there (reinvocation)', async () => {
    const vault = await startVaultWebhook(api)
    try {
      const spec = { initContainers: [{ name: 'migrate', image: 'none' }] }
      const namesOf = async (annotations: Texts | undefined, flags: readonly string[]) => {
        const { pod } = await createPod('two-webhooks', annotations, { spec, flags })
        return initContainers(pod).map((container) => container['name'])
      }
      const isCalled = async () => (await namesOf(undefined, ['--dry-run=server'])).includes('vault-agent-init')
      await waitUntil('the other webhook is called', isCalled)
      expect(await namesOf(asks, [])).toEqual(['modelroute-proxy', 'vault-agent-init', 'migrate'])
    } finally {
      await vault.stop()
    }
  })
})

const workloads = { Deployment: 'deployment', Job: 'job', CronJob: 'cronjob' } as const

async function createWorkload(kind: keyof typeof workloads, name: string, annotations: Texts): Promise<string> {
  const labels = { app: name }
  const restartPolicy = kind === 'Deployment' ? 'Always' : 'Never'
  const template = { metadata: { labels }, spec: { restartPolicy, containers: [{ name: 'app', image: 'none' }] } }
  const specs = {
    Deployment: { selector: { matchLabels: labels }, template },
    Job: { template: { ...template, metadata: {} } },
    CronJob: { schedule: '0 1 * * *', jobTemplate: { spec: { template } } },
  }
  const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'batch/v1'
  const stdin = JSON.stringify({ apiVersion, kind, metadata: { name, annotations }, spec: specs[kind] })
  const { code, stderr } = await api.kubectl(['-n', namespace, 'create', '-f', '-'], { stdin })
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return stderr
}

async function templateOf(kind: keyof typeof workloads, name: string): Promise<Texts> {
  const text = await api.mustKubectl(['-n', namespace, 'get', workloads[kind], name, '-o', 'json'])
  const path = kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template'] : ['spec', 'template']
  return textsAt(valueAt(JSON.parse(text), ...path), 'metadata', 'annotations')
}

const annotate = (name: string, annotation: string) =>
  api.kubectl(['-n', namespace, 'annotate', '--overwrite', 'deployment', name, annotation])
const copied = { ...asks, 'modelroute.dev/copied': 'modelroute.dev/inject' }

describe('a workload', () => {
  test('that is annotated while it runs hands the annotation to its pods, follows changes, and takes it back', async () => {
    await createWorkload('Deployment', 'chat', {})
    await annotate('chat', 'modelroute.dev/inject=true')
    expect(await templateOf('Deployment', 'chat')).toEqual(copied)
    await annotate('chat', 'modelroute.dev/inject=false')
    expect(await templateOf('Deployment', 'chat')).toEqual({ ...copied, 'modelroute.dev/inject': 'false' })
    await annotate('chat', 'modelroute.dev/inject-')
    expect(await templateOf('Deployment', 'chat')).toEqual({})
  })

  test('changes its template once: another write of the same manifest is no new generation', async () => {
    await createWorkload('Deployment', 'steady', asks)
    const read = () => api.mustKubectl(['-n', namespace, 'get', 'deployment', 'steady', '-o', 'json'])
    const before = await read()
    await api.mustKubectl(['-n', namespace, 'label', 'deployment', 'steady', 'team=red'])
    await api.mustKubectl(['-n', namespace, 'replace', '-f', '-'], {
      stdin: before.replace(/"resourceVersion": "\d+",/, ''),
    })
    expect(valueAt(JSON.parse(await read()), 'metadata', 'generation')).toBe(1)
  })

  test('that is applied again by a client that does not know the copies keeps them (server-side apply)', async () => {
    const manifest = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'gitops', annotations: asks },
      spec: {
        selector: { matchLabels: { app: 'gitops' } },
        template: { metadata: { labels: { app: 'gitops' } }, spec: { containers: [{ name: 'app', image: 'none' }] } },
      },
    }
    const apply = () =>
      api.mustKubectl(['-n', namespace, 'apply', '--server-side', '-f', '-'], { stdin: JSON.stringify(manifest) })
    await apply()
    await apply()
    expect(await templateOf('Deployment', 'gitops')).toEqual(copied)
    const deployment: unknown = JSON.parse(
      await api.mustKubectl(['-n', namespace, 'get', 'deployment', 'gitops', '-o', 'json']),
    )
    expect(valueAt(deployment, 'metadata', 'generation')).toBe(1)
  })

  test('of kind Job and CronJob hands the annotation on when it is created', async () => {
    await createWorkload('Job', 'nightly', asks)
    await createWorkload('CronJob', 'cron', asks)
    expect(await templateOf('Job', 'nightly')).toEqual(copied)
    expect(await templateOf('CronJob', 'cron')).toEqual(copied)
  })

  test('of kind Job can be annotated later, which changes nothing and is not refused', async () => {
    await createWorkload('Job', 'late', {})
    await api.mustKubectl(['-n', namespace, 'annotate', 'job', 'late', 'modelroute.dev/inject=true'])
    expect(await templateOf('Job', 'late')).toEqual({})
  })

  test('with a bad value is refused at kubectl annotate', async () => {
    await createWorkload('Deployment', 'typo', {})
    const { code, stderr } = await annotate('typo', 'modelroute.dev/inject=yes')
    expect(code).toBe(1)
    expect(stderr).toContain('Annotation modelroute.dev/inject has the value "yes"; it must be "true" or "false".')
  })

  test('with a misspelt key is warned at kubectl annotate', async () => {
    await createWorkload('Deployment', 'misspelt', {})
    const { code, stderr } = await annotate('misspelt', 'modelroute.dev/drain-second=5')
    expect(code).toBe(0)
    expect(stderr).toContain('did you mean modelroute.dev/drain-seconds?')
  })
})

describe('the life of the webhook', () => {
  test('caBundle comes back by itself after somebody has replaced the configuration', async () => {
    const without = (await webhooks()).flatMap((_entry, index) => ({
      op: 'remove',
      path: `/webhooks/${index}/clientConfig/caBundle`,
    }))
    const patch = JSON.stringify(without)
    await api.mustKubectl(['patch', 'mutatingwebhookconfiguration', 'modelroute', '--type=json', `--patch=${patch}`])
    const isBack = async () => (await caBundles()).every((bundle) => bundle === certificates.caPem())
    expect(await waitUntil('caBundle is back', isBack)).toBe(true)
    const answers = async () => (await createPod('again', asks)).sidecars.length === 1
    expect(await waitUntil('the webhook answers', answers)).toBe(true)
  })

  test('while it is down, only what asked for the sidecar is held back', async () => {
    const { port } = webhook
    await webhook.stop()
    expect((await createPod('unasked', undefined)).code).toBe(0)
    expect((await createPod('declined', { 'modelroute.dev/inject': 'false' })).code).toBe(0)
    await createWorkload('Deployment', 'unasked', { 'example.com/x': 'y' })
    const { code, stderr } = await createPod('asked', asks)
    expect(code).toBe(1)
    expect(stderr).toContain('failed calling webhook "pod.inject.modelroute.dev"')
    webhook = await serve(port)
    await waitUntil('the webhook answers', async () => (await createPod('back', asks)).sidecars.length === 1)
  })
})
