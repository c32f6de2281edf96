// One deferred call made as an ordinary one: through the pipeline as it is at that time, with its rules, targets and
// keys, and its answer as a whole. What a caller would see on the wire rests in the file.
import { Buffer } from 'node:buffer'
import { Caller } from '../caller.ts'
import { recognise } from '../dialect/recognise.ts'
import type { Answer, AnswerBody, Exchange, Received } from '../exchange.ts'
import { headerOf } from '../raw-headers.ts'
import { MAX_ANSWER_BYTES, type DueJob, type JobAnswer } from './job.ts'

export interface CallDeps {
  /** The pipeline. */
  readonly handle: (received: Received) => Promise<Answer>
  readonly report: (exchange: Exchange) => void
  readonly newId: () => string
  readonly now: () => number
}

export function receivedOf({ url, rawHeaders, body: bytes }: DueJob, deps: Pick<CallDeps, 'newId' | 'now'>): Received {
  const body = Buffer.from(bytes)
  return {
    id: deps.newId(),
    method: 'POST',
    place: recognise('POST', url, rawHeaders),
    rawHeaders,
    body,
    original: { read: body, sent: body },
    receivedAtMs: deps.now(),
    caller: new Caller(),
  }
}

/** Null: it broke off, or is longer than what is kept. */
export async function callNow(job: DueJob, deps: CallDeps): Promise<JobAnswer | null> {
  const received = receivedOf(job, deps)
  const answer = await deps.handle(received)
  const body = await collected(answer.body)
  deps.report(exchangeOf(answer, { received, sizeBytes: body?.length ?? 0, nowMs: deps.now() }))
  if (body === null) return null
  const contentType = headerOf(answer.rawHeaders, 'content-type') ?? 'application/json'
  return { status: answer.status, contentType, body }
}

function collected(body: AnswerBody): Promise<Buffer | null> {
  if (!('start' in body)) return Promise.resolve(body.length > MAX_ANSWER_BYTES ? null : body)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let sizeBytes = 0
    body.start({
      write: (chunk) => {
        sizeBytes += chunk.length
        // What is too long is read to its end and not kept: the provider has been paid for it.
        if (sizeBytes <= MAX_ANSWER_BYTES) chunks.push(Buffer.from(chunk))
        return true
      },
      end: (fault) => resolve(fault === null && sizeBytes <= MAX_ANSWER_BYTES ? Buffer.concat(chunks) : null),
      cut: () => resolve(null),
    })
  })
}

interface Ended {
  readonly received: Received
  readonly sizeBytes: number
  readonly nowMs: number
}

function exchangeOf({ trail, status, error, finish }: Answer, { received, sizeBytes, nowMs }: Ended): Exchange {
  const { id, receivedAtMs, body } = received
  return {
    ...trail,
    id,
    atMs: receivedAtMs,
    status,
    error,
    finish: finish?.reason ?? null,
    firstByteMs: null,
    durationMs: nowMs - receivedAtMs,
    requestBytes: body.length,
    answerBytes: sizeBytes,
  }
}
