// Deferred calls by way of a provider's batch API: one group of jobs made an order, and an order looked at until it has
// ended. Whatever no batch takes goes as an ordinary call.
//
//   jobs of a group -> order -> created: sent | refused: each as a call | not now: later, MAX_TRIES times, then each
//   order -> under way: look again | ended: the answers; who has none is sent again | lost: each as a call
import type { Failure } from '../errors.ts'
import type { Attempt } from '../exchange.ts'
import { recognise } from '../dialect/recognise.ts'
import type { RoutingTable } from '../table/schema.ts'
import type { TargetEndpoint } from '../exchange.ts'
import type { Logger } from '../telemetry/log.ts'
import { askerOf, type AskProvider, type ProviderDeps } from '../upstream/provider-request.ts'
import { buildRequest } from '../upstream/request.ts'
import { readGrouping, type Grouping } from './admission.ts'
import { batchApiOf } from './batch-api/batch-apis.ts'
import type { BatchApi, BatchItem, Created } from './batch-api/batch-api.ts'
import { receivedOf, type CallDeps } from './calls-later.ts'
import { errorReply } from './job-answers.ts'
import type { JobStore } from './job-store.ts'
import type { DueJob, JobAnswer, SentBatch } from './job.ts'

/** Orders and looks that fail, or come back without an answer, before a job is sent as an ordinary call. */
export const MAX_TRIES = 3
/** After a failure that may pass; doubled with each try. */
export const RETRY_MS = 60_000
/** An order is looked at so often at first, and less often the older it is. */
export const LOOK_EVERY_MS = 30_000
const MAX_LOOK_MS = 10 * 60_000
const LOOK_SHARE_OF_AGE = 0.1

export interface BatchesDeps extends ProviderDeps {
  readonly store: Pick<JobStore, 'do'>
  readonly tables: () => {
    readonly table: RoutingTable
    readonly endpoints: ReadonlyMap<string, TargetEndpoint>
  } | null
  readonly newId: CallDeps['newId']
  readonly now: () => number
  readonly logger: Pick<Logger, 'warn'>
}

interface Way {
  readonly attempt: Attempt
  readonly api: BatchApi
  readonly grouping: Grouping
}

export class Batches {
  readonly #deps: BatchesDeps

  constructor(deps: BatchesDeps) {
    this.#deps = deps
  }

  /** Jobs of one group, which are `sending`. */
  async send(jobs: readonly DueJob[]): Promise<void> {
    const [first] = jobs
    if (first === undefined) return
    const way = this.#wayOf(first.grouping, first.url)
    const ask = way === null ? null : this.#askerOf(way)
    if (way === null) return this.#callEach(jobs, 'its target is gone')
    if (ask === null) return this.#later(jobs)
    const items = await this.#itemsOf(jobs, way.attempt)
    if (items.length === 0) return
    const made = await way.api.create({ path: way.grouping.path, items }, ask)
    await this.#settle(jobs, { made, way })
  }

  async look(batch: SentBatch): Promise<void> {
    const { store, now } = this.#deps
    const open = await store.do('openJobsOf', batch.id)
    const way = this.#wayOf(batch.grouping, null)
    const ask = way === null ? null : this.#askerOf(way)
    if (way === null || ask === null) return this.#lookAgain(batch)
    if (open.length === 0) {
      await way.api.cancel(batch.remoteId, ask)
      return store.do('endBatch', batch.id)
    }
    const looked = await way.api.look(batch.remoteId, ask)
    if (looked.kind === 'underWay' || looked.kind === 'failed') return this.#lookAgain(batch)
    const answers = looked.kind === 'ended' ? looked.answers : NO_ANSWERS
    const finishes = open.flatMap((id) => {
      const answer = answers.get(id)
      return answer === undefined ? [] : [{ ...answer, id, sentBy: 'batch' as const, nowMs: now() }]
    })
    await store.do('finish', finishes)
    const ids = open.filter((id) => !answers.has(id))
    const isLost = looked.kind === 'lost'
    if (ids.length > 0)
      this.#deps.logger.warn({ batch: batch.remoteId, calls: ids.length, isLost }, 'calls of a batch were not made')
    const how = isLost ? ({ sendBy: 'OffPeak' } as const) : {}
    await store.do('postpone', { ids, dueAtMs: now(), isTry: true, ...how })
    await store.do('endBatch', batch.id)
    if (!isLost) await way.api.forget(batch.remoteId, ask)
  }

