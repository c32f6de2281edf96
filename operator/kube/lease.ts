// One Lease decides which replica writes status. The chart makes the Lease, without a spec; this file only takes,
// renews and releases it, with the resourceVersion it has read, so that of two that try one wins.
//
//   every 2 s: read -> ours | free | its holder silent for 15 s -> replace      else: watch the holder
//
// Steps down by itself when 10 s passed since the last renewal that succeeded, 5 s before another may take over. All
// durations are measured on the monotonic clock: the wall clock may jump, and other replicas' clocks are never used.
import * as z from 'zod'
import type { Logger } from '../../proxy/telemetry/log.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { KubeApi } from './api.ts'

export const LEASE_DURATION_MS = 15_000
export const RENEW_DEADLINE_MS = 10_000
export const RETRY_MS = 2_000
/** Up to this share of RETRY_MS is added by chance. */
export const RETRY_JITTER = 0.2
const REQUEST_TIMEOUT_MS = 4_000

export const PUSH_ADDRESS_ANNOTATION = 'modelroute.dev/push-address'

export interface LeaseDeps {
  readonly api: KubeApi
  /** For waiting, and for the timestamps that people read. */
  readonly clock: Clock
  /** Milliseconds of a clock that never jumps. */
  readonly monotonicMs: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly logger: Logger
  readonly lease: { readonly namespace: string; readonly name: string }
  /** Unique among the replicas: the pod's name. */
  readonly identity: string
  /** `host:port` on which this replica's push port is reached by the others. */
  readonly pushAddress: string
  readonly onChange: (isLeader: boolean) => void
}

export interface Lease {
  start(): void
  isLeader(): boolean
  /** The holder's push address; null when nobody holds the Lease or it does not say. */
  holderAddress(): string | null
  /** Releases what is held, so that another replica takes over at once. */
  stop(): Promise<void>
}

