// Two replicas, one Secret that the chart made empty, and a clock that a test moves.
import { afterEach, expect, test } from 'vitest'
import { RootKeyKeeper, TICK_MS } from '../../../operator/redaction/root-key-keeper.ts'
import { ROTATE_AFTER_MS } from '../../../operator/redaction/root-keys.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { RecordingLogger } from '../../support/push-rig.ts'
import { CertificateApi } from '../inject/certificate-api.ts'

const started: RootKeyKeeper[] = []
afterEach(() => {
  for (const keeper of started.splice(0)) keeper.stop()
})

function createScene() {
  const scene = { api: new CertificateApi(), clock: new ManualClock(), logger: new RecordingLogger() }
  const start = async () => {
    const keeper = new RootKeyKeeper({ ...scene, namespace: 'modelroute-system', secretName: 'modelroute-ca' })
    started.push(keeper)
    await keeper.start()
    return keeper
  }
  const tick = async (byMs = TICK_MS) => {
    const isIdle = () => scene.clock.waiting === started.length
    await waitUntil('all replicas wait', isIdle, { intervalMs: 2 })
    scene.clock.jump(byMs)
    await waitUntil('all replicas wait again', isIdle, { intervalMs: 2 })
  }
  return { ...scene, start, tick }
}

const keyOf = (keeper: RootKeyKeeper) => keeper.keysOf('shop')?.entries[0]?.value.reveal()

test('two replicas that start together end with one key', async () => {
  const { start, api } = createScene()
  const [one, other] = await Promise.all([start(), start()])
  expect(keyOf(one)).toBeDefined()
  expect(keyOf(one)).toBe(keyOf(other))
  expect(api.secretWrites).toBe(1)
})

test('a rotation by one replica reaches the other, which tells its sessions', async () => {
  const { start, tick } = createScene()
  const [one, other] = await Promise.all([start(), start()])
  const before = keyOf(one)
  let changes = 0
  other.onChange(() => (changes += 1))
  await tick(ROTATE_AFTER_MS)
  await tick()
  expect(keyOf(one)).not.toBe(before)
  expect(keyOf(other)).toBe(keyOf(one))
  expect(other.keysOf('shop')?.entries[1]?.value.reveal()).toBe(before)
  expect(changes).toBe(1)
})

test('a Secret that was emptied gets back the key in memory', async () => {
  const { start, tick, api } = createScene()
  const keeper = await start()
  const before = keyOf(keeper)
  api.replaceSecretData({})
  await tick()
  expect(keyOf(keeper)).toBe(before)
  expect(api.secretText('current')).not.toBe('')
})

test('without an API server there is no key until it is back, and the log never holds one', async () => {
  const { start, tick, api, logger } = createScene()
  api.isAway = true
  const keeper = await start()
  expect(keeper.keysOf('shop')).toBeNull()
  api.isAway = false
  await tick()
  expect(keyOf(keeper)).toBeDefined()
  const log = logger.lines.join('\n')
  expect(log).toContain('cannot be kept current')
  expect(log).not.toContain(api.secretText('current'))
})