  /** Of the first operation that the path may be, where no call is at hand. */
  #wayOf(text: string, url: string | null): Way | null {
    const current = this.#deps.tables()
    const grouping = readGrouping(text)
    const target = current?.table.targets[grouping.targetId]
    const endpoint = current?.endpoints.get(grouping.targetId)
    if (target === undefined || endpoint === undefined) return null
    const { operation } = recognise('POST', url ?? `/${target.dialect.toLowerCase()}/v1${grouping.path}`)
    const api = batchApiOf(target.dialect, operation)
    return api === null ? null : { attempt: { targetId: grouping.targetId, target, endpoint }, api, grouping }
  }

  /** What the calls of the group say in headers, the order of them says too. */
  #askerOf({ attempt, grouping }: Way): AskProvider | null {
    const ask = askerOf(attempt, this.#deps)
    if (ask === null || grouping.headers.length === 0) return ask
    return (request) => ask({ ...request, headers: [...request.headers, ...grouping.headers] })
  }

  /** A call that cannot be said any more has that as its answer. */
  async #itemsOf(jobs: readonly DueJob[], attempt: Attempt): Promise<readonly BatchItem[]> {
    const items: BatchItem[] = []
    for (const job of jobs) {
      const received = receivedOf(job, this.#deps)
      const call = received.place.endpoint?.readCall?.(received)
      const request = call === undefined || call.kind === 'failure' ? call : buildRequest(call, attempt, this.#deps)
      if (request?.kind === 'request') items.push({ id: job.id, body: request.body })
      else if (request !== undefined) await this.#fail(job, request)
    }
    return items
  }

  #fail({ id, url }: DueJob, fault: Failure): Promise<void> {
    const { status, body } = errorReply(fault, url)
    const answer: JobAnswer = { status, contentType: 'application/json', body }
    return this.#deps.store.do('finish', [{ ...answer, id, sentBy: 'batch', nowMs: this.#deps.now() }])
  }

  async #settle(jobs: readonly DueJob[], { made, way }: { readonly made: Created; readonly way: Way }): Promise<void> {
    if (made.kind === 'refused') return this.#callEach(jobs, `the provider refused the batch with ${made.status}`)
    if (made.kind === 'failed') return this.#later(jobs)
    const createdAtMs = this.#deps.now()
    const batch = { remoteId: made.remoteId, grouping: JSON.stringify(way.grouping), createdAtMs }
    await this.#deps.store.do('sent', { ids: idsOf(jobs), batch, lookAtMs: createdAtMs + LOOK_EVERY_MS })
  }

  #lookAgain({ id, createdAtMs }: SentBatch): Promise<void> {
    const nowMs = this.#deps.now()
    const waitMs = Math.min(MAX_LOOK_MS, Math.max(LOOK_EVERY_MS, (nowMs - createdAtMs) * LOOK_SHARE_OF_AGE))
    return this.#deps.store.do('lookAgain', { id, lookAtMs: nowMs + Math.ceil(waitMs) })
  }

  async #later(jobs: readonly DueJob[]): Promise<void> {
    const [worn, fresh] = [jobs.filter(isWorn), jobs.filter((job) => !isWorn(job))]
    if (worn.length > 0) await this.#callEach(worn, 'the provider took no batch')
    const waitMs = RETRY_MS * 2 ** (fresh[0]?.tries ?? 0)
    await this.#deps.store.do('postpone', { ids: idsOf(fresh), dueAtMs: this.#deps.now() + waitMs, isTry: true })
  }

  #callEach(jobs: readonly DueJob[], reason: string): Promise<void> {
    this.#deps.logger.warn({ calls: jobs.length, reason }, 'deferred calls are sent one by one')
    const dueAtMs = this.#deps.now()
    return this.#deps.store.do('postpone', { ids: idsOf(jobs), dueAtMs, isTry: false, sendBy: 'OffPeak' })
  }
}

const NO_ANSWERS: ReadonlyMap<string, JobAnswer> = new Map()

function isWorn({ tries }: DueJob): boolean {
  return tries + 1 >= MAX_TRIES
}

function idsOf(jobs: readonly DueJob[]): readonly string[] {
  return jobs.map(({ id }) => id)
}
