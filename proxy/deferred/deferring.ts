// Deferred calls as the pipeline and the shell see them: a call that may wait is taken in, and what became of it is
// told.
//
//   pipeline -> offer: taken in (202) | declined: served at once, with the reason
//   GET, DELETE /modelroute/jobs/... -> reply
//
// What is kept of a call has no key in it. A file that cannot be used costs the saving and no call.
import { Buffer } from 'node:buffer'
import { hash, randomBytes } from 'node:crypto'
import { failure, type Failure } from '../errors.ts'
import type { Attempt, Call } from '../exchange.ts'
import { headerOf } from '../raw-headers.ts'
import type { MaskedCall } from '../redact/masking.ts'
import type { DeferredReport } from '../reports.ts'
import type { DeferredRule } from '../table/schema.ts'
import type { Logger } from '../telemetry/log.ts'
import { admit, keptHeaders, type Admission } from './admission.ts'
import type { JobStore } from './job-store.ts'
import { acceptedReply, errorReply, JOBS_PATH, resultReply, statusReply, type OwnReply } from './job-answers.ts'
import type { JobStatus, NewJob } from './job.ts'
import type { Runner } from './runner.ts'

export interface DeferringDeps {
  readonly store: Pick<JobStore, 'do'>
  readonly runner: Pick<Runner, 'wake'>
  readonly now: () => number
  readonly logger: Pick<Logger, 'error'>
}

export interface Offer {
  readonly masked: MaskedCall
  readonly rule: DeferredRule
  /** As the caller sent them. */
  readonly rawHeaders: readonly string[]
  /** The targets of the call, the first choice first. */
  readonly attempts: readonly Attempt[]
}

export type Offered =
  | { readonly kind: 'accepted'; readonly reply: OwnReply }
  | { readonly kind: 'declined'; readonly reason: NonNullable<DeferredReport['reason']> }
  | Failure

const MAX_IDEMPOTENCY_KEY = 256
const ID_BYTES = 18

type Taken = Extract<Admission, { kind: 'take' }>

export class Deferring {
  readonly #deps: DeferringDeps

  constructor(deps: DeferringDeps) {
    this.#deps = deps
  }

  async offer({ masked, rule, rawHeaders, attempts }: Offer): Promise<Offered> {
    const admission = admit(masked, rule, attempts)
    if (admission.kind === 'decline') return { kind: 'declined', reason: admission.reason }
    const job = { ...this.#jobOf(masked, rule, admission), idempotencyKey: idempotencyKeyOf(rawHeaders) }
    try {
      return await this.#take(job)
    } catch (error) {
      this.#deps.logger.error({ err: error }, 'a call could not be deferred and is served at once')
      return { kind: 'declined', reason: 'failed' }
    }
  }

  /** Null: the path is not one of these. Rejects where the file cannot be used. */
  async reply(method: string, path: string): Promise<OwnReply | null> {
    const { id, part } = /^\/modelroute\/jobs\/(?<id>[\w-]{1,64})(?<part>\/result)?$/.exec(path)?.groups ?? {}
    if (id === undefined) return null
    const status = await this.#statusFor(method, id)
    if (status === null) return errorReply(failure('job_unknown', `No deferred call has the id ${id}.`), JOBS_PATH)
    if (part === undefined || method === 'DELETE') return statusReply(status)
    return resultReply(status, await this.#deps.store.do('answer', id))
  }

  async #statusFor(method: string, id: string): Promise<JobStatus | null> {
    if (method !== 'DELETE') return this.#deps.store.do('status', id)
    const status = await this.#deps.store.do('cancel', { id, nowMs: this.#deps.now() })
    this.#deps.runner.wake()
    return status
  }

  async #take(job: NewJob): Promise<Offered> {
    const { store, runner } = this.#deps
    const added = await store.do('add', job)
    if (added.kind === 'full') return { kind: 'declined', reason: 'full' }
    if (added.kind === 'known' && added.fingerprint !== job.fingerprint)
      return failure('idempotency_key_reused', 'Another call was taken in under this idempotency key.')
    const status = await store.do('status', added.kind === 'known' ? added.id : job.id)
    if (status === null) return { kind: 'declined', reason: 'failed' }
    runner.wake()
    return { kind: 'accepted', reply: acceptedReply(status) }
  }

  #jobOf({ routed }: MaskedCall, rule: DeferredRule, admission: Taken): Omit<NewJob, 'idempotencyKey'> {
    const { call, route } = routed
    const { received } = call
    const nowMs = this.#deps.now()
    const url = urlOf(call)
    // Of its own memory: the thread's copy is made from it, and nothing else that lies beside it.
    const body = Buffer.from(received.body)
    return {
      id: `job_${randomBytes(ID_BYTES).toString('base64url')}`,
      route: route.name,
      sendBy: admission.sendBy,
      grouping: admission.grouping,
      url,
      rawHeaders: keptHeaders(received.rawHeaders),
      body,
      fingerprint: hash('sha256', Buffer.concat([Buffer.from(`${url}\n`), body]), 'base64url'),
      createdAtMs: nowMs,
      dueAtMs: nowMs + admission.collectMs,
      expiresAtMs: nowMs + rule.withinMs,
      keepMs: rule.keepMs,
    }
  }
}

function idempotencyKeyOf(rawHeaders: readonly string[]): string | null {
  return headerOf(rawHeaders, 'idempotency-key')?.slice(0, MAX_IDEMPOTENCY_KEY) ?? null
}

/** With the dialect's prefix, so that it is recognised without the headers that are not kept. */
function urlOf({ received: { place } }: Call): string {
  return `/${place.dialect.name.toLowerCase()}${place.fullPath}${place.dialect.withoutKey(place.query)}`
}
