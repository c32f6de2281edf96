// Who leads, on a Lease in memory that is as strict as the API server: resourceVersions must match, times must have six
// digits. Clocks are moved by hand, the wall clock apart from the monotonic one.
import { beforeEach, describe, expect, test } from 'vitest'
import type { ApiRequest, ApiResponse, KubeApi } from '../../../operator/kube/api.ts'
import {
  createLease,
  type Lease,
  LEASE_DURATION_MS,
  PUSH_ADDRESS_ANNOTATION,
  RENEW_DEADLINE_MS,
  RETRY_MS,
  toMicroTime,
} from '../../../operator/kube/lease.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { RecordingLogger } from '../../support/push-rig.ts'

interface Stored {
  metadata: { name: string; resourceVersion: string; labels: object; annotations?: Record<string, string> }
  spec?: { holderIdentity?: string; renewTime?: string; acquireTime?: string; leaseTransitions?: number }
}

/** One Lease; refuses what the API server would refuse, and creates nothing. */
class LeaseApi implements KubeApi {
  lease: Stored | null = {
    metadata: { name: 'modelroute-operator', resourceVersion: 'r1', labels: { 'helm.sh/chart': 'x' } },
  }
  isAway = false
  readonly methods: string[] = []
  #versions = 1

  async request({ method, body }: ApiRequest): Promise<ApiResponse> {
    this.methods.push(method)
    if (this.isAway) throw new Error('away')
    if (!this.lease) return { status: 404, body: {} }
    if (method === 'GET') return { status: 200, body: structuredClone(this.lease) }
    const sent = body as Stored
    if (sent.metadata.resourceVersion !== this.lease.metadata.resourceVersion) return { status: 409, body: {} }
    const isMicroTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(sent.spec?.renewTime ?? '')
    if (!isMicroTime) return { status: 400, body: {} }
    this.lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: `r${(this.#versions += 1)}` } }
    return { status: 200, body: structuredClone(this.lease) }
  }

  openLines(): Promise<never> {
    throw new Error('a Lease is not watched')
  }
}

let api: LeaseApi
let wall: ManualClock
let monotonicMs: number

beforeEach(() => {
  api = new LeaseApi()
  wall = new ManualClock()
  monotonicMs = 0
})

interface Replica extends Lease {
  readonly changes: boolean[]
  readonly logger: RecordingLogger
}

function replica(identity: string): Replica {
  const changes: boolean[] = []
  const logger = new RecordingLogger()
  const lease = createLease({
    api,
    clock: wall,
    monotonicMs: () => monotonicMs,
    random: () => 0,
    logger,
    lease: { namespace: 'modelroute-system', name: 'modelroute-operator' },
    identity,
    pushAddress: `${identity}:9444`,
    onChange: (isLeader) => changes.push(isLeader),
  })
  return {
    changes,
    logger,
    start: () => lease.start(),
    stop: () => lease.stop(),
    isLeader: () => lease.isLeader(),
    holderAddress: () => lease.holderAddress(),
  }
}

/** Both clocks, in steps as small as the retries, with every request answered in between. */
async function pass(byMs: number): Promise<void> {
  for (let leftMs = byMs; leftMs > 0; leftMs -= 500) {
    monotonicMs += Math.min(500, leftMs)
    wall.advance(Math.min(500, leftMs))
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  }
}

async function leads(one: Replica): Promise<void> {
  one.start()
  await waitUntil('it leads', () => one.isLeader())
}

describe('the Lease that the chart has made', () => {
  test('is taken though it has no spec, keeps its labels, and names the push address', async () => {
    const one = replica('one')
    await leads(one)
    expect(api.lease?.metadata.labels).toEqual({ 'helm.sh/chart': 'x' })
    expect(api.lease?.metadata.annotations?.[PUSH_ADDRESS_ANNOTATION]).toBe('one:9444')
    expect(api.lease?.spec).toMatchObject({ holderIdentity: 'one', leaseTransitions: 1 })
    expect(one.changes).toEqual([true])
  })

  test('is never made here: a missing one is named once in the log, and taken when it is back', async () => {
    const { lease } = api
    api.lease = null
    const one = replica('one')
    one.start()
    await pass(RETRY_MS * 5)
    expect(one.isLeader()).toBe(false)
    expect(new Set(api.methods)).toEqual(new Set(['GET']))
    expect(one.logger.lines.filter((line) => line.includes('the Lease is missing'))).toHaveLength(1)
    api.lease = lease
    await pass(RETRY_MS)
    expect(one.isLeader()).toBe(true)
  })

  test('is renewed every two seconds without a new acquireTime or transition', async () => {
    const one = replica('one')
    await leads(one)
    const { acquireTime, renewTime } = api.lease?.spec ?? {}
    await pass(RETRY_MS)
    expect(api.lease?.spec).toMatchObject({ acquireTime, leaseTransitions: 1 })
    expect(api.lease?.spec?.renewTime).not.toBe(renewTime)
  })
})

