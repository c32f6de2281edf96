// Golden pairs: a folder of resources in, tables, findings and conditions out; the examples are inputs too. Read a new .out.yaml aloud before
// committing it. Secrets in the input stand for the answers of the API server; `vitest -u` writes the outputs anew.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dump } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { check } from '../../operator/checks.ts'
import { gather, LastGoodSpecs } from '../../operator/gather.ts'
import { groupPods } from '../../operator/groups.ts'
import { collectObjects } from '../../operator/kube/folder-objects.ts'
import { parseYamlDocuments } from '../../operator/kube/yaml-documents.ts'
import type { ProxyPod } from '../../operator/kube/source.ts'
import type { KeyReference, KeyState } from '../../operator/push/publication.ts'
import { MAX_RULES, translate } from '../../operator/translate.ts'
import { anyPod, anyProvider, anyRoute, inputsOf } from '../support/resources.ts'

const folder = join(import.meta.dirname, '../golden/translate')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.in.yaml'))
  .map((file) => file.replace(/\.in\.yaml$/, ''))

const exampleFolder = join(import.meta.dirname, '../../crds/examples')
const examples = readdirSync(exampleFolder).map((name) => name.replace(/\.yaml$/, ''))

describe('golden pairs', () => {
  test.each(names)('%s', async (name) => {
    const outcome = translateFiles([join(folder, `${name}.in.yaml`)])
    await expect(print(outcome)).toMatchFileSnapshot(join(folder, `${name}.out.yaml`))
  })

  /** Applied as they are, beside a pod that they select: an example must work, so it has no findings. */
  test.each(examples)('example %s', async (name) => {
    const files = readdirSync(exampleFolder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file === `${name}.yaml` || file.startsWith(`${name}/`),
    )
    const app = { 'failover-tiers': 'assistant', passthrough: 'agent' }[name] ?? 'chat'
    const pod = anyPod({ namespace: 'default', labels: { app } })
    const outcome = translateFiles(
      files.toSorted().map((file) => join(exampleFolder, file)),
      pod,
    )
    expect(outcome.flatMap(({ findings }) => findings)).toEqual([])
    await expect(print(outcome)).toMatchFileSnapshot(join(folder, `examples/${name}.out.yaml`))
  })
})

function print(outcome: unknown): string {
  return dump(outcome, { noRefs: true, lineWidth: 120 })
}

function translateFiles(paths: readonly string[], pod?: ProxyPod) {
  const contents = paths.map((path) => {
    const parsed = parseYamlDocuments(readFileSync(path, 'utf8'))
    if (parsed.kind === 'fault') throw new Error(parsed.message)
    return { path, documents: parsed.documents }
  })
  const collected = collectObjects(contents, new Map())
  const objects = collected.pods.length === 0 && pod ? { ...collected, pods: [pod] } : collected
  const namespaces = [...new Set([...objects.routes, ...objects.providers].map(({ metadata }) => metadata.namespace))]
  return namespaces.map((namespace) => {
    const first = gather(namespace, {
      source: sourceOf(objects),
      keyStates: () => new Map(),
      lastGood: new LastGoodSpecs(),
    })
    const keys = translate(first, []).keys
    const keyStates = new Map(keys.map((key) => [key.id, stateOf(key, objects)]))
    const inputs = { ...first, keyStates }
    const podGroups = groupPods(inputs)
    const { groups, findings } = translate(inputs, podGroups)
    return {
      namespace,
      groups: groups.map(({ table, keys: held }, index) => ({
        pods: podGroups[index]?.pods.map((pod) => pod.name),
        keys: held.map(({ id }) => id),
        table: { ...table, version: 'a hash' },
      })),
      findings: [...check(inputs, podGroups), ...findings].map(({ subject, ...finding }) => ({
        subject: `${subject.kind} ${subject.name}`,
        ...finding,
      })),
    }
  })
}

function stateOf(key: KeyReference, { secrets }: ReturnType<typeof collectObjects>): KeyState {
  const secret = secrets.find((entry) => entry.namespace === key.namespace && entry.name === key.secretName)
  if (!secret) return { kind: 'secretMissing' }
  return { kind: key.secretKey in secret.data ? 'present' : 'keyMissing' }
}

function sourceOf(objects: ReturnType<typeof collectObjects>) {
  return {
    read: (namespace: string) => ({
      routes: objects.routes.filter(({ metadata }) => metadata.namespace === namespace),
      providers: objects.providers.filter(({ metadata }) => metadata.namespace === namespace),
      pods: objects.pods.filter((pod) => pod.namespace === namespace),
    }),
  }
}

