// Renders and installs the chart with the real helm on a real API server: what it creates, what it leaves, who may do
// what. No pod runs here; test/cluster shows the rest.
import { loadAll } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../../operator/config.ts'
import { type Helm, chartFolder, openHelm, releaseNamespace } from '../support/helm.ts'
import { type ApiServer, startApiServer } from '../support/kubernetes/api-server.ts'

interface Manifest {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

interface PodOwner {
  readonly template: {
    readonly spec: {
      readonly containers: readonly {
        readonly env: readonly {
          readonly name: string
          readonly value?: string
          readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } }
        }[]
      }[]
    }
  }
}

let api: ApiServer
let helm: Helm
const inRelease = ['--namespace', releaseNamespace]
/** No controller runs, so the hook's Job would never end. */
const install = [
  'install',
  'modelroute',
  chartFolder,
  ...inRelease,
  '--create-namespace',
  '--set',
  'probe.enabled=false',
]

beforeAll(async () => {
  api = await startApiServer()
  helm = await openHelm(api.kubeconfigPath)
}, 600_000)
afterAll(() => api?.stop())

function renderText(...parameters: string[]): Promise<string> {
  const version = ['--kube-version', '1.30.0']
  return helm.must(['template', 'modelroute', chartFolder, ...inRelease, ...version, ...parameters])
}

async function render(...parameters: string[]): Promise<Manifest[]> {
  const documents = loadAll(await renderText(...parameters)) as (Manifest | null)[]
  return documents.filter((manifest) => manifest !== null)
}

function find(manifests: readonly Manifest[], kind: string, name: string): Manifest | undefined {
  return manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)
}

