// Where calls wait for others to go with: for each rule and scope one batch that is open, sent when its time is up or
// it is full. Whatever does not fit, or finds no room here, goes alone and at once.
//
//   settle -> joinable? -> join the open batch of its scope, or open one -> (time up | full) -> runBatch
import type { Attempt, RoutedCall } from '../exchange.ts'
import type { Batching as BatchingRule } from '../table/batch-schema.ts'
import type { Timer } from '../upstream/timers.ts'
import { failover } from '../upstream/failover.ts'
import { type BatchDeps, runBatch, type Tally } from './batch-run.ts'
import { joinable, type Joinable } from './forms.ts'
import { askInPieces, inPieces } from './pieces.ts'
import { Member, type SettledCall } from './member.ts'
import { Resting } from './resting.ts'
import { scopeOf, wantsToBeAlone } from './scope.ts'

/** Batches that wait, and that are under way, each at most so many; a call beyond goes alone. */
export const MAX_OPEN_BATCHES = 256
export const MAX_BATCHES_UNDER_WAY = 128
/** Of the merged body; providers take more, and callers with more have nothing to gain. */
export const MAX_BODY_BYTES = 1024 * 1024

interface OpenBatch {
  readonly members: Set<Member>
  readonly timer: Timer
  items: number
  tokens: number
  bytes: number
}

export interface BatchCall {
  readonly routed: RoutedCall
  readonly attempts: readonly Attempt[]
  readonly rule: BatchingRule
  readonly isMasked: boolean
}

export class Batching {
  /**
   * By the rule's `batch`, so that calls of an older table are never mixed with those of a newer one. The route itself
   * is not the same object for each of its calls: the cache takes limits out of it.
   */
  readonly #open = new Map<BatchingRule, Map<string, OpenBatch>>()
  readonly #resting = new Resting()
  #openCount = 0
  #underWay = 0

  settle({ routed, attempts, rule, isMasked }: BatchCall, deps: BatchDeps): Promise<SettledCall> {
    const { call } = routed
    const joining =
      wantsToBeAlone(call) || attempts.length === 0 ? null : joinable(call, { attempts, rule, isMasked }, deps)
    if (joining === null) return failover(routed, attempts, deps)
    const { batchable, mostItems } = joining
    const pieces = inPieces({ routed, attempts, batchable }, mostItems)
    if (pieces !== null) return askInPieces({ routed, attempts, batchable }, pieces, deps)
    if (exceeds(sizeOf(joining), joining.limits)) return failover(routed, attempts, deps)
    const scope = scopeOf(routed, batchable, attempts)
    const hasRoom = this.#openCount < MAX_OPEN_BATCHES && this.#underWay < MAX_BATCHES_UNDER_WAY
    if (!hasRoom || this.#resting.has(scope, deps.now())) return failover(routed, attempts, deps)
    const member = new Member({ routed, attempts, batchable })
    this.#join(member, { rule, scope, joining }, deps)
    return member.settled
  }

  #join(member: Member, { rule, scope, joining }: Joining, deps: BatchDeps): void {
    const send = () => this.#send(rule, scope, deps)
    const size = sizeOf(joining)
    const found = this.#open.get(rule)?.get(scope)
    if (found !== undefined && exceeds(sum(found, size), joining.limits)) send()
    const batch =
      this.#open.get(rule)?.get(scope) ?? this.#openOne(rule, scope, deps.timers.start(joining.limits.waitMs, send))
    add(batch, size)
    batch.members.add(member)
    member.whenGone(() => {
      member.leave()
      batch.members.delete(member)
      add(batch, { items: -size.items, tokens: -size.tokens, bytes: -size.bytes })
      if (batch.members.size === 0) send()
    })
    if (batch.items >= joining.limits.maxSize) send()
  }

  #openOne(rule: BatchingRule, scope: string, timer: Timer): OpenBatch {
    const batch = { members: new Set<Member>(), timer, items: 0, tokens: 0, bytes: 0 }
    const batches = this.#open.get(rule) ?? new Map<string, OpenBatch>()
    this.#open.set(rule, batches.set(scope, batch))
    this.#openCount += 1
    return batch
  }

  #send(rule: BatchingRule, scope: string, deps: BatchDeps): void {
    const batches = this.#open.get(rule)
    const batch = batches?.get(scope)
    if (batches === undefined || batch === undefined) return
    batch.timer.close()
    batches.delete(scope)
    if (batches.size === 0) this.#open.delete(rule)
    this.#openCount -= 1
    void this.#run(batch, scope, deps)
  }

  async #run({ members }: OpenBatch, scope: string, deps: BatchDeps): Promise<void> {
    this.#underWay += 1
    const tally = await runBatch([...members], deps)
    this.#underWay -= 1
    this.#resting.note(scope, isInVain(tally, members.size), deps.now())
  }
}

interface Joining {
  readonly rule: BatchingRule
  readonly scope: string
  readonly joining: Joinable
}

interface Size {
  readonly items: number
  readonly tokens: number
  readonly bytes: number
}

function sizeOf({ batchable: { items, tokens } }: Joinable): Size {
  return {
    items: items.length,
    tokens: tokens.reduce((total, count) => total + count, 0),
    bytes: items.reduce((total, { length }) => total + length, 0),
  }
}

function sum(one: Size, other: Size): Size {
  return { items: one.items + other.items, tokens: one.tokens + other.tokens, bytes: one.bytes + other.bytes }
}

function add(batch: OpenBatch, size: Size): void {
  Object.assign(batch, sum(batch, size))
}

function exceeds({ items, tokens, bytes }: Size, { maxSize, maxTokens }: Joinable['limits']): boolean {
  return items > maxSize || tokens > maxTokens || bytes > MAX_BODY_BYTES
}

/** Every call was well and half of them went alone in the end: what was at fault is the batch, or who answers it. */
function isInVain({ aloneAnswers, aloneFailures }: Tally, size: number): boolean {
  return aloneAnswers >= 2 && 2 * aloneAnswers >= size && aloneFailures === 0
}
