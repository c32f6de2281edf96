// The operator as the chart installs it, in the test's own process: the real API server, the chart's objects, and the
// rights of the chart's service account and no others. Proxies are the product's own stream source.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { parseConfig } from '../../operator/config.ts'
import { type Operator, startOperator } from '../../operator/operator.ts'
import { Secret } from '../../proxy/secret.ts'
import { systemClock } from '../../proxy/telemetry/clock.ts'
import { chartFolder, openHelm, releaseNamespace } from './helm.ts'
import type { ApiServer } from './kubernetes/api-server.ts'
import { freePort } from './kubernetes/free-port.ts'
import { waitUntil } from './kubernetes/wait-until.ts'
import { makeProxy, RecordingLogger, type TestProxy } from './push-rig.ts'

const serviceAccount = 'modelroute-operator'
/** Tokens for the API server itself carry its issuer as audience. */
const apiAudience = 'https://kubernetes.default.svc.cluster.local'

/** No controller runs, so nothing would answer the webhooks: they are told to ignore failures. */
export async function installChart(api: ApiServer): Promise<void> {
  const helm = await openHelm(api.kubeconfigPath)
  const settings = ['--set', 'probe.enabled=false', '--set', 'webhook.failurePolicy=Ignore']
  await helm.must(['install', 'modelroute', chartFolder, '-n', releaseNamespace, '--create-namespace', ...settings])
}

export interface RunningOperator extends Operator {
  readonly logger: RecordingLogger
  readonly registry: Registry
  readonly pushUrl: string
}

export async function runOperator(api: ApiServer, name: string, replicas = 1): Promise<RunningOperator> {
  return await (
    await prepareOperator(api, name, replicas)
  )()
}

/**
 * What the kubelet would have done before; the returned function starts the operator, API server or not.
 * `name` is the replica's pod name; `replicas` what the chart would set.
 */
export async function prepareOperator(
  api: ApiServer,
  name: string,
  replicas = 1,
): Promise<() => Promise<RunningOperator>> {
  const ownToken = await api.mintToken({ namespace: releaseNamespace, serviceAccount, audience: apiAudience })
  const pushPort = await freePort()
  const pushUrl = `https://localhost:${pushPort}`
  const parsed = parseConfig({
    MODELROUTE_NAMESPACE: releaseNamespace,
    MODELROUTE_POD_NAME: name,
    MODELROUTE_POD_IP: '127.0.0.1',
    MODELROUTE_PROXY_IMAGE: 'modelroute:test',
    MODELROUTE_PUSH_URL: pushUrl,
    MODELROUTE_PUSH_PORT: String(pushPort),
    MODELROUTE_WEBHOOK_PORT: '0',
    MODELROUTE_ADMIN_PORT: '0',
    MODELROUTE_DASHBOARD_PORT: '0',
    MODELROUTE_REPLICAS: String(replicas),
    ...(replicas > 1 ? { MODELROUTE_TOKEN_FILE: await replicaToken(api, name) } : {}),
  })
  if (parsed.kind === 'faults') throw new Error(parsed.faults.join(' '))
  const access = { server: api.url, caPem: api.caPem, clientCertificate: null }
  return async () => {
    const logger = new RecordingLogger()
    const registry = new Registry()
    const operator = await startOperator(
      parsed.config,
      {
        access: { ...access, token: { kind: 'fixed', token: new Secret(ownToken) } },
        logger,
        registry,
        clock: systemClock,
        monotonicMs: () => performance.now(),
        random: Math.random,
        version: '0.0.0-test',
      },
      new AsyncDisposableStack(),
    )
    return { ...operator, logger, registry, pushUrl }
  }
}

