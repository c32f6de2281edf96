// A batch from its one upstream call to the answer of every caller in it. What the provider refuses because of an item
// is divided until the item stands alone, so that it fails nobody else.
//
//   run -> ask -> parts      each caller gets its own
//            |--> everyone   a failure of the target: all of them would have met it
//            |--> again      a failure of the server: other targets may be asked, as the rule says
//            |--> halves     refused, too long, or broken off: each half is a batch of its own
//            '--> alone      an answer in which the items cannot be told apart
//
// Bounds: the tree of halves asks at most twice as often as there are calls; whatever is beyond one for each call
// counts as an extra attempt.
import { failure, type Failure } from '../errors.ts'
import type { Answered, Attempt, AttemptRecord } from '../exchange.ts'
import type { TranslationDeps } from '../translation/answer.ts'
import { failover, type FailoverDeps, type Settled } from '../upstream/failover.ts'
import type { Member } from './member.ts'
import { ITEM_CLASSES, mergeCalls, type MergedCall } from './merged-call.ts'
import { inCallersWords, partsOf } from './part-answer.ts'
import { wholeBody } from './whole-body.ts'

/** A merged answer is held whole. What is longer is asked for in halves. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024

export type BatchDeps = FailoverDeps & TranslationDeps

/** What came of a batch, for the decision whether batches of its kind are worth another try. */
export interface Tally {
  /** Calls to providers, merged or not. */
  asked: number
  aloneAnswers: number
  aloneFailures: number
}

interface Course {
  readonly size: number
  readonly deps: BatchDeps
  readonly tally: Tally
}

export async function runBatch(members: readonly Member[], deps: BatchDeps): Promise<Tally> {
  const tally: Tally = { asked: 0, aloneAnswers: 0, aloneFailures: 0 }
  try {
    await run({ members, history: [] }, { size: members.length, deps, tally })
  } catch (error) {
    // A fault of ours must not leave anyone waiting.
    for (const member of members) if (!member.isOver) member.fail(error)
  }
  return tally
}

interface Group {
  readonly members: readonly Member[]
  /** What was tried before with these in it. */
  readonly history: readonly AttemptRecord[]
  /** Another target may be asked for all of them (merged-call.ts). */
  readonly movesOn?: boolean
}

async function run({ members, history, movesOn = false }: Group, course: Course): Promise<void> {
  const waiting = members.filter(({ isOver }) => !isOver)
  const [first] = waiting
  if (first === undefined) return
  if (waiting.length === 1) return alone({ members: waiting, history }, course)
  const merged = mergeCalls(waiting, movesOn)
  if (merged === null) return alone({ members: waiting, history }, course)
  countCall(course)
  listen(waiting, merged)
  const settled = await failover(merged.routed, first.attempts, course.deps)
  const shared = await read(settled, { merged, waiting, movesOn, deps: course.deps })
  const records = [...history, ...settled.records]
  switch (shared.kind) {
    case 'parts':
      deal(waiting, shared.results, { attempt: settled.attempt, records })
      return alone({ members: waiting.filter(({ isOver }) => !isOver), history: sharedOnes(records) }, course)
    case 'everyone':
      return deal(
        waiting,
        waiting.map(() => shared.result),
        { attempt: settled.attempt, records },
      )
    case 'again':
      return run({ members: waiting, history: records, movesOn: true }, course)
    case 'halves':
      return halve({ members: waiting, history: records }, course)
    case 'alone':
      return alone({ members: waiting, history: records }, course)
  }
}

/** Who leaves has its end at once; the last one waits for that of the upstream call, which it cancels. */
function listen(waiting: readonly Member[], { caller }: MergedCall): void {
  for (const member of waiting) {
    member.whenGone(() => {
      const isLast = waiting.every((other) => other === member || other.isOver)
      if (isLast) caller.hangUp()
      else member.leave()
    })
  }
}

type Shared =
  /** Null: this one is to be asked for alone. */
  | { readonly kind: 'parts'; readonly results: readonly (Answered | null)[] }
  | { readonly kind: 'everyone'; readonly result: Answered | Failure }
  | { readonly kind: 'halves' | 'alone' | 'again' }

