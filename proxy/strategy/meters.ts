// What the proxy has measured of its targets, from the attempts themselves: answers under way, time to the first token,
// time per token, failures. Only targets that a strategy has asked for are measured; all others cost a look-up.
//
//   planner --factsOf--> followed;  attempt --begin--> Measurement --ended--> the same outcome, its stream watched
//
// Local to one proxy and forgotten with it: strategies need no agreement between pods (docs/strategies.md).
import type { Buffer } from 'node:buffer'
import type { Failure } from '../errors.ts'
import type { Answered, AnswerStream, Outcome } from '../exchange.ts'
import { Relay } from '../relay.ts'
import { DecayedMean, type Estimate } from './decayed-mean.ts'

/** Targets measured; of more, those met first are forgotten. */
export const MAX_METERED = 4096

/** What is known of a target at one moment. */
export interface TargetFacts {
  /** Attempts whose answer has not ended. */
  readonly outstanding: number
  /** The same when the answers began whose times are known. */
  readonly usuallyOutstanding: Estimate
  /** For how long those that wait for a first token have waited, on average. */
  readonly waitingMs: number
  /** Of streamed answers, to the commit point. */
  readonly firstTokenMs: Estimate
  readonly tokenMs: Estimate
  /** Of answers that are not streamed. */
  readonly wholeMs: Estimate
  readonly outputTokens: Estimate
  /** From 0 to 1. */
  readonly failureRate: Estimate
}

interface Entry {
  outstanding: number
  waiting: number
  /** Sum of the moments at which those that wait began. */
  waitingSinceMs: number
  readonly usuallyOutstanding: DecayedMean
  readonly firstTokenMs: DecayedMean
  readonly tokenMs: DecayedMean
  readonly wholeMs: DecayedMean
  readonly outputTokens: DecayedMean
  readonly failureRate: DecayedMean
}

export interface MetersDeps {
  readonly now: () => number
}

export interface Asked {
  readonly isStreaming: boolean
  /** False: an answer that no model has written, whose time says nothing of others. */
  readonly isTimed: boolean
}

export class Meters {
  readonly #deps: MetersDeps
  readonly #entries = new Map<string, Entry>()

  constructor(deps: MetersDeps) {
    this.#deps = deps
  }

  /** Measures the target from now on, if it was not measured before. */
  factsOf(targetId: string): TargetFacts {
    const entry = this.#entries.get(targetId) ?? this.#follow(targetId)
    const nowMs = this.#deps.now()
    return {
      outstanding: entry.outstanding,
      usuallyOutstanding: entry.usuallyOutstanding.at(nowMs),
      waitingMs: entry.waiting === 0 ? 0 : Math.max(0, nowMs - entry.waitingSinceMs / entry.waiting),
      firstTokenMs: entry.firstTokenMs.at(nowMs),
      tokenMs: entry.tokenMs.at(nowMs),
      wholeMs: entry.wholeMs.at(nowMs),
      outputTokens: entry.outputTokens.at(nowMs),
      failureRate: entry.failureRate.at(nowMs),
    }
  }

  /** To be called before an attempt. Null: nobody asks for this target's facts. */
  begin(targetId: string): Measurement | null {
    const entry = this.#entries.get(targetId)
    return entry === undefined ? null : new Measurement(entry, this.#deps.now)
  }

  #follow(targetId: string): Entry {
    const [first] = this.#entries.size >= MAX_METERED ? this.#entries.keys() : []
    if (first !== undefined) this.#entries.delete(first)
    const entry = freshEntry()
    this.#entries.set(targetId, entry)
    return entry
  }
}

function freshEntry(): Entry {
  return {
    outstanding: 0,
    waiting: 0,
    waitingSinceMs: 0,
    usuallyOutstanding: new DecayedMean(),
    firstTokenMs: new DecayedMean(),
    tokenMs: new DecayedMean(),
    wholeMs: new DecayedMean(),
    outputTokens: new DecayedMean(),
    failureRate: new DecayedMean(),
  }
}

/** One attempt; counted from its beginning to the end of its answer, once. */
export class Measurement {
  readonly #entry: Entry
  readonly #now: () => number
  readonly #startMs: number
  readonly #beside: number