/** What the kubelet would project into the operator's pod. */
async function replicaToken(api: ApiServer, name: string): Promise<string> {
  const pod = await createPod(api, { namespace: releaseNamespace, name, serviceAccount, labels: {} })
  const token = await api.mintToken({ namespace: releaseNamespace, serviceAccount, audience: pushAudience, pod })
  const path = join(mkdtempSync(join(tmpdir(), 'modelroute-replica-')), 'token')
  api.caretaker.remember({ kind: 'remove', path: join(path, '..') })
  writeFileSync(path, token)
  return path
}

export const pushAudience = 'modelroute-push'

export interface PodWish {
  readonly namespace: string
  readonly name: string
  readonly serviceAccount?: string
  readonly labels: Readonly<Record<string, string>>
}

/** An object only: nothing runs it. */
export async function createPod(api: ApiServer, wish: PodWish): Promise<{ name: string; uid: string }> {
  const { namespace, name, labels, serviceAccount: account = 'default' } = wish
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`
  await api.request({ path: accounts, body: { metadata: { name: account } } })
  const spec = { serviceAccountName: account, containers: [{ name: 'main', image: 'unused' }] }
  const created = await api.request({
    path: `/api/v1/namespaces/${namespace}/pods`,
    body: { metadata: { name, labels }, spec },
  })
  if (created.status !== 201) throw new Error(`creating a pod: ${created.status} ${JSON.stringify(created.body)}`)
  const { metadata } = created.body as { metadata: { name: string; uid: string } }
  return { name: metadata.name, uid: metadata.uid }
}

export interface ProxyWish {
  readonly namespace: string
  readonly name: string
  readonly app?: string
}

/** A pod with the sidecar's label, and its proxy, which dials that operator. Not started. */
export async function createProxy(api: ApiServer, url: string, wish: ProxyWish): Promise<TestProxy> {
  const token = await createProxyToken(api, wish)
  return makeProxy({ url, caPem: await readCaBundle(api) }, { token })
}

/** The projected token of a new pod that has the sidecar's label. */
export async function createProxyToken(api: ApiServer, wish: ProxyWish): Promise<string> {
  const { namespace, name, app = 'chat' } = wish
  const pod = await createPod(api, { namespace, name, labels: { app, 'modelroute.dev/proxy': 'v1' } })
  return await api.mintToken({ namespace, serviceAccount: 'default', audience: pushAudience, pod })
}

/** As the operator patched it into the webhook configuration, and as injected pods carry it. */
export function readCaBundle(api: ApiServer): Promise<string> {
  return waitUntil('the caBundle is patched', async () => {
    const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/modelroute'
    const { body } = (await api.request({ path })) as { body: { webhooks: { clientConfig: { caBundle?: string } }[] } }
    const bundle = body.webhooks[0]?.clientConfig.caBundle
    return bundle ? Buffer.from(bundle, 'base64').toString('utf8') : undefined
  })
}

export interface ShownRoute {
  readonly programmed: string | undefined
  readonly proxies: { readonly total: number; readonly current: number; readonly rejected: number } | undefined
  /** `True`, `False: reason`, by type. */
  readonly conditions: Readonly<Record<string, string>>
  readonly messages: Readonly<Record<string, string>>
}

interface RawStatus {
  readonly programmed?: string
  readonly proxies?: ShownRoute['proxies']
  readonly conditions?: readonly { type: string; status: string; reason: string; message: string }[]
}

export async function showStatus(
  api: ApiServer,
  kind: 'modelroutes' | 'modelproviders',
  at: { namespace: string; name: string },
): Promise<ShownRoute> {
  const path = `/apis/modelroute.dev/v1alpha1/namespaces/${at.namespace}/${kind}/${at.name}`
  const { body } = (await api.request({ path })) as { body: { status?: RawStatus } }
  const conditions = body.status?.conditions ?? []
  return {
    programmed: body.status?.programmed,
    proxies: body.status?.proxies,
    conditions: Object.fromEntries(
      conditions.map(({ type, status, reason }) => [type, status === 'True' ? status : `${status}: ${reason}`]),
    ),
    messages: Object.fromEntries(conditions.map(({ type, message }) => [type, message])),
  }
}