interface Asked {
  readonly merged: MergedCall
  readonly waiting: readonly Member[]
  readonly movesOn: boolean
  readonly deps: BatchDeps
}

async function read({ result, attempt }: Settled, asked: Asked): Promise<Shared> {
  if (result.kind === 'failure') return ofFailure(result)
  if (result.status >= 400 || result.failureClass !== null) return ofRefusal(result, asked)
  const body = await wholeBody(result.body, MAX_ANSWER_BYTES)
  if (asked.merged.caller.isGone) return { kind: 'everyone', result: failure('caller_gone', GONE) }
  if (body === null) return { kind: 'halves' }
  const answered = inCallersWords({ ...result, body }, asked.merged.routed.call, asked.deps)
  const parts = Buffer.isBuffer(answered?.body) ? split(answered.body, asked) : null
  if (answered === null || parts === null) return { kind: 'alone' }
  return { kind: 'parts', results: partsOf(answered, parts, { attempt, members: asked.waiting }) }
}

const GONE = 'The application closed the connection.'

/** What the target cannot be told because of one item, all of them would pay for. */
function ofFailure(result: Failure): Shared {
  return result.code === 'not_translatable' ? { kind: 'halves' } : { kind: 'everyone', result }
}

async function ofRefusal(result: Answered, { movesOn, waiting }: Asked): Promise<Shared> {
  const { failureClass, status } = result
  const body = await wholeBody(result.body, MAX_ANSWER_BYTES)
  if (failureClass !== null && ITEM_CLASSES.has(failureClass)) return { kind: 'halves' }
  const isOfServer = failureClass === 'Server' && !movesOn
  // Some model servers answer so to an item that they cannot take.
  if (isOfServer && (status === 500 || status < 400)) return { kind: 'halves' }
  if (isOfServer && waiting[0]?.routed.route.failover.on.includes('Server') === true) return { kind: 'again' }
  if (body !== null) return { kind: 'everyone', result: { ...result, body } }
  return { kind: 'everyone', result: failure('targets_failed', 'The error of the provider broke off before its end.') }
}

function split(body: Buffer, { waiting, deps }: Asked): readonly (Buffer | null)[] | null {
  const [first] = waiting
  const parts = first?.batchable.form.split(body, waiting, deps) ?? null
  return parts?.length === waiting.length ? parts : null
}

interface Dealt {
  readonly attempt: Attempt | null
  readonly records: readonly AttemptRecord[]
}

/** What was sent once is counted once: with the first who still waits. */
function deal(
  waiting: readonly Member[],
  results: readonly (Answered | Failure | null)[],
  { attempt, records }: Dealt,
): void {
  const calls = waiting.length
  let own = records
  waiting.forEach((member, position) => {
    const result = results[position]
    if (member.isOver || result === undefined || result === null) return
    const batch = { form: member.batchable.form.name, calls, isFirst: own === records }
    member.settle({ attempt, result, records: own, batch })
    own = sharedOnes(records)
  })
}

function sharedOnes(records: readonly AttemptRecord[]): readonly AttemptRecord[] {
  return records.map((record) => ({ ...record, isShared: true }))
}

async function halve({ members, history }: Group, course: Course): Promise<void> {
  const middle = Math.ceil(members.length / 2)
  await Promise.all([
    run({ members: members.slice(0, middle), history }, course),
    run({ members: members.slice(middle), history: sharedOnes(history) }, course),
  ])
}

async function alone({ members, history }: Group, course: Course): Promise<void> {
  const goOne = async (member: Member, position: number): Promise<void> => {
    countCall(course)
    const { result } = await member.goAlone(position === 0 ? history : sharedOnes(history), course.deps)
    const isAnswer = result.kind === 'answered' && result.status < 400
    if (isAnswer) course.tally.aloneAnswers += 1
    else course.tally.aloneFailures += 1
  }
  await Promise.all(members.map(goOne))
}

/** As many as there are calls would have been sent without batches as well. */
function countCall({ size, tally, deps }: Course): void {
  tally.asked += 1
  if (tally.asked > size) deps.budget.recordExtra()
}