  constructor(entry: Entry, now: () => number) {
    this.#entry = entry
    this.#now = now
    this.#startMs = now()
    this.#beside = entry.outstanding
    entry.outstanding += 1
    entry.waiting += 1
    entry.waitingSinceMs += this.#startMs
  }

  /** The same outcome; where its answer still arrives, one that is watched to its end. */
  ended(outcome: Outcome, asked: Asked): Outcome {
    const entry = this.#entry
    entry.waiting -= 1
    entry.waitingSinceMs -= this.#startMs
    if (outcome.kind === 'cancelled' || outcome.kind === 'refused') return this.#over(outcome)
    const nowMs = this.#now()
    entry.failureRate.add(outcome.failureClass === null ? 0 : 1, nowMs)
    if (outcome.kind !== 'answered') return this.#over(outcome)
    if (outcome.failureClass === null && asked.isTimed) this.#time(outcome, { nowMs, isStreaming: asked.isStreaming })
    if (!('start' in outcome.body)) return this.#over(outcome)
    const answer = new MeteredAnswer(outcome.body, {
      answered: outcome,
      now: this.#now,
      whenOver: (end) => this.#close(end),
    })
    return { ...outcome, body: answer }
  }

  #time(answered: Answered, { nowMs, isStreaming }: { readonly nowMs: number; readonly isStreaming: boolean }): void {
    const tookMs = Math.max(0, nowMs - this.#startMs)
    this.#entry.usuallyOutstanding.add(this.#beside, nowMs)
    this.#entry[isStreaming ? 'firstTokenMs' : 'wholeMs'].add(tookMs, nowMs)
    if (isStreaming || 'start' in answered.body) return
    const tokens = answered.finish?.usage?.outputTokens
    if (tokens !== undefined) this.#entry.outputTokens.add(tokens, nowMs)
  }

  #close({ tokens, tokenMs, isCut }: StreamEnd): void {
    const nowMs = this.#now()
    this.#entry.outstanding -= 1
    if (isCut) this.#entry.failureRate.add(1, nowMs)
    if (tokens !== null) this.#entry.outputTokens.add(tokens, nowMs)
    if (tokenMs !== null) this.#entry.tokenMs.add(tokenMs, nowMs)
  }

  #over(outcome: Outcome): Outcome {
    this.#entry.outstanding -= 1
    return outcome
  }
}

interface StreamEnd {
  /** Null: the answer did not say. */
  readonly tokens: number | null
  /** Null: it cannot be told, or the reader was slower than the provider. */
  readonly tokenMs: number | null
  readonly isCut: boolean
}

interface Metering {
  readonly answered: Answered
  readonly now: () => number
  readonly whenOver: (end: StreamEnd) => void
}

/** Hands on what comes and tells, once, when it is over. */
class MeteredAnswer extends Relay {
  readonly #metering: Metering
  readonly #startMs: number
  #chunks = 0
  #isHeldBack = false
  #isOver = false

  constructor(source: AnswerStream, metering: Metering) {
    super(source)
    this.#metering = metering
    this.#startMs = metering.now()
  }

  write(chunk: Buffer): boolean {
    this.#chunks += 1
    const isReady = this.sink?.write(chunk) ?? true
    if (!isReady) this.#isHeldBack = true
    return isReady
  }

  end(fault: Failure | null): void {
    const { answered, now } = this.#metering
    const tokens = answered.finish?.usage?.outputTokens ?? null
    const parts = tokens ?? (answered.isEventStream ? this.#chunks : 0)
    const tokenMs = parts < 2 || this.#isHeldBack ? null : Math.max(0, now() - this.#startMs) / (parts - 1)
    this.#tell({ tokens, tokenMs, isCut: fault !== null })
    this.sink?.end(fault)
  }

  override cut(fault: Failure): void {
    this.#tell({ tokens: null, tokenMs: null, isCut: fault.code !== 'caller_gone' })
    super.cut(fault)
  }

  override abandon(): void {
    this.#tell({ tokens: null, tokenMs: null, isCut: false })
    super.abandon()
  }

  #tell(end: StreamEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#metering.whenOver(end)
  }
}
