// Anthropic's message batches (docs.claude.com, Message Batches): the calls in one request, and lines back, in any
// order.
//
//   POST /messages/batches -> GET /messages/batches/{id} ... -> GET /messages/batches/{id}/results
import { Buffer } from 'node:buffer'
import type { JobAnswer } from '../job.ts'
import type { AskProvider } from '../../upstream/provider-request.ts'
import {
  answerOf,
  isGood,
  JSON_TYPE,
  linesOf,
  objectIn,
  refusalOf,
  type ResultLine,
  textOf,
  type BatchApi,
  type BatchOrder,
  type Created,
  type Looked,
} from './batch-api.ts'

const VERSION = ['anthropic-version', '2023-06-01'] as const
/** Statuses that errors of these types have when they answer a single call. */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  overloaded_error: 529,
}

export const anthropicBatches: BatchApi = { create, look, cancel, forget }

async function create({ items }: BatchOrder, ask: AskProvider): Promise<Created> {
  const separated = items.flatMap(({ id, body }, index) => [
    Buffer.from(`${index === 0 ? '' : ','}{"custom_id":"${id}","params":`),
    body,
    Buffer.from('}'),
  ])
  const body = Buffer.concat([Buffer.from('{"requests":['), ...separated, Buffer.from(']}')])
  const headers = ['content-type', JSON_TYPE, ...VERSION]
  const made = await ask({ method: 'POST', path: '/messages/batches', headers, body })
  const remoteId = isGood(made) ? textOf(objectIn(made)['id']) : null
  return remoteId === null ? refusalOf(made) : { kind: 'created', remoteId }
}

async function look(remoteId: string, ask: AskProvider): Promise<Looked> {
  const path = `/messages/batches/${remoteId}`
  const reply = await ask({ method: 'GET', path, headers: VERSION, body: null })
  if (reply?.status === 404) return { kind: 'lost' }
  if (!isGood(reply)) return { kind: 'failed' }
  if (objectIn(reply)['processing_status'] !== 'ended') return { kind: 'underWay' }
  const results = await ask({ method: 'GET', path: `${path}/results`, headers: VERSION, body: null })
  if (!isGood(results)) return { kind: 'failed' }
  const answers = new Map<string, JobAnswer>()
  for (const line of linesOf(results.body)) readLine(line, answers)
  return { kind: 'ended', answers }
}

async function cancel(remoteId: string, ask: AskProvider): Promise<void> {
  const headers = ['content-type', JSON_TYPE, ...VERSION]
  await ask({ method: 'POST', path: `/messages/batches/${remoteId}/cancel`, headers, body: Buffer.from('{}') })
}

async function forget(remoteId: string, ask: AskProvider): Promise<void> {
  await ask({ method: 'DELETE', path: `/messages/batches/${remoteId}`, headers: VERSION, body: null })
}

/** Calls that were cancelled or have expired have no answer. */
function readLine(line: ResultLine, answers: Map<string, JobAnswer>): void {
  const id = line.text('custom_id')
  const result = line.member('result')
  const message = result?.member('message')
  const error = result?.member('error')
  if (id === null) return
  if (result?.text('type') === 'succeeded' && message) answers.set(id, answerOf(200, message))
  if (result?.text('type') === 'errored' && error) answers.set(id, answerOf(statusOf(error), error))
}

/** `{"type":"error","error":{"type":"invalid_request_error",...}}` */
function statusOf(error: ResultLine): number {
  return STATUSES[error.member('error')?.text('type') ?? ''] ?? 500
}
