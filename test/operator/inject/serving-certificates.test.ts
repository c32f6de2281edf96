// Two replicas, one Secret, one webhook configuration, and a clock that a test moves.
import { X509Certificate } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { DAY_MS } from '../../../operator/inject/certificate.ts'
import {
  type Certificates,
  createLocalCertificates,
  startCertificates,
  TICK_MS,
} from '../../../operator/inject/serving-certificates.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { CertificateApi } from './certificate-api.ts'

const quick = { intervalMs: 2 }
const started: Certificates[] = []
afterEach(() => {
  for (const certificates of started.splice(0)) certificates.stop()
})

interface Scene {
  readonly api: CertificateApi
  readonly clock: ManualClock
  readonly logged: string[]
}

const createScene = (): Scene => ({ api: new CertificateApi(), clock: new ManualClock(), logged: [] })

async function start(scene: Scene): Promise<Certificates> {
  const log = (fields: object, message: string) => void scene.logged.push(`${message} ${JSON.stringify(fields)}`)
  const certificates = await startCertificates({
    api: scene.api,
    clock: scene.clock,
    log: { info: log, warn: log },
    namespace: 'modelroute-system',
    secretName: 'modelroute-ca',
    webhookName: 'modelroute',
    names: ['modelroute-webhook.modelroute-system.svc', '10.0.0.7'],
  })
  started.push(certificates)
  return certificates
}

/** Moves the clock to the next tick and waits until every replica has done it. */
async function tick(scene: Scene, byMs = TICK_MS): Promise<void> {
  const replicas = started.length
  await waitUntil('all replicas wait', () => scene.clock.waiting === replicas, quick)
  scene.clock.jump(byMs)
  await waitUntil('all replicas wait again', () => scene.clock.waiting === replicas, quick)
}

const leafOf = (certificates: Certificates) => new X509Certificate(certificates.secureContextOptions().cert)
const isTrusted = (certificates: Certificates, bundle: string) =>
  bundle
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .some((pem) => leafOf(certificates).verify(new X509Certificate(pem).publicKey))