describe('the chart', () => {
  test('passes helm lint --strict', async () => {
    const linted = await helm(['lint', '--strict', chartFolder])
    expect(linted).toMatchObject({ code: 0 })
  })

  test('refuses a cluster older than 1.30', async () => {
    const rendered = await helm(['template', 'modelroute', chartFolder, '--kube-version', '1.29.9'])
    expect(rendered.code).toBe(1)
    expect(rendered.stderr).toContain('chart requires kubeVersion: >=1.30.0-0')
  })

  test.each([
    ['webhook.failurepolicy=Fail', "at '/webhook': additional properties 'failurepolicy' not allowed"],
    ['replicacount=3', "additional properties 'replicacount' not allowed"],
    ['webhook.failurePolicy=Maybe', "at '/webhook/failurePolicy': value must be one of 'Fail', 'Ignore'"],
    ['replicaCount=0', "at '/replicaCount': minimum: got 0, want 1"],
  ])('refuses --set %s and says where', async (change, sentence) => {
    const rendered = await helm(['template', 'modelroute', chartFolder, '--set', change])
    expect(rendered.code).toBe(1)
    expect(rendered.stderr).toContain(sentence)
  })

  test('never renders caBundle, data of the CA Secret or the spec of the Lease', async () => {
    const manifests = await render()
    expect(JSON.stringify(manifests)).not.toContain('caBundle')
    expect(Object.keys(find(manifests, 'Secret', 'modelroute-ca') ?? {})).not.toContain('data')
    expect(find(manifests, 'Lease', 'modelroute-operator')).not.toHaveProperty('spec')
  })

  test('runs pods that the Pod Security level "restricted" admits', async () => {
    const namespace = await api.createNamespace('restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' })
    const templates = (await render()).filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    expect(templates).toHaveLength(2)
    for (const { spec } of templates) {
      const template = (spec as { template: { spec: object } }).template
      const pod = { ...template.spec, serviceAccountName: 'default' }
      const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'restricted' }, spec: pod }
      const create = ['-n', namespace, 'create', '--dry-run=server', '-f', '-']
      expect(await api.kubectl(create, { stdin: JSON.stringify(manifest) })).toMatchObject({ code: 0, stderr: '' })
    }
  })

  test('ends the hook that waits for the webhook by itself, and leaves nothing of it', async () => {
    const hooks = (await render('--set', 'probe.timeoutSeconds=60')).filter(
      ({ metadata }) => metadata.annotations?.['helm.sh/hook'] !== undefined,
    )
    expect(hooks.map(({ kind }) => kind).toSorted()).toEqual(['Job', 'Role', 'RoleBinding', 'ServiceAccount'])
    const policies = hooks.map(({ metadata }) => metadata.annotations?.['helm.sh/hook-delete-policy'])
    expect([...new Set(policies)]).toEqual(['before-hook-creation,hook-succeeded'])
    const job = hooks.find(({ kind }) => kind === 'Job')
    expect(job).toMatchObject({ spec: { backoffLimit: 0, activeDeadlineSeconds: 90, ttlSecondsAfterFinished: 600 } })
    expect(await render('--set', 'probe.enabled=false')).not.toContainEqual(expect.objectContaining({ kind: 'Job' }))
  })

  test('holds no container of the sidecar', async () => {
    const manifests = await render()
    const images = JSON.stringify(manifests).match(/"command":\["node","[^"]+"\]/g)
    expect(images?.toSorted()).toEqual([
      '"command":["node","/app/operator.mjs"]',
      '"command":["node","/app/webhook-probe.mjs"]',
    ])
  })

  test.each([
    [[], 'ghcr.io/modelroute/modelroute:0.1.0', 'ghcr.io/modelroute/modelroute:0.1.0'],
    [
      ['image.registry=r.example', 'image.tag=v9'],
      'r.example/ghcr.io/modelroute/modelroute:v9',
      'r.example/ghcr.io/modelroute/modelroute:v9',
    ],
    [['image.repository=local', 'image.tag=v1'], 'local:v1', 'local:v1'],
    [['image.digest=sha256:ab'], 'ghcr.io/modelroute/modelroute@sha256:ab', 'ghcr.io/modelroute/modelroute@sha256:ab'],
    [
      ['image.digest=sha256:ab', 'proxy.image.tag=v2'],
      'ghcr.io/modelroute/modelroute@sha256:ab',
      'ghcr.io/modelroute/modelroute:v2',
    ],
    [['proxy.image.repository=side'], 'ghcr.io/modelroute/modelroute:0.1.0', 'side:0.1.0'],
  ])('with %j runs operator and sidecar from the right images', async (changes, operator, sidecar) => {
    const manifests = await render(...changes.flatMap((change) => ['--set', change]))
    const deployment = JSON.stringify(find(manifests, 'Deployment', 'modelroute-operator'))
    expect(deployment).toContain(`"image":"${operator}"`)
    expect(deployment).toContain(`"name":"MODELROUTE_PROXY_IMAGE","value":"${sidecar}"`)
  })

  test('hands the operator settings that it understands', async () => {
    const manifests = await render('--set', 'proxy.resources.limits.cpu=2')
    const deployment = find(manifests, 'Deployment', 'modelroute-operator') as unknown as { readonly spec: PodOwner }
    const [container] = deployment.spec.template.spec.containers
    const fromPod: Readonly<Record<string, string>> = {
      'metadata.namespace': releaseNamespace,
      'metadata.name': 'modelroute-operator-0',
      'status.podIP': '10.0.0.7',
      'spec.serviceAccountName': 'modelroute-operator',
    }
    const environment = Object.fromEntries(
      (container?.env ?? []).map(({ name, value, valueFrom }) => [
        name,
        value ?? fromPod[valueFrom.fieldRef.fieldPath],
      ]),
    )
    const parsed = parseConfig(environment)
    expect(parsed).toMatchObject({
      kind: 'config',
      config: {
        namespace: releaseNamespace,
        replicas: 2,
        pushHost: 'modelroute-push.modelroute-system.svc',
        ports: { webhook: 9443, push: 9444, admin: 9445 },
        tokenFile: '/var/run/modelroute/identity/token',
        sidecar: {
          image: 'ghcr.io/modelroute/modelroute:0.1.0',
          resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { cpu: '2', memory: '256Mi' } },
        },
      },
    })
    const names = (parsed.kind === 'config' && parsed.config.certificateNames) || []
    expect(names).toContain('modelroute-webhook.modelroute-system.svc')
  })

  test('keeps CRDs unless told, and leaves them out when told', async () => {
    const crdsOf = (manifests: Manifest[]) => manifests.filter(({ kind }) => kind === 'CustomResourceDefinition')
    const keep = 'helm.sh/resource-policy'
    expect(crdsOf(await render()).map(({ metadata }) => metadata.annotations?.[keep])).toEqual(['keep', 'keep'])
    const unkept = crdsOf(await render('--set', 'crds.keep=false'))
    expect(unkept.map(({ metadata }) => metadata.annotations?.[keep])).toEqual([undefined, undefined])
    expect(crdsOf(await render('--set', 'crds.enabled=false'))).toEqual([])
  })

  test('renders every option, and the API server takes all of it', async () => {
    const changes = [
      'networkPolicy.enabled=true',
      'webhook.hostNetwork=true',
      'webhook.excludedNamespaces={a}',
      'secrets.allNamespaces=false',
      'secrets.namespaces={default}',
      'proxy.resources.limits.cpu=1',
      'commonLabels.team=red',
      'podLabels.x=y',
      'podAnnotations.x=y',
      'imagePullSecrets[0].name=pull',
      'priorityClassName=high',
      'nodeSelector.disk=ssd',
      'webhook.matchConditions[0].name=more',
      "webhook.matchConditions[0].expression=object.metadata.name != 'x'",
      'tolerations[0].operator=Exists',
      'serviceAccount.annotations.x=y',
      'resources.limits=null',
    ]
    const settings = changes.flatMap((change) => ['--set', change])
    const text = await renderText('--namespace', 'default', '--no-hooks', ...settings)
    const applied = await api.kubectl(['apply', '--dry-run=server', '-f', '-'], { stdin: text })
    expect(applied).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('an installation', () => {
  const caBundle = Buffer.from('-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n').toString('base64')
  const jsonpath = async (object: string, path: string) =>
    api.mustKubectl([...inRelease, 'get', object, '-o', `jsonpath=${path}`])

  /** What the operator writes, by its own rights and as its own field manager. */
  async function writeAsOperator(): Promise<void> {
    const user = `system:serviceaccount:${releaseNamespace}:modelroute-operator`
    const patch = (object: string, body: unknown) =>
      api.mustKubectl(
        [...inRelease, 'patch', object, '--type=merge', '--field-manager=modelroute', '-p', JSON.stringify(body)],
        {
          user,
        },
      )
    await patch('secret/modelroute-ca', { data: { 'ca.crt': Buffer.from('authority').toString('base64') } })
    const lease = JSON.parse(
      await api.mustKubectl([...inRelease, 'get', 'lease/modelroute-operator', '-o', 'json']),
    ) as object
    const held = JSON.stringify({ ...lease, spec: { holderIdentity: 'modelroute-operator-1' } })
    await api.mustKubectl([...inRelease, 'replace', '--field-manager=modelroute', '-f', '-'], { user, stdin: held })
    const indices = [0, 1, 2, 3, 4]
    const operations = indices.map((at) => ({
      op: 'add',
      path: `/webhooks/${at}/clientConfig/caBundle`,
      value: caBundle,
    }))
    const webhooks = 'mutatingwebhookconfiguration/modelroute'
    await api.mustKubectl(
      ['patch', webhooks, '--type=json', '--field-manager=modelroute', '-p', JSON.stringify(operations)],
      {
        user,
      },
    )
  }

  const readOperatorsWork = async () => ({
    authority: await jsonpath('secret/modelroute-ca', '{.data.ca\\.crt}'),
    holder: await jsonpath('lease/modelroute-operator', '{.spec.holderIdentity}'),
    bundles: await jsonpath('mutatingwebhookconfiguration/modelroute', '{.webhooks[*].clientConfig.caBundle}'),
  })
  const operatorsWork = {
    authority: Buffer.from('authority').toString('base64'),
    holder: 'modelroute-operator-1',
    bundles: Array.from({ length: 5 }, () => caBundle).join(' '),
  }

  test('is one command, and prints three commands to verify it', async () => {
    const notes = await helm.must(install)
    expect(notes).toContain('STATUS: deployed')
    const commands = notes.split('Three commands to verify it:')[1]?.match(/^ {2}\S.*$/gm)
    expect(commands?.slice(0, 3).map((line) => line.trim().split(' ')[0])).toEqual(['kubectl', 'kubectl', 'kubectl'])
  })

  test('leaves what the operator wrote alone in an upgrade', async () => {
    await writeAsOperator()
    await helm.must([
      'upgrade',
      'modelroute',
      chartFolder,
      ...inRelease,
      '--set',
      'probe.enabled=false',
      '--set',
      'logLevel=debug',
    ])
    expect(await readOperatorsWork()).toEqual(operatorsWork)
  })

  test('leaves it alone under server-side apply, without a conflict', async () => {
    const text = await renderText('--no-hooks', '--set', 'probe.enabled=false')
    const apply = ['apply', '--server-side', '--field-manager=helm', '-f', '-']
    // Once by force, since the objects were created without server-side apply; then as every later release does.
    await api.mustKubectl([...apply, '--force-conflicts'], { stdin: text })
    const applied = await api.kubectl(apply, { stdin: text })
    expect(applied).toMatchObject({ code: 0, stderr: '' })
    expect(await readOperatorsWork()).toEqual(operatorsWork)
  })

  test('leaves CRDs, resources and the CA Secret when it is uninstalled, and nothing else', async () => {
    const route = { podSelector: {}, rules: [{ name: 'all', backends: [{ providerRef: { name: 'openai' } }] }] }
    const manifest = {
      apiVersion: 'modelroute.dev/v1alpha1',
      kind: 'ModelRoute',
      metadata: { name: 'kept' },
      spec: route,
    }
    await api.mustKubectl(['-n', 'default', 'apply', '-f', '-'], { stdin: JSON.stringify(manifest) })
    await helm.must(['uninstall', 'modelroute', ...inRelease])

    const ofRelease = ['-l', 'app.kubernetes.io/instance=modelroute', '-o', 'name']
    const clusterKinds =
      'crd,clusterrole,clusterrolebinding,mutatingwebhookconfiguration,validatingadmissionpolicy,validatingadmissionpolicybinding'
    const clusterWide = await api.mustKubectl(['get', clusterKinds, ...ofRelease])
    expect(clusterWide.trim().split('\n').toSorted()).toEqual([
      'customresourcedefinition.apiextensions.k8s.io/modelproviders.modelroute.dev',
      'customresourcedefinition.apiextensions.k8s.io/modelroutes.modelroute.dev',
    ])
    const kinds = 'deploy,svc,sa,role,rolebinding,secret,lease,pdb,networkpolicy,job,configmap'
    expect(await api.mustKubectl([...inRelease, 'get', kinds, ...ofRelease])).toBe(
      'secret/modelroute-ca\nsecret/modelroute-redaction\n',
    )
    expect(await api.mustKubectl(['-n', 'default', 'get', 'mr', '-o', 'name'])).toBe('modelroute.modelroute.dev/kept\n')
  })

  test('adopts what was left when it is installed again', async () => {
    await helm.must(install)
    expect(await jsonpath('secret/modelroute-ca', '{.data.ca\\.crt}')).toBe(Buffer.from('authority').toString('base64'))
    expect(await api.mustKubectl(['-n', 'default', 'get', 'mr', '-o', 'name'])).toBe('modelroute.modelroute.dev/kept\n')
  })
})

describe('the rights of the operator', () => {
  const user = `system:serviceaccount:${releaseNamespace}:modelroute-operator`
  const can = async (right: string) => {
    const answer = await api.kubectl(['auth', 'can-i', ...right.split(' ')], { user })
    return answer.stdout.trim()
  }
  const own = `-n ${releaseNamespace}`

  test.each([
    'list modelroutes -A',
    'watch modelproviders -A',
    'patch modelroutes --subresource=status -n default',
    'patch modelproviders --subresource=status -n default',
    'watch pods -A',
    'create tokenreviews.authentication.k8s.io',
    'get secret/openai -n default',
    `patch secret/modelroute-ca ${own}`,
    `patch secret/modelroute-redaction ${own}`,
    `update lease/modelroute-operator ${own}`,
    'patch mutatingwebhookconfiguration/modelroute',
  ])('allow: %s', async (right) => expect(await can(right)).toBe('yes'))

  test.each([
    'create events -n default',
    'list secrets -A',
    'watch secrets -n default',
    `list secrets ${own}`,
    'patch secret/openai -n default',
    `patch secret/another ${own}`,
    `create secrets ${own}`,
    `create leases ${own}`,
    `patch lease/another ${own}`,
    'patch mutatingwebhookconfiguration/another',
    'create mutatingwebhookconfigurations',
    'delete mutatingwebhookconfiguration/modelroute',
    'patch modelroutes -n default',
    'create modelroutes -n default',
    'delete modelproviders -n default',
    'create pods -n default',
    'patch deployments -n default',
    'get pods --subresource=log -n default',
    'create pods --subresource=exec -n default',
    'create subjectaccessreviews.authorization.k8s.io',
    'impersonate users',
  ])('do not allow: %s', async (right) => expect(await can(right)).toBe('no'))

  test('on Secrets are those of the named namespaces alone, if wished', async () => {
    const manifests = await render('--set', 'secrets.allNamespaces=false', '--set', 'secrets.namespaces={models}')
    const role = JSON.stringify(find(manifests, 'ClusterRole', 'modelroute-operator'))
    expect(role).not.toContain('"secrets"')
    const named = manifests.filter(({ kind, metadata }) => kind === 'Role' && metadata.namespace === 'models')
    expect(named).toHaveLength(1)
    expect(named[0]).toMatchObject({ rules: [{ resources: ['secrets'], verbs: ['get'] }] })
  })
})
