// Attempts of one call of which two may be under way: where the first stays silent for too long, a second target is
// asked as well. Which one, and whether that may be, is failover's to say; this keeps them apart and cancels the loser.
//
//   start -> next: the first to end --good--> settle: the other is cancelled, its connection closed at once
//              |           '--failed--> next: the other, which is under way already
//              '--silent for hedgeAfterMs--> start of a second
//
// Each attempt has a caller of its own, so that one can be cancelled without the other, and none hears less of a
// hang-up because another has ended. A hang-up cancels all. Rules that keep an answer while they ask for a better one
// need that too, hedged or not.
import { Caller } from '../caller.ts'
import type { Failure } from '../errors.ts'
import type { Answered, Attempt, AttemptRecord, Outcome, RoutedCall } from '../exchange.ts'
import { attemptOnce, type AttemptDeps, type Ended } from './attempt.ts'
import type { Timer } from './timers.ts'

/** Attempts of one call that are under way at the same time. */
export const MAX_AT_ONCE = 2

export interface ContestParts {
  readonly routed: RoutedCall
  readonly deps: AttemptDeps
  /** Null: one at a time. */
  readonly hedgeAfterMs: number | null
  /** The target to ask as well, its cost taken; null: none may be. */
  readonly takeHedge: (silent: Attempt) => Attempt | null
}

interface Run {
  readonly attempt: Attempt
  readonly isHedge: boolean
  readonly startedAtMs: number
  readonly caller: Caller
  readonly records: AttemptRecord[]
  /** Null: under way. */
  outcome: Outcome | null
  isCancelled: boolean
}

export class Contest {
  readonly #parts: ContestParts
  /** All of the call's, bounded by the rule's `attempts`. */
  readonly #runs: Run[] = []
  readonly #underWay = new Map<Run, Promise<void>>()
  /** Ended in the same turn as another, and not told yet. */
  readonly #untold: Ended[] = []
  #taker: PromiseWithResolvers<Ended> | null = null
  #timer: Timer | null = null

  constructor(parts: ContestParts) {
    this.#parts = parts
  }

  /** True while next() has something to tell, now or later. */
  get isRunning(): boolean {
    return this.#underWay.size > 0 || this.#untold.length > 0
  }

  start(attempt: Attempt, isHedge = false): void {
    const { routed, deps } = this.#parts
    const run: Run = {
      attempt,
      isHedge,
      startedAtMs: deps.now(),
      caller: new Caller(),
      records: [],
      outcome: null,
      isCancelled: false,
    }
    this.#runs.push(run)
    // Kept for as long as the call lives: the winner's stream must end with its reader, too.
    routed.call.received.caller.whenGone(() => this.#hangUp())
    const made = attemptOnce(routed, attempt, { deps, records: run.records, caller: run.caller })
    const ended = made.then(
      (told) => this.#end(run, told),
      (fault: unknown) => this.#fail(run, fault),
    )
    this.#underWay.set(run, ended)
  }

  /** The attempt that ends first. Rejects for a fault of the proxy's own. */
  next(): Promise<Ended> {
    const ended = this.#untold.shift()
    if (ended !== undefined) return Promise.resolve(ended)
    this.#armHedge()
    this.#taker = Promise.withResolvers<Ended>()
    return this.#taker.promise
  }

  /** Cancels whatever is not the winner; resolves to the records of all attempts, in the order of their starts. */
  async settle(winner: Answered | Failure): Promise<readonly AttemptRecord[]> {
    this.#timer?.close()
    const untold = new Set(this.#untold.splice(0).map(({ outcome }) => outcome))
    for (const run of this.#runs) {
      if (run.outcome !== null && untold.has(run.outcome)) cancel(run)
      else if (run.outcome === null) cancel(run)
    }
    if (winner.kind === 'answered') this.#tellOutrun(winner)
    // A matter of microtasks: what is cancelled ends in the same turn.
    await Promise.all(this.#underWay.values())
    return this.#runs.flatMap((run) => recordsOf(run, winner))
  }

  #tellOutrun(winner: Answered): void {
    const hasHedgeWon = this.#runs.some(({ isHedge, outcome }) => isHedge && outcome === winner)
    if (!hasHedgeWon) return
    const { health } = this.#parts.deps
    for (const { attempt, isCancelled, isHedge } of this.#runs) if (isCancelled && !isHedge) health.outrun(attempt)
  }

  #armHedge(): void {
    const { deps, hedgeAfterMs, takeHedge } = this.#parts
    const [silent] = this.#underWay.keys()
    if (hedgeAfterMs === null || silent === undefined || this.#underWay.size >= MAX_AT_ONCE) return
    const delayMs = Math.max(0, silent.startedAtMs + hedgeAfterMs - deps.now())
    this.#timer = deps.timers.start(delayMs, () => {
      const attempt = takeHedge(silent.attempt)
      if (attempt !== null) this.start(attempt, true)
    })
  }

  #end(run: Run, ended: Ended): void {
    run.outcome = ended.outcome
    this.#underWay.delete(run)
    if (run.isCancelled) return abandon(ended.outcome)
    this.#timer?.close()
    if (this.#taker === null) this.#untold.push(ended)
    else this.#taker.resolve(ended)
    this.#taker = null
  }

  /** Where the winner is there already, a fault of the loser costs the call nothing. */
  #fail(run: Run, fault: unknown): void {
    this.#underWay.delete(run)
    this.#timer?.close()
    this.#hangUp()
    this.#taker?.reject(fault)
  }

  #hangUp(): void {
    for (const { caller } of this.#runs) caller.hangUp()
  }
}

/** Under way, or ended at the same moment as the winner. */
function cancel(run: Run): void {
  run.isCancelled = true
  run.caller.hangUp()
  if (run.outcome !== null) abandon(run.outcome)
}

/** An answer that is not delivered and still arrives would hold its connection for ever. */
export function abandon(outcome: Outcome): void {
  if (outcome.kind === 'answered' && 'start' in outcome.body) outcome.body.abandon()
}

function recordsOf(run: Run, winner: Answered | Failure): readonly AttemptRecord[] {
  const { records, isHedge, isCancelled, outcome } = run
  const last = records.at(-1)
  if (last === undefined) return []
  const named = isCancelled ? { ...last, outcome: 'cancelled', failureClass: null } : last
  const hedge = outcome === winner ? 'won' : 'lost'
  return [...records.slice(0, -1), isHedge ? { ...named, hedge } : named]
}