describe('startCertificates', () => {
  test('fills the empty Secret of the chart and tells the API server whom to trust', async () => {
    const scene = createScene()
    const certificates = await start(scene)
    await waitUntil('caBundle', () => scene.api.caBundles().every((bundle) => bundle === certificates.caPem()))
    expect(scene.api.secretText('ca.crt')).toBe(certificates.caPem())
    expect(leafOf(certificates).checkHost('modelroute-webhook.modelroute-system.svc')).toBeDefined()
    expect(leafOf(certificates).checkIP('10.0.0.7')).toBe('10.0.0.7')
    expect(isTrusted(certificates, certificates.caPem())).toBe(true)
  })

  test('lets two replicas that start together end with one authority and a leaf each', async () => {
    const scene = createScene()
    const [one, other] = await Promise.all([start(scene), start(scene)])
    expect(one.caPem()).toBe(other.caPem())
    expect(scene.api.secretWrites).toBe(1)
    expect(scene.api.conflicts).toBe(1)
    expect(one.secureContextOptions().cert).not.toBe(other.secureContextOptions().cert)
  })

  test('waits for the Secret, saying once what it waits for, and then goes on', async () => {
    const scene = createScene()
    scene.api.isSecretMissing = true
    const starting = start(scene)
    await waitUntil('the first try', () => scene.clock.waiting === 1, quick)
    scene.clock.advance(TICK_MS)
    await waitUntil('the second try', () => scene.clock.waiting === 1, quick)
    expect(scene.logged).toHaveLength(1)
    expect(scene.logged[0]).toContain('404 to reading the Secret modelroute-ca')
    scene.api.isSecretMissing = false
    scene.clock.advance(TICK_MS)
    expect((await starting).caPem()).toContain('BEGIN CERTIFICATE')
  })

  test('serves the same certificate tick after tick and writes nothing', async () => {
    const scene = createScene()
    const certificates = await start(scene)
    await tick(scene)
    const { writes } = scene.api
    const { cert } = certificates.secureContextOptions()
    await tick(scene)
    await tick(scene)
    expect(scene.api.writes).toBe(writes)
    expect(certificates.secureContextOptions().cert).toBe(cert)
  })

  test('replaces the leaf after two thirds of its life, also when the machine slept over it', async () => {
    const scene = createScene()
    const certificates = await start(scene)
    let changes = 0
    certificates.onChange(() => (changes += 1))
    const { cert } = certificates.secureContextOptions()
    await tick(scene, 4.5 * DAY_MS)
    expect(certificates.secureContextOptions().cert).toBe(cert)
    await tick(scene, 0.5 * DAY_MS)
    expect(certificates.secureContextOptions().cert).not.toBe(cert)
    expect(changes).toBe(1)
    await tick(scene, 30 * DAY_MS)
    expect(Date.parse(leafOf(certificates).validTo)).toBeGreaterThan(scene.clock.now())
    expect(changes).toBe(2)
  })

  test('renews the authority with an overlap: the old bundle trusts the new leaf through the whole change', async () => {
    const scene = createScene()
    const certificates = await start(scene)
    const first = certificates.caPem()
    await tick(scene, 250 * DAY_MS)
    const both = certificates.caPem()
    expect(both.startsWith(first)).toBe(true)
    expect(both.length).toBeGreaterThan(first.length)
    expect(isTrusted(certificates, first)).toBe(true)
    expect(scene.api.caBundles()).toEqual([both, both])
    await tick(scene, 31 * DAY_MS)
    expect(isTrusted(certificates, first)).toBe(false)
    expect(isTrusted(certificates, both)).toBe(true)
    expect(certificates.caPem()).toContain(first)
    await tick(scene, 100 * DAY_MS)
    expect(certificates.caPem()).not.toContain(first)
  })

  test('brings a replica that renewed nothing to the same authority within one tick', async () => {
    const scene = createScene()
    const [one, other] = [await start(scene), await start(scene)]
    await tick(scene, 250 * DAY_MS)
    await tick(scene)
    expect(one.caPem()).toBe(other.caPem())
    expect(one.caPem().split('BEGIN CERTIFICATE')).toHaveLength(3)
  })

  test.each([
    ['emptied', {}],
    ['spoiled', { 'ca.crt': 'aGVsbG8=', 'ca.key': 'aGVsbG8=' }],
  ])('puts the authority back when somebody has %s the Secret', async (_what, data) => {
    const scene = createScene()
    const certificates = await start(scene)
    const before = certificates.caPem()
    scene.api.replaceSecretData(data)
    await tick(scene)
    expect(scene.api.secretText('ca.crt')).toBe(before)
    expect(certificates.caPem()).toBe(before)
  })

  test('patches caBundle again after somebody has replaced the whole webhook configuration', async () => {
    const scene = createScene()
    const certificates = await start(scene)
    await tick(scene)
    scene.api.replaceConfiguration()
    expect(scene.api.caBundles()).toEqual(['', ''])
    await tick(scene)
    expect(scene.api.caBundles()).toEqual([certificates.caPem(), certificates.caPem()])
  })

  test('goes on serving while the API server is away and says so once', async () => {
    const scene = createScene()
    const certificates = await start(scene)
    await tick(scene)
    scene.logged.length = 0
    scene.api.isAway = true
    await tick(scene)
    await tick(scene)
    expect(scene.logged).toHaveLength(1)
    expect(certificates.caPem()).toContain('BEGIN CERTIFICATE')
    scene.api.isAway = false
    await tick(scene)
    expect(scene.logged).toHaveLength(2)
  })
})

test('createLocalCertificates serves without a cluster', async () => {
  const certificates = await createLocalCertificates({ names: ['127.0.0.1'], nowMs: Date.now() })
  expect(leafOf(certificates).checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(isTrusted(certificates, certificates.caPem())).toBe(true)
})