describe('two replicas', () => {
  test('have one leader; the other knows its address', async () => {
    const [one, two] = [replica('one'), replica('two')]
    await leads(one)
    two.start()
    await pass(LEASE_DURATION_MS * 2)
    expect([one.isLeader(), two.isLeader()]).toEqual([true, false])
    expect(two.holderAddress()).toBe('one:9444')
  })

  test('hand over within one retry when the leader is stopped', async () => {
    const [one, two] = [replica('one'), replica('two')]
    await leads(one)
    two.start()
    await pass(RETRY_MS)
    await one.stop()
    expect(one.changes).toEqual([true, false])
    await pass(RETRY_MS)
    expect(two.isLeader()).toBe(true)
    expect(api.lease?.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 2 })
  })

  test('never both lead: a leader that is cut off steps down five seconds before the other takes over', async () => {
    const [one, two] = [replica('one'), replica('two')]
    await leads(one)
    two.start()
    await pass(RETRY_MS)
    const renewedAtMs = monotonicMs
    const request = api.request.bind(api)
    api.request = async (wish) => {
      const { holderIdentity } = (wish.body as Stored | undefined)?.spec ?? {}
      if (holderIdentity === 'one') throw new Error('cut off')
      return request(wish)
    }
    while (!two.isLeader()) {
      await pass(500)
      expect(one.isLeader() && two.isLeader()).toBe(false)
      const isPastDeadline = monotonicMs - renewedAtMs >= RENEW_DEADLINE_MS
      expect(one.isLeader() && isPastDeadline).toBe(false)
    }
    expect(monotonicMs - renewedAtMs).toBeGreaterThanOrEqual(LEASE_DURATION_MS - RETRY_MS)
    expect(one.changes).toEqual([true, false])
  })

  test('who try at the same moment: one wins by the resourceVersion', async () => {
    const [one, two] = [replica('one'), replica('two')]
    one.start()
    two.start()
    await pass(RETRY_MS)
    expect([one.isLeader(), two.isLeader()].filter(Boolean)).toHaveLength(1)
  })
})

describe('clocks and outages', () => {
  test.each([-3_600_000, 3_600_000])('a wall clock that jumps by %i ms changes nothing', async (jumpMs) => {
    const [one, two] = [replica('one'), replica('two')]
    await leads(one)
    two.start()
    await pass(RETRY_MS)
    wall.jump(jumpMs)
    await pass(RETRY_MS * 3)
    expect([one.isLeader(), two.isLeader()]).toEqual([true, false])
    expect(one.changes).toEqual([true])
  })

  test('a leader without its API server steps down after ten seconds, and leads again afterwards', async () => {
    const one = replica('one')
    await leads(one)
    api.isAway = true
    await pass(RENEW_DEADLINE_MS - RETRY_MS)
    expect(one.isLeader()).toBe(true)
    await pass(RETRY_MS)
    expect(one.isLeader()).toBe(false)
    expect(one.changes).toEqual([true, false])
    api.isAway = false
    await pass(RETRY_MS)
    expect(one.isLeader()).toBe(true)
  })

  test('a leader that was restarted under its own name takes its Lease at once', async () => {
    await leads(replica('one'))
    const again = replica('one')
    await leads(again)
    expect(api.lease?.spec?.leaseTransitions).toBe(1)
  })

  test('an address of a holder that is silent for 15 seconds is no address', async () => {
    await leads(replica('one'))
    const { lease } = api
    const two = replica('two')
    api.request = async () => ({ status: lease ? 200 : 404, body: structuredClone(lease) })
    two.start()
    await pass(RETRY_MS)
    expect(two.holderAddress()).toBe('one:9444')
    monotonicMs += LEASE_DURATION_MS
    expect(two.holderAddress()).toBeNull()
  })
})

test('a MicroTime has six digits', () => {
  expect(toMicroTime(Date.parse('2026-01-02T03:04:05.678Z'))).toBe('2026-01-02T03:04:05.678000Z')
})
