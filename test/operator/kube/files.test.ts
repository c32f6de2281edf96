// A folder of yaml as the cluster: what is in force after each kind of edit, and within which time.
import { mkdtemp, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openResourceFolder, type ResourceFolder } from '../../../operator/kube/files.ts'
import { MAX_YAML_BYTES } from '../../../operator/kube/yaml-documents.ts'
import { systemClock } from '../../../proxy/telemetry/clock.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { RecordingLogger } from '../../support/push-rig.ts'
import { anyPod } from '../../support/resources.ts'

/** What `npm start` promises for a saved file. */
const visibleMs = 1_000

let folder: string
let files: ResourceFolder
let changed: string[]
let logger: RecordingLogger

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelroute-files-'))
  logger = new RecordingLogger()
  changed = []
  const pods = [anyPod({ namespace: 'default', name: 'laptop' })]
  files = openResourceFolder({ folder, pods, logger, clock: systemClock })
})
afterEach(async () => {
  await files.resources.stop()
  await rm(folder, { recursive: true, force: true })
})

function routeText(model: string, name = 'chat'): string {
  return `apiVersion: modelroute.dev/v1alpha1
kind: ModelRoute
metadata: { name: ${name} }
spec:
  podSelector: {}
  rules: [ { name: all, backends: [ { providerRef: { name: local }, model: ${model} } ] } ]
`
}

const save = (name: string, text: string) => writeFile(join(folder, name), text)
const start = () => files.resources.start((namespace) => changed.push(namespace))
const routes = () => files.resources.read('default').routes
const models = () => routes().map(({ spec }) => spec?.rules[0]?.backends[0]?.model)

function shows(expected: readonly (string | undefined)[]): Promise<true> {
  return waitUntil(
    `the models are ${expected.join()}`,
    () => JSON.stringify(models()) === JSON.stringify(expected) || undefined,
    { timeoutMs: visibleMs, intervalMs: 10 },
  )
}

describe('what a folder holds', () => {
  test('is listed once at the start, in every file and document, below folders too', async () => {
    await save('all.yaml', `${routeText('one', 'a')}---\n${routeText('two', 'b')}---\n`)
    await save('readme.md', 'kind: ModelRoute')
    await start()
    expect(models()).toEqual(['one', 'two'])
    expect(files.resources.namespaces()).toEqual(['default'])
    expect(routes()[0]?.metadata).toMatchObject({ namespace: 'default', name: 'a', generation: 1 })
  })

  test('gives its Secrets by name, whatever of data and stringData they use', async () => {
    await save(
      'secret.yaml',
      'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata: { a: YQ== }\nstringData: { b: b }\n',
    )
    await start()
    expect(await files.secrets.read('default', 's')).toMatchObject({ kind: 'found', data: { a: 'YQ==', b: 'Yg==' } })
    expect(await files.secrets.read('default', 'other')).toEqual({ kind: 'missing' })
    const before = await files.secrets.version('default', 's')
    await save('secret.yaml', 'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { b: changed }\n')
    await waitUntil('the change is told', () => changed.length > 1, { timeoutMs: visibleMs })
    expect(await files.secrets.version('default', 's')).not.toEqual(before)
  })

  test('takes its pods from Pod documents, and the given one only while there are none', async () => {
    await start()
    expect(files.resources.read('default').pods.map(({ name }) => name)).toEqual(['laptop'])
    await save('pod.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: { name: mine, labels: { app: chat } }\n')
    await waitUntil('the pod is there', () => files.resources.read('default').pods[0]?.name === 'mine')
    const [pod] = files.resources.read('default').pods
    expect(files.resources.findPod(pod?.uid ?? '')).toBe(pod)
  })

  test('must be a folder', async () => {
    const missing = join(folder, 'missing')
    const nowhere = openResourceFolder({ folder: missing, pods: [], logger, clock: systemClock })
    await expect(nowhere.resources.start(() => undefined)).rejects.toThrow(`${missing} is not a folder`)
  })
})

describe('an edit', () => {
  beforeEach(async () => {
    await save('route.yaml', routeText('one'))
    await start()
    changed.length = 0
  })

  test('is in force within a second, counts a generation, and keeps the uid', async () => {
    const before = routes()[0]?.metadata
    await save('route.yaml', routeText('two'))
    await shows(['two'])
    expect(routes()[0]?.metadata).toMatchObject({ uid: before?.uid, generation: 2 })
    expect(changed).toEqual(['default'])
  })

  test('by an editor that writes a new file and renames it over the old one is seen', async () => {
    await save('route.yaml.new', routeText('two'))
    await rename(join(folder, 'route.yaml.new'), join(folder, 'route.yaml'))
    await expect(shows(['two'])).resolves.toBe(true)
  })

  test('by an editor that empties the file first never shows an empty folder', async () => {
    await truncate(join(folder, 'route.yaml'))
    expect(models()).toEqual(['one'])
    await save('route.yaml', routeText('two'))
    await shows(['two'])
    expect(changed).toEqual(['default'])
  })

  test('that removes a file removes what was in it', async () => {
    await unlink(join(folder, 'route.yaml'))
    await expect(shows([])).resolves.toBe(true)
  })

  test('that cannot be read is told with file and line, and what was there stays in force', async () => {
    await save('route.yaml', 'apiVersion: v1\nkind: [\n')
    await waitUntil('it is told', () => files.faults().length === 1, { timeoutMs: visibleMs })
    expect(files.faults()[0]).toMatchObject({ file: 'route.yaml', line: 3 })
    expect(logger.lines.join()).toContain('route.yaml')
    expect(models()).toEqual(['one'])
    await save('route.yaml', routeText('two'))
    await shows(['two'])
    expect(files.faults()).toEqual([])
  })

  test('beyond the size limit is told and what was there stays in force', async () => {
    await save('route.yaml', `# ${'x'.repeat(MAX_YAML_BYTES)}`)
    await waitUntil('it is told', () => files.faults().length === 1)
    expect(files.faults()[0]?.message).toContain(`limit of ${MAX_YAML_BYTES}`)
    expect(models()).toEqual(['one'])
  })

  test('with a misspelt field is a fault of that route alone', async () => {
    await save('route.yaml', `${routeText('one')}  podSelectr: {}\n---\n${routeText('two', 'other')}`)
    await waitUntil('both are read', () => routes().length === 2)
    expect(routes()[0]).toMatchObject({ spec: null, faults: [{ path: 'spec.podSelectr' }] })
    expect(models()).toEqual([undefined, 'two'])
  })

  test('that gives one name twice says which counts', async () => {
    await save('second.yaml', routeText('two'))
    await waitUntil('it is told', () => files.faults().length === 1)
    expect(files.faults()[0]).toMatchObject({ file: 'second.yaml', message: expect.stringContaining('route.yaml') })
    expect(models()).toEqual(['one'])
  })
})

test('a Secret that cannot be read is told without a word of its content', async () => {
  await save('secret.yaml', 'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { key: [sk-leaked] }\n')
  await start()
  expect(files.faults()[0]?.message).toContain('stringData.key is not text')
  expect(JSON.stringify(files.faults()) + logger.lines.join()).not.toContain('sk-leaked')
})
