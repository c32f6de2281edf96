// Which targets are well, learned from the calls themselves. A target that is not well is asked after all others, never
// not at all: a rule whose targets are all unwell still asks them in its own order.
//
//   well --failures one after another, or half of the recent calls, or silences one after another--> ejected
//   ejected --for ejectForMs--> half open: one call (or the check, health-check.ts) finds out
//   half open --success--> well,  --failure--> ejected anew
//   any --rate limit, or a pause that the provider asks for--> cooling, until then
//
// Holds numbers by target id, at most MAX_TARGETS of them; outcome-classes.ts says which failures count.
import type { Attempt, Outcome } from '../exchange.ts'
import type { Target } from '../table/schema.ts'
import type { AttemptBudget } from './budget.ts'
import { classOf, OUTCOME_CLASSES } from './outcome-classes.ts'

/** Targets remembered; of more, those met first are forgotten. Labels and tables stay far below. */
export const MAX_TARGETS = 4096
export const DEFAULT_HEALTH = { failuresToEject: 5, ejectForMs: 30_000 } as const
/** The rate of failures is that of this long, where there were enough calls to speak of a rate. */
export const RATE_WINDOW_MS = 30_000
export const MIN_RATE_CALLS = 20
export const MAX_FAILURE_RATE = 0.5
/**
 * So many times its failures: a target that a hedge outran may only have been slow, but one that never answers must not
 * cost every call the time after which it is hedged.
 */
export const SILENCES_PER_FAILURE = 2
/** For how long a rate-limited target cools down that does not say how long. */
export const DEFAULT_COOLING_MS = 1_000
export const MAX_COOLING_MS = 10 * 60_000
/** A probe that has not ended by then no longer keeps others away. */
const PROBE_LIMIT_MS = 60_000

export type HealthState = 'well' | 'cooling' | 'ejected' | 'half open'

export interface TargetHealth {
  readonly targetId: string
  readonly state: HealthState
  readonly consecutiveFailures: number
  /** When the state may change, since the epoch; null: it is well. */
  readonly untilMs: number | null
}

export interface HealthDeps {
  readonly now: () => number
  readonly onEjected: (attempt: Attempt, why: EjectionReason) => void
  readonly onReadmitted: (targetId: string) => void
}

export type EjectionReason = 'consecutive failures' | 'failure rate' | 'failed probe' | 'silence'

type Budget = Pick<AttemptBudget, 'hasRoom'>

interface Entry {
  /** The newest one, whose table has the settings in force. */
  attempt: Attempt
  consecutive: number
  /** Times it was outrun since it last answered. */
  silences: number
  windowStartMs: number
  windowCalls: number
  windowFailures: number
  ejectedUntilMs: number | null
  probeStartedMs: number | null
  coolsUntilMs: number
}

export class Health {
  readonly #deps: HealthDeps
  readonly #entries = new Map<string, Entry>()
  /** Ejected or cooling; empty nearly always, and then no call pays for more than a look. */
  readonly #unwell = new Set<Entry>()

  constructor(deps: HealthDeps) {
    this.#deps = deps
  }

