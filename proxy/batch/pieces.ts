// One call with more items than its targets take, asked for in pieces: each is an upstream call of its own that fails
// over for itself, some at a time, and the caller gets one answer as if there were no limit. What one piece is refused,
// the call is; the others are then cancelled.
import { Buffer } from 'node:buffer'
import { Caller } from '../caller.ts'
import { withoutByteHeaders } from '../encoding/byte-headers.ts'
import { failure, type Failure } from '../errors.ts'
import type { Answered, Attempt, AttemptRecord, RoutedCall } from '../exchange.ts'
import { failover, type Settled } from '../upstream/failover.ts'
import { MAX_ANSWER_BYTES, type BatchDeps } from './batch-run.ts'
import type { Batchable } from './form.ts'
import type { MemberParts } from './member.ts'
import { rewritten } from './merged-call.ts'
import { inCallersWords, PartFinish } from './part-answer.ts'
import { wholeBody } from './whole-body.ts'

/** A call with more is sent as it came, and its provider says what it thinks of it. */
export const MAX_PIECES = 32
export const PIECES_AT_ONCE = 4

/** Null: this one is not asked for in pieces. */
export function inPieces({ routed, batchable }: MemberParts, mostItems: number): readonly Batchable[] | null {
  const { items, tokens, form } = batchable
  const count = Math.ceil(items.length / mostItems)
  if (count < 2 || count > MAX_PIECES || form.join === undefined || routed.call.received.caller.isGone) return null
  return Array.from({ length: count }, (_, index) => {
    const [from, to] = [index * mostItems, (index + 1) * mostItems]
    return { ...batchable, items: items.slice(from, to), tokens: tokens.slice(from, to) }
  })
}

interface Work {
  readonly parts: MemberParts
  readonly pieces: readonly Batchable[]
  readonly deps: BatchDeps
  /** Of those that are under way. */
  readonly callers: Set<Caller>
  readonly answers: (Answered & { readonly body: Buffer })[]
  readonly records: AttemptRecord[]
  next: number
  attempt: Attempt | null
  failed: Answered | Failure | null
}

export async function askInPieces(parts: MemberParts, pieces: readonly Batchable[], deps: BatchDeps): Promise<Settled> {
  const begun = { callers: new Set<Caller>(), answers: [], records: [], next: 0, attempt: null, failed: null }
  const work: Work = { parts, pieces, deps, ...begun }
  const { caller } = parts.routed.call.received
  caller.whenGone(() => stop(work, failure('caller_gone', 'The application closed the connection.')))
  await Promise.all(Array.from({ length: PIECES_AT_ONCE }, () => askInTurn(work)))
  caller.whenGone(null)
  return { attempt: work.attempt, result: work.failed ?? joined(work), records: work.records }
}

function stop(work: Work, result: Answered | Failure): void {
  work.failed ??= result
  for (const caller of work.callers) caller.hangUp()
}

async function askInTurn(work: Work): Promise<void> {
  while (work.failed === null && work.next < work.pieces.length) {
    const index = work.next
    work.next += 1
    await askOne(work, index)
  }
}

async function askOne(work: Work, index: number): Promise<void> {
  const { parts, deps, callers } = work
  const caller = new Caller()
  const routed = pieceOf(work, index, caller)
  if (routed === null) return stop(work, failure('internal_error', 'A piece of the request is no call.'))
  callers.add(caller)
  const settled = await failover(routed, parts.attempts, deps)
  const answer = await readPiece(settled, routed, deps)
  callers.delete(caller)
  work.records.push(...settled.records)
  work.attempt = settled.attempt
  if ('body' in answer && Buffer.isBuffer(answer.body) && answer.failureClass === null) {
    work.answers[index] = { ...answer, body: answer.body }
  } else stop(work, answer)
}

function pieceOf({ parts, pieces }: Work, index: number, caller: Caller): RoutedCall | null {
  const { call, route } = parts.routed
  const piece = pieces[index]
  if (piece === undefined) return null
  const read = rewritten(call, { ...piece.form.write([piece], call), caller })
  return read === null ? null : { kind: 'routed', call: read, route }
}

async function readPiece({ result }: Settled, { call }: RoutedCall, deps: BatchDeps): Promise<Answered | Failure> {
  if (result.kind === 'failure' || result.status >= 400 || result.failureClass !== null) return result
  const body = await wholeBody(result.body, MAX_ANSWER_BYTES)
  const answered = body === null ? null : inCallersWords({ ...result, body }, call, deps)
  return answered ?? failure('targets_failed', 'The answer to a piece of the request could not be read.')
}

function joined({ parts, pieces, answers, attempt }: Work): Answered | Failure {
  const [first] = answers
  const { form } = parts.batchable
  const counts = pieces.map(({ items }) => items.length)
  const bodies = answers.map(({ body }) => body)
  const body = form.join?.(bodies, counts) ?? null
  if (first === undefined || body === null) {
    return failure('targets_failed', 'The answer to a piece of the request holds something else than was asked for.')
  }
  const headers = withoutByteHeaders(first.headers)
  return { ...first, headers, body, finish: new PartFinish(body, parts.routed, attempt) }
}
