// Shows that the cluster under the other tests is a real one: native sidecars in order, Jobs that
// complete beside them, Services and DNS from inside a pod, logs and exec.
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { connectToCluster } from '../support/kubernetes/cluster-access.ts'
import type { ClusterConnection } from '../support/kubernetes/cluster.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'

const connection = inject('cluster')
const image = 'modelroute-test/harness:1'
const program = '/app/harness.mjs'

describe.skipIf(connection === undefined)('the shared cluster', () => {
  const cluster = connectToCluster(connection as ClusterConnection)
  let namespace = ''

  const apply = (manifest: unknown) =>
    cluster.mustKubectl(['-n', namespace, 'apply', '-f', '-'], { stdin: JSON.stringify(manifest) })
  const kubectl = (...parameters: string[]) =>
    cluster.mustKubectl(['-n', namespace, ...parameters], { timeoutMs: 120_000 })
  const inServer = (code: string) =>
    kubectl('exec', 'deployment/server', '--', '/usr/local/bin/node', '--input-type=module', '--eval', code)

  beforeAll(async () => {
    const hostPath = fileURLToPath(new URL('programs/harness.mjs', import.meta.url))
    await cluster.provideImage({ name: image, files: { [hostPath]: program }, program: [program] })
    namespace = await cluster.createNamespace('harness', { 'pod-security.kubernetes.io/enforce': 'restricted' })
    await apply(serverDeployment)
    await apply(serverService)
    await kubectl('rollout', 'status', 'deployment/server', '--timeout=60s')
  })

  test('starts a native sidecar before the containers that need it', async () => {
    const spec = podWithSidecar(['await', '8080', 'stay'], 'Always')
    await apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'ordered' }, spec })
    await kubectl('wait', 'pod/ordered', '--for=condition=Ready', '--timeout=60s')
    const columns = 'jsonpath={.status.initContainerStatuses[0].started} {.status.containerStatuses[0].restartCount}'
    expect(await kubectl('get', 'pod', 'ordered', '-o', columns)).toBe('true 0')
    const printed = () => kubectl('logs', 'ordered', '-c', 'main').then((text) => text.trim() || undefined)
    expect(await waitUntil('the container has printed', printed)).toBe('the sidecar answered 200 at the first attempt')
    await kubectl('delete', 'pod', 'ordered', '--timeout=20s')
  })

  test('completes a Job whose pod has a native sidecar', async () => {
    const spec = { backoffLimit: 0, template: { spec: podWithSidecar(['await', '8080'], 'Never') } }
    await apply({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job' }, spec })
    await kubectl('wait', 'job/job', '--for=condition=Complete', '--timeout=60s')
    expect(await kubectl('get', 'job', 'job', '-o', 'jsonpath={.status.succeeded}')).toBe('1')
  })

  test.each([
    ['kubernetes.default.svc', '10.96.0.1'],
    ['kubernetes.default.svc.cluster.local', '10.96.0.1'],
    ['kube-dns.kube-system', '10.96.0.10'],
  ])('resolves %s from a pod by the cluster DNS', async (name, address) => {
    const found = await inServer(
      `import { lookup } from 'node:dns/promises'; console.log((await lookup('${name}')).address)`,
    )
    expect(found.trim()).toBe(address)
  })

  test('has CoreDNS answer behind the Service kube-dns', async () => {
    const found = await inServer(`
      import { Resolver } from 'node:dns/promises'
      const resolver = new Resolver({ timeout: 2000, tries: 2 })
      console.log(resolver.getServers().join(), (await resolver.resolve4('server.${namespace}.svc.cluster.local')).length)
      console.log(await resolver.resolve4('outside.example').catch((error) => error.code))
    `)
    expect(found).toBe('10.96.0.10 1\nENOTFOUND\n')
    const selector = ['-l', 'k8s-app=kube-dns', '-o', 'jsonpath={.items[*].status.containerStatuses[*].image}']
    expect(await cluster.mustKubectl(['-n', 'kube-system', 'get', 'pods', ...selector])).toContain('coredns')
  })

  test('reaches every pod of a Service by its name, the calling pod among them', async () => {
    const seen = await inServer(`
      const seen = new Set()
      for (let call = 0; call < 200 && seen.size < 2; call++) {
        const response = await fetch('http://server/', { headers: { connection: 'close' } })
        seen.add(await response.text())
      }
      console.log(seen.size)
    `)
    expect(seen.trim()).toBe('2')
  })

  test('lets a pod call the API server with its own account', async () => {
    const seen = await inServer(`
      import { readFileSync } from 'node:fs'
      import { get } from 'node:https'
      const account = '/var/run/secrets/kubernetes.io/serviceaccount/'
      const headers = { authorization: 'Bearer ' + readFileSync(account + 'token', 'utf8') }
      const ca = readFileSync(account + 'ca.crt')
      get('https://kubernetes.default.svc/api/v1/secrets', { ca, headers }, (answer) => {
        console.log(answer.statusCode)
        answer.resume()
      })
    `)
    expect(seen.trim()).toBe('403')
  })

  test('lets the API server reach the pods of a Service, as it does for webhooks', async () => {
    const path = `/api/v1/namespaces/${namespace}/services/http:server:80/proxy/from-outside`
    const answer = await cluster.request({ path })
    expect(answer).toMatchObject({ status: 200, body: expect.stringMatching(/^server-.* \/from-outside\n$/) })
  })

  test('shows what a container printed', async () => {
    expect(await kubectl('logs', 'deployment/server')).toContain('serving on 8080')
  })

  test('can be asked by helm, which sees the version that charts compare', async () => {
    const listed = await cluster.helm(['list', '--all-namespaces', '--short'])
    expect(listed).toMatchObject({ code: 0, stdout: '' })
    const version = (await cluster.request({ path: '/version' })).body
    expect(version).toHaveProperty('gitVersion', expect.stringMatching(/^v1\.(3\d|[4-9]\d)\.\d+/))
  })

  test('ends what runs in a namespace when it is deleted', async () => {
    const other = await cluster.createNamespace('harness')
    await cluster.mustKubectl(['-n', other, 'create', 'configmap', 'note'])
    const deleted = await cluster.kubectl(['delete', 'namespace', other, '--timeout=30s'])
    expect(deleted.code).toBe(0)
  })
})

const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
}

function container(name: string, parameters: readonly string[]) {
  return { name, image, imagePullPolicy: 'Never', args: parameters, securityContext: restricted }
}

function podWithSidecar(parameters: readonly string[], restartPolicy: 'Always' | 'Never') {
  const probe = { httpGet: { path: '/started', port: 8080 }, periodSeconds: 1, failureThreshold: 30 }
  const sidecar = { ...container('sidecar', ['serve', '8080']), restartPolicy: 'Always', startupProbe: probe }
  return { restartPolicy, initContainers: [sidecar], containers: [container('main', parameters)] }
}

const labels = { app: 'server' }
const readiness = { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 }
const serverDeployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'server' },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { containers: [{ ...container('server', ['serve', '8080']), readinessProbe: readiness }] },
    },
  },
}
const serverService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'server' },
  spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
}
