// Writing a ModelProvider is no way to read Secrets: the chart's admission policy, alone on a real API server, with
// `kubectl apply` by a user who has rights on ModelProviders and on one Secret.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { installCrds } from '../support/crds.ts'
import { chartFolder, openHelm, releaseNamespace } from '../support/helm.ts'
import { connectTo } from '../support/kubernetes/api-access.ts'
import type { CommandResult } from '../support/kubernetes/run-command.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'

const api = connectTo(inject('api'))
let namespace = ''
let policy = ''

beforeAll(async () => {
  await installCrds(api)
  const helm = await openHelm()
  const show = ['--kube-version', '1.36.3', '--show-only', 'templates/secret-access.yaml']
  policy = await helm.must(['template', 'modelroute', chartFolder, '--namespace', releaseNamespace, ...show])
  await api.mustKubectl(['apply', '-f', '-'], { stdin: policy })
  namespace = await api.createNamespace('policy')
  await api.mustKubectl(['apply', '-f', '-'], { stdin: rights(namespace) })
  const forbidden = provider({ secret: 'theirs' })
  // The API server takes a moment to follow new policies.
  await waitUntil(
    'the policy is enforced',
    async () => (await applyAs('alice', forbidden, ['--dry-run=server'])).code === 1,
  )
}, 600_000)
afterAll(() => api.mustKubectl(['delete', '-f', '-'], { stdin: policy }))

/** alice may write ModelProviders and ModelRoutes, and get the Secret `ours`. */
function rights(place: string): string {
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'alice', namespace: place },
    rules: [
      { apiGroups: ['modelroute.dev'], resources: ['modelproviders', 'modelroutes'], verbs: ['*'] },
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['ours', 'ours-too'], verbs: ['get'] },
    ],
  }
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'alice', namespace: place },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'alice' },
    subjects: [{ kind: 'User', name: 'alice', apiGroup: 'rbac.authorization.k8s.io' }],
  }
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [role, binding] })
}

interface ProviderWish {
  readonly name?: string
  /** Absent: without a credential. */
  readonly secret?: string
  readonly url?: string
  readonly models?: readonly string[]
}

function provider({ name = 'openai', secret, url = 'https://api.openai.com/v1', models = [] }: ProviderWish): string {
  const credential = secret === undefined ? {} : { credential: { secretRef: { name: secret, key: 'api-key' } } }
  const spec = { dialect: 'OpenAI', url, ...credential, models: models.map((model) => ({ name: model })) }
  return JSON.stringify({ apiVersion: 'modelroute.dev/v1alpha1', kind: 'ModelProvider', metadata: { name }, spec })
}

function applyAs(user: string, manifest: string, parameters: readonly string[] = []): Promise<CommandResult> {
  return api.kubectl(['-n', namespace, 'apply', '-f', '-', ...parameters], { user, stdin: manifest })
}

const refusal = (secret: string) =>
  `user "alice" may not get the Secret "${secret}" in namespace "${namespace}", and a ModelProvider sends its key to ` +
  'spec.url: ask for a Role with the verb get on that Secret'