  /** The same targets, those that are well first. `budget`: whether a call may be risked on one that is half open. */
  order(attempts: readonly Attempt[], budget: Budget): readonly Attempt[] {
    if (this.#unwell.size === 0 || attempts.length < 2) return attempts
    const well = attempts.filter((attempt) => this.#takesCalls(attempt, budget))
    if (well.length === 0 || well.length === attempts.length) return attempts
    return [...well, ...attempts.filter((attempt) => !well.includes(attempt))]
  }

  /** To be called before each attempt: an attempt at a half-open target is its probe. */
  begin({ targetId }: Attempt): void {
    if (this.#unwell.size === 0) return
    const entry = this.#entries.get(targetId)
    if (entry !== undefined && stateOf(entry, this.#deps.now()) === 'half open') entry.probeStartedMs = this.#deps.now()
  }

  end(attempt: Attempt, outcome: Outcome): void {
    const entry = this.#entryOf(attempt)
    entry.probeStartedMs = null
    if (outcome.kind === 'cancelled' || outcome.kind === 'refused') return
    const failureClass = classOf(outcome)
    const rule = failureClass === null ? 'no matter' : OUTCOME_CLASSES[failureClass].health
    const askedMs = outcome.kind === 'answered' ? outcome.retryAfterMs : null
    if (askedMs !== null || rule === 'cools') this.#cool(entry, askedMs ?? DEFAULT_COOLING_MS)
    if (rule === 'counts') this.#fail(entry)
    else if (outcome.kind === 'answered' && 'start' in outcome.body) this.#readmit(entry)
    else this.#succeed(entry)
  }

  /** It was called off because another target, asked later, has answered. Counts for nothing but more of the same. */
  outrun(attempt: Attempt): void {
    const entry = this.#entryOf(attempt)
    entry.silences += 1
    if (stateOf(entry, this.#deps.now()) === 'half open') return this.#eject(entry, 'failed probe')
    const limit = SILENCES_PER_FAILURE * settingsOf(entry).failuresToEject
    if (entry.silences >= limit && entry.ejectedUntilMs === null) this.#eject(entry, 'silence')
  }

  /** A stream that end() has seen begin is over. One that broke off is a failure, however well it began. */
  streamEnded(targetId: string, { isCut }: { readonly isCut: boolean }): void {
    const entry = this.#entries.get(targetId)
    if (entry === undefined) return
    if (isCut) this.#fail(entry)
    else this.#succeed(entry)
  }

  readmit(targetId: string): void {
    const entry = this.#entries.get(targetId)
    if (entry !== undefined) this.#succeed(entry)
  }

  isEjected(targetId: string): boolean {
    return (this.#entries.get(targetId)?.ejectedUntilMs ?? null) !== null
  }

  stateOf(targetId: string): TargetHealth {
    const entry = this.#entries.get(targetId)
    if (entry === undefined) return { targetId, state: 'well', consecutiveFailures: 0, untilMs: null }
    const state = stateOf(entry, this.#deps.now())
    const untilMs = state === 'well' ? null : state === 'cooling' ? entry.coolsUntilMs : entry.ejectedUntilMs
    return { targetId, state, consecutiveFailures: entry.consecutive, untilMs }
  }

  #takesCalls({ targetId }: Attempt, budget: Budget): boolean {
    const entry = this.#entries.get(targetId)
    if (entry === undefined) return true
    const nowMs = this.#deps.now()
    switch (stateOf(entry, nowMs)) {
      case 'well':
        this.#unwell.delete(entry)
        return true
      case 'half open': {
        const isProbed = entry.probeStartedMs !== null && nowMs - entry.probeStartedMs < PROBE_LIMIT_MS
        return settingsOf(entry).check === undefined && !isProbed && budget.hasRoom()
      }
      case 'cooling':
      case 'ejected':
        return false
    }
  }

  #succeed(entry: Entry): void {
    this.#turn(entry)
    entry.windowCalls += 1
    entry.consecutive = 0
    this.#readmit(entry)
  }

  #readmit(entry: Entry): void {
    entry.silences = 0
    if (entry.ejectedUntilMs === null) return
    entry.ejectedUntilMs = null
    entry.windowCalls = 0
    entry.windowFailures = 0
    this.#deps.onReadmitted(entry.attempt.targetId)
  }

  #fail(entry: Entry): void {
    this.#turn(entry)
    entry.windowCalls += 1
    entry.windowFailures += 1
    entry.consecutive += 1
    const why = reasonToEject(entry, this.#deps.now())
    if (why !== null) this.#eject(entry, why)
  }

  #eject(entry: Entry, why: EjectionReason): void {
    entry.ejectedUntilMs = this.#deps.now() + settingsOf(entry).ejectForMs
    this.#unwell.add(entry)
    this.#deps.onEjected(entry.attempt, why)
  }

  #cool(entry: Entry, forMs: number): void {
    const untilMs = this.#deps.now() + Math.min(forMs, MAX_COOLING_MS)
    entry.coolsUntilMs = Math.max(entry.coolsUntilMs, untilMs)
    this.#unwell.add(entry)
  }

  #turn(entry: Entry): void {
    const nowMs = this.#deps.now()
    if (nowMs - entry.windowStartMs < RATE_WINDOW_MS && nowMs >= entry.windowStartMs) return
    entry.windowStartMs = nowMs
    entry.windowCalls = 0
    entry.windowFailures = 0
  }

  #entryOf(attempt: Attempt): Entry {
    const known = this.#entries.get(attempt.targetId)
    if (known !== undefined) {
      known.attempt = attempt
      return known
    }
    if (this.#entries.size >= MAX_TARGETS) this.#forgetFirst()
    const entry = freshEntry(attempt)
    this.#entries.set(attempt.targetId, entry)
    return entry
  }

  #forgetFirst(): void {
    for (const [targetId, entry] of this.#entries) {
      this.#entries.delete(targetId)
      this.#unwell.delete(entry)
      return
    }
  }
}

function settingsOf({ attempt }: Entry): NonNullable<Target['health']> {
  return attempt.target.health ?? DEFAULT_HEALTH
}

function freshEntry(attempt: Attempt): Entry {
  return {
    attempt,
    consecutive: 0,
    silences: 0,
    windowStartMs: 0,
    windowCalls: 0,
    windowFailures: 0,
    ejectedUntilMs: null,
    probeStartedMs: null,
    coolsUntilMs: 0,
  }
}

function stateOf({ ejectedUntilMs, coolsUntilMs }: Entry, nowMs: number): HealthState {
  if (ejectedUntilMs !== null && nowMs < ejectedUntilMs) return 'ejected'
  if (nowMs < coolsUntilMs) return 'cooling'
  return ejectedUntilMs === null ? 'well' : 'half open'
}

/** Null: it stays as it is; while a target is ejected, late failures of earlier calls say nothing new. */
function reasonToEject(entry: Entry, nowMs: number): EjectionReason | null {
  const { ejectedUntilMs, consecutive, windowCalls, windowFailures } = entry
  if (ejectedUntilMs !== null) return nowMs >= ejectedUntilMs ? 'failed probe' : null
  if (consecutive >= settingsOf(entry).failuresToEject) return 'consecutive failures'
  return windowCalls >= MIN_RATE_CALLS && windowFailures >= MAX_FAILURE_RATE * windowCalls ? 'failure rate' : null
}