describe('a table', () => {
  const translateOne = (inputs: ReturnType<typeof inputsOf>) => translate(inputs, groupPods(inputs))

  test('has the same version for the same content and another one when a weight changes', () => {
    const withWeight = (weight: number) => {
      const backends = [{ providerRef: { name: 'openai' }, weight }]
      const routes = [anyRoute({ rules: [{ name: 'all', backends }] })]
      return translateOne(inputsOf({ routes, providers: [anyProvider()], pods: [anyPod()] })).groups[0]?.table.version
    }
    expect(withWeight(1)).toMatch(/^[0-9a-f]{32}$/)
    expect(withWeight(1)).toBe(withWeight(1))
    expect(withWeight(2)).not.toBe(withWeight(1))
  })

  test('has the same version whatever the order in which the resources were listed', () => {
    const routes = ['one', 'two', 'three'].map((name) => anyRoute({ metadata: { name } }))
    const providers = [anyProvider(), anyProvider({ metadata: { name: 'other' } })]
    const pods = [anyPod(), anyPod({ name: 'chat-2' })]
    const forth = translateOne(inputsOf({ routes, providers, pods }))
    const back = translateOne(
      inputsOf({ routes: routes.toReversed(), providers: providers.toReversed(), pods: pods.toReversed() }),
    )
    expect(back.groups).toEqual(forth.groups)
  })

  test('leaves out the one route that does not fit, says so, and keeps the others', () => {
    const rules = Array.from({ length: 16 }, (_, index) => ({
      name: `rule-${index}`,
      match: { models: [`model-${index}`] },
      backends: [{ providerRef: { name: 'openai' } }],
    }))
    const names = Array.from({ length: MAX_RULES / 16 + 1 }, (_, index) => `route-${String(index).padStart(3, '0')}`)
    const routes = names.map((name) => anyRoute({ metadata: { name }, rules }))
    const { groups, findings } = translateOne(inputsOf({ routes, providers: [anyProvider()], pods: [anyPod()] }))
    expect(groups[0]?.table.routes).toHaveLength(MAX_RULES)
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ subject: { name: 'route-064' }, reason: 'TableFull', severity: 'error' })
    expect(findings[0]?.message).toContain('1024 rules')
  })

  test('stays within its bytes: a route that is too large for what is left is left out', () => {
    const models = Array.from({ length: 64 }, (_, index) => String(index).padEnd(256, 'x'))
    const rules = Array.from({ length: 16 }, (_, index) => ({
      name: `rule-${index}`,
      match: { models },
      backends: [{ providerRef: { name: 'openai' } }],
    }))
    const routes = Array.from({ length: 20 }, (_, index) => anyRoute({ metadata: { name: `route-${index}` }, rules }))
    const { groups, findings } = translateOne(inputsOf({ routes, providers: [anyProvider()], pods: [anyPod()] }))
    const table = groups[0]?.table
    expect(Buffer.byteLength(JSON.stringify(table))).toBeLessThanOrEqual(4 * 1024 * 1024)
    expect(table?.routes.length).toBe(15 * 16)
    expect(findings.map((finding) => finding.reason)).toEqual(Array.from({ length: 5 }, () => 'TableFull'))
  })

  test('is never given an id that is longer than its schema allows', () => {
    const long = 'n'.repeat(253)
    const routes = [
      anyRoute({ rules: [{ name: 'all', backends: [{ providerRef: { name: long }, model: 'm'.repeat(256) }] }] }),
    ]
    const provider = anyProvider({ metadata: { name: long }, secretName: 's'.repeat(253), secretKey: 'k'.repeat(253) })
    const { groups } = translateOne(inputsOf({ routes, providers: [provider], pods: [anyPod()] }))
    const [id, target] = Object.entries(groups[0]?.table.targets ?? {})[0] ?? []
    expect(id?.length).toBe(512)
    expect(target?.credential?.length).toBe(512)
    expect(groups[0]?.keys[0]?.id).toBe(target?.credential)
  })
})

describe('keys', () => {
  test('of a Secret that is missing are still followed, so that the backend comes back with it', () => {
    const inputs = inputsOf({
      routes: [anyRoute()],
      providers: [anyProvider()],
      pods: [anyPod()],
      keyStates: { 'shop/openai/api-key': { kind: 'secretMissing' } },
    })
    const { groups, keys } = translate(inputs, groupPods(inputs))
    expect(groups[0]?.table.routes[0]).toMatchObject({
      backends: [],
      unavailable: expect.stringContaining('Secret "openai"'),
    })
    expect(groups[0]?.keys.map(({ id }) => id)).toEqual(['shop/openai/api-key'])
    expect(keys.map(({ id }) => id)).toEqual(['shop/openai/api-key'])
  })

  test.each([
    ['not looked up yet', { kind: 'pending' as const }],
    ['forbidden now, because it may have been read before', { kind: 'forbidden' as const, reason: 'RBAC' }],
  ])('that are %s do not take a backend away', (_, state) => {
    const inputs = inputsOf({
      routes: [anyRoute()],
      providers: [anyProvider()],
      pods: [anyPod()],
      keyStates: { 'shop/openai/api-key': state },
    })
    expect(translate(inputs, groupPods(inputs)).groups[0]?.table.routes[0]?.backends).toHaveLength(1)
  })

  test('of a provider that no route uses are followed for its status but given to no proxy', () => {
    const inputs = inputsOf({ routes: [], providers: [anyProvider()], pods: [anyPod()] })
    const { groups, keys } = translate(inputs, groupPods(inputs))
    expect(keys).toHaveLength(1)
    expect(groups).toMatchObject([{ keys: [], table: { routes: [], targets: {} } }])
  })
})