const optionalText = z.string().nullish()
const leaseObject = z.looseObject({
  metadata: z.looseObject({
    resourceVersion: z.string(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z
    .looseObject({
      holderIdentity: optionalText,
      renewTime: optionalText,
      acquireTime: optionalText,
      leaseTransitions: z.number().nullish(),
    })
    .nullish(),
})
type LeaseObject = z.infer<typeof leaseObject>

/** What was seen of the Lease last, and since when it has not changed. */
interface Observed {
  readonly holder: string
  readonly resourceVersion: string
  readonly pushAddress: string | null
  readonly sinceMs: number
}

export function createLease(deps: LeaseDeps): Lease {
  return new ContestedLease(deps)
}

class ContestedLease implements Lease {
  readonly #deps: LeaseDeps
  #observed: Observed | null = null
  /** When the last renewal that succeeded was *sent*: from then on the others count. */
  #renewedMs: number | null = null
  #wasLeader = false
  #lastProblem = ''
  #cancelTick: () => void = () => undefined
  #cancelExpiry: () => void = () => undefined
  #ticking: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(deps: LeaseDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#ticking = this.#tick()
  }

  isLeader(): boolean {
    return this.#renewedMs !== null && this.#deps.monotonicMs() - this.#renewedMs < RENEW_DEADLINE_MS
  }

  holderAddress(): string | null {
    const { holder, pushAddress, sinceMs } = this.#observed ?? {}
    const isSilent = sinceMs === undefined || this.#deps.monotonicMs() - sinceMs >= LEASE_DURATION_MS
    return holder && !isSilent ? (pushAddress ?? null) : null
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelTick()
    this.#cancelExpiry()
    await this.#ticking
    const wasLeader = this.isLeader()
    this.#renewedMs = null
    if (wasLeader) await this.#release()
    this.#tellChange()
  }

  async #tick(): Promise<void> {
    try {
      const lease = await this.#read()
      this.#observe(lease)
      if (this.#mayTake(lease)) await this.#replace(lease)
      this.#lastProblem = ''
    } catch (error) {
      this.#tellProblem(error)
    }
    this.#tellChange()
    if (this.#isStopped) return
    const waitMs = RETRY_MS * (1 + RETRY_JITTER * this.#deps.random())
    this.#cancelTick = this.#deps.clock.after(waitMs, () => {
      this.#ticking = this.#tick()
    })
  }

  async #read(): Promise<LeaseObject> {
    const { status, body } = await this.#request('GET')
    if (status === 404) throw new Error('the Lease is missing: the chart makes it, reinstall or restore it')
    if (status !== 200) throw new Error(`the API server answered ${status} to a GET of the Lease`)
    return leaseObject.parse(body)
  }

  #observe({ metadata, spec }: LeaseObject): void {
    const { resourceVersion, annotations } = metadata
    const nowMs = this.#deps.monotonicMs()
    this.#observed = {
      holder: spec?.holderIdentity ?? '',
      resourceVersion,
      pushAddress: annotations?.[PUSH_ADDRESS_ANNOTATION] ?? null,
      sinceMs: this.#observed?.resourceVersion === resourceVersion ? this.#observed.sinceMs : nowMs,
    }
    if (this.#observed.holder !== this.#deps.identity) this.#renewedMs = null
  }

  #mayTake({ spec }: LeaseObject): boolean {
    const holder = spec?.holderIdentity ?? ''
    if (this.#isStopped) return false
    if (holder === '' || holder === this.#deps.identity) return true
    return this.#deps.monotonicMs() - (this.#observed?.sinceMs ?? Infinity) >= LEASE_DURATION_MS
  }

  async #replace(lease: LeaseObject): Promise<void> {
    const sentMs = this.#deps.monotonicMs()
    const { status, body } = await this.#request('PUT', this.#taken(lease))
    // 409: somebody else wrote it in between; the next read shows who, and until then the deadline stands.
    if (status === 409) return
    if (status !== 200) throw new Error(`the API server answered ${status} to a PUT of the Lease`)
    this.#renewedMs = sentMs
    this.#observe(leaseObject.parse(body))
    this.#cancelExpiry()
    const leftMs = RENEW_DEADLINE_MS - (this.#deps.monotonicMs() - sentMs)
    this.#cancelExpiry = this.#deps.clock.after(Math.max(0, leftMs), () => this.#tellChange())
  }

  #taken(lease: LeaseObject): unknown {
    const { identity, pushAddress, clock } = this.#deps
    const isRenewal = lease.spec?.holderIdentity === identity
    const now = toMicroTime(clock.now())
    const annotations = { ...lease.metadata.annotations, [PUSH_ADDRESS_ANNOTATION]: pushAddress }
    return {
      ...lease,
      metadata: { ...lease.metadata, annotations },
      spec: {
        ...lease.spec,
        holderIdentity: identity,
        leaseDurationSeconds: LEASE_DURATION_MS / 1000,
        acquireTime: isRenewal ? (lease.spec?.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + (isRenewal ? 0 : 1),
      },
    }
  }

  async #release(): Promise<void> {
    try {
      const lease = await this.#read()
      if (lease.spec?.holderIdentity !== this.#deps.identity) return
      const spec = {
        ...lease.spec,
        holderIdentity: '',
        leaseDurationSeconds: 1,
        renewTime: toMicroTime(this.#deps.clock.now()),
      }
      await this.#request('PUT', { ...lease, spec })
    } catch (error) {
      // Nothing is lost: without a release the others wait until the Lease has been silent for its duration.
      this.#tellProblem(error)
    }
  }

  #request(method: 'GET' | 'PUT', body?: unknown) {
    const { namespace, name } = this.#deps.lease
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`
    const sent = body === undefined ? {} : { body }
    return this.#deps.api.request({ method, path, ...sent, timeoutMs: REQUEST_TIMEOUT_MS })
  }

  #tellChange(): void {
    const isLeader = this.isLeader()
    if (isLeader === this.#wasLeader) return
    this.#wasLeader = isLeader
    this.#deps.logger.info({ isLeader }, isLeader ? 'this replica writes status now' : 'another replica writes status')
    this.#deps.onChange(isLeader)
  }

  /** Each problem once, not every two seconds. */
  #tellProblem(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error)
    if (problem === this.#lastProblem) return
    this.#lastProblem = problem
    this.#deps.logger.warn({ error: problem }, 'the Lease could not be read or renewed')
  }
}

/** metav1.MicroTime wants exactly six digits; a Date has three, and the API server answers 400 to those. */
export function toMicroTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z')
}
