// What an application is told of its deferred calls: that one was taken in, how far it is, its answer. Pure.
//
//   202  taken in: `location` of the status, `preference-applied`
//   GET status           200, with `retry-after` while there is no answer
//   GET status/result    the answer as the provider gave it | 202 not yet | 410 cancelled | 504 too late
import { Buffer } from 'node:buffer'
import { recognise } from '../dialect/recognise.ts'
import { failure, statusOf, type Failure } from '../errors.ts'
import type { JobAnswer, JobStatus } from './job.ts'

/** Paths that belong to the proxy and not to a provider. */
export const OWN_PATHS = '/modelroute/'
export const JOBS_PATH = `${OWN_PATHS}jobs/`
/** When it is worth another look. */
const LOOK_AGAIN_S = 15

export interface OwnReply {
  readonly status: number
  /** Name and value alternating. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

export function acceptedReply(status: JobStatus): OwnReply {
  const { rawHeaders, body } = statusReply(status)
  return {
    status: 202,
    rawHeaders: [...rawHeaders, 'location', JOBS_PATH + status.id, 'preference-applied', 'respond-async'],
    body,
  }
}

export function statusReply(status: JobStatus): OwnReply {
  const body = Buffer.from(JSON.stringify(documentOf(status)))
  return { status: 200, rawHeaders: [...jsonHeaders(body), ...(isOver(status) ? [] : LOOK_AGAIN)], body }
}

export function resultReply(status: JobStatus, answer: JobAnswer | null): OwnReply {
  if (answer !== null) {
    const body = Buffer.from(answer.body)
    return { status: answer.status, rawHeaders: headersOf(body, answer.contentType), body }
  }
  if (status.state === 'cancelled') return errorReply(failure('job_cancelled', 'The call was cancelled.'), status.url)
  if (status.state === 'expired')
    return errorReply(
      failure('job_expired', 'The call had no answer within the time that its rule gives it.'),
      status.url,
    )
  return { ...statusReply(status), status: 202 }
}

/** In the dialect of the call, or of the path where there is none. */
export function errorReply(fault: Failure, url: string): OwnReply {
  const body = recognise('POST', url).dialect.errorBody(fault)
  return { status: statusOf(fault.code), rawHeaders: [...jsonHeaders(body), 'x-modelroute-error', fault.code], body }
}

const LOOK_AGAIN = ['retry-after', String(LOOK_AGAIN_S)]

function isOver({ state }: JobStatus): boolean {
  return state === 'done' || state === 'cancelled' || state === 'expired'
}

function documentOf({ id, state, createdAtMs, expiresAtMs, finishedAtMs, goneAtMs, sentBy, status }: JobStatus) {
  return {
    id,
    object: 'modelroute.job',
    status: state,
    created_at: timeOf(createdAtMs),
    expires_at: timeOf(expiresAtMs),
    finished_at: timeOf(finishedAtMs),
    gone_at: timeOf(goneAtMs),
    sent_by: sentBy,
    answer: status === null ? null : { status, url: `${JOBS_PATH}${id}/result` },
  }
}

function timeOf(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(epochMs).toISOString()
}

function jsonHeaders(body: Buffer): readonly string[] {
  return headersOf(body, 'application/json')
}

function headersOf(body: Buffer, contentType: string): readonly string[] {
  return ['content-type', contentType, 'content-length', String(body.length)]
}