describe('a user who may not get the Secret', () => {
  test('cannot create a ModelProvider that names it, and is told which right is missing', async () => {
    const applied = await applyAs('alice', provider({ secret: 'theirs' }))
    expect(applied).toMatchObject({ code: 1, stdout: '' })
    expect(applied.stderr.trim()).toBe(
      'Error from server (Forbidden): error when creating "STDIN": modelproviders.modelroute.dev "openai" is forbidden: ' +
        "ValidatingAdmissionPolicy 'modelroute-secret-access' with binding 'modelroute-secret-access' denied request: " +
        refusal('theirs'),
    )
  })

  test('cannot make a ModelProvider name it', async () => {
    expect(await applyAs('alice', provider({ name: 'change', secret: 'ours' }))).toMatchObject({ code: 0 })
    const applied = await applyAs('alice', provider({ name: 'change', secret: 'theirs' }))
    expect(applied.stderr).toContain(refusal('theirs'))
  })

  test('cannot add a credential that names it', async () => {
    expect(await applyAs('alice', provider({ name: 'add' }))).toMatchObject({ code: 0 })
    expect((await applyAs('alice', provider({ name: 'add', secret: 'theirs' }))).stderr).toContain(refusal('theirs'))
  })

  test('cannot send its key elsewhere by changing the url of another one’s ModelProvider', async () => {
    await applyAs('admin', provider({ name: 'moved', secret: 'theirs' }))
    const moved = provider({ name: 'moved', secret: 'theirs', url: 'https://attacker.example/v1' })
    expect((await applyAs('alice', moved)).stderr).toContain(refusal('theirs'))
  })

  test('cannot do it by a patch or by server-side apply either', async () => {
    await applyAs('admin', provider({ name: 'patched', secret: 'theirs' }))
    const patch = [
      '-n',
      namespace,
      'patch',
      'mp/patched',
      '--type=merge',
      '-p',
      '{"spec":{"url":"https://attacker.example"}}',
    ]
    expect((await api.kubectl(patch, { user: 'alice' })).stderr).toContain(refusal('theirs'))
    const applied = await applyAs('alice', provider({ name: 'new', secret: 'theirs' }), ['--server-side'])
    expect(applied.stderr).toContain(refusal('theirs'))
  })

  test('may still change the rest of a ModelProvider, and delete it', async () => {
    await applyAs('admin', provider({ name: 'rest', secret: 'theirs' }))
    const changed = await applyAs('alice', provider({ name: 'rest', secret: 'theirs', models: ['gpt-5'] }))
    expect(changed).toMatchObject({ code: 0, stderr: expect.not.stringContaining('denied') as string })
    expect(await api.kubectl(['-n', namespace, 'delete', 'mp/rest'], { user: 'alice' })).toMatchObject({ code: 0 })
  })

  test('may take the credential away', async () => {
    await applyAs('admin', provider({ name: 'freed', secret: 'theirs' }))
    const patch = [
      '-n',
      namespace,
      'patch',
      'mp/freed',
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/spec/credential"}]',
    ]
    expect(await api.kubectl(patch, { user: 'alice' })).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('a user who may get the Secret', () => {
  test('may name it, move the url and turn to another Secret that they may get', async () => {
    const name = 'free'
    expect(await applyAs('alice', provider({ name, secret: 'ours' }))).toMatchObject({ code: 0 })
    const url = 'https://elsewhere.example/v1'
    expect(await applyAs('alice', provider({ name, secret: 'ours', url }))).toMatchObject({ code: 0 })
    expect(await applyAs('alice', provider({ name, secret: 'ours-too', url }))).toMatchObject({ code: 0 })
  })
})

function masking(secret: string, profile = 'Standard'): string {
  const redact = { profile, words: { secretRef: { name: secret, key: 'words' } } }
  const rules = [{ name: 'all', backends: [{ providerRef: { name: 'openai' } }], redact }]
  const metadata = { name: `masks-${secret}` }
  const spec = { podSelector: {}, rules }
  return JSON.stringify({ apiVersion: 'modelroute.dev/v1alpha1', kind: 'ModelRoute', metadata, spec })
}

describe('a ModelRoute that masks the words of a Secret', () => {
  test('cannot be written by a user who may not get that Secret', async () => {
    const applied = await applyAs('alice', masking('theirs'))
    expect(applied.stderr).toContain(
      `user "alice" may not get every Secret of words that this ModelRoute names ("theirs") in namespace ` +
        `"${namespace}", and a ModelRoute masks the words in it: ask for a Role with the verb get on that Secret`,
    )
  })

  test('can be written by one who may, and deleted by anybody with a right to it', async () => {
    expect(await applyAs('alice', masking('ours'))).toMatchObject({ code: 0 })
    await applyAs('admin', masking('theirs'))
    expect((await applyAs('alice', masking('theirs', 'Strict'))).stderr).toContain('may not get every Secret of words')
    expect(await api.kubectl(['-n', namespace, 'delete', 'mr/masks-theirs'], { user: 'alice' })).toMatchObject({
      code: 0,
    })
  })
})
