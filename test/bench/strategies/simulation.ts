// A world of targets and proxies in simulated time, for measuring strategies: the real strategies, meters and health of
// each proxy, and targets whose times are drawn from what a scenario says of them at that moment.
//
//   arrivals -> rank + health -> attempt -> first token -> end        (a queue of events, in order of their times)
//
// Regret is how much longer a call was expected to take than at the target that was the best at that moment.
import { Buffer } from 'node:buffer'
import type { Answered, AnswerStream, Attempt, BodySink } from '../../../proxy/exchange.ts'
import { Meters } from '../../../proxy/strategy/meters.ts'
import { saltOf, seedOf } from '../../../proxy/strategy/rendezvous.ts'
import type { Candidate, Draw, Ranked } from '../../../proxy/strategy/strategy.ts'
import { Health } from '../../../proxy/upstream/health.ts'
import { EventQueue } from './event-queue.ts'
import { logNormal, type Random } from './random.ts'

/** What a target is like at a moment. */
export interface Conditions {
  readonly firstTokenMs: number
  readonly tokenMs: number
  /** Part of the calls that fail, at once. */
  readonly failing: number
  /** Answers under way above which each takes longer, in proportion. */
  readonly capacity: number
}

export interface World {
  readonly targets: readonly ((atMs: number) => Conditions)[]
  readonly proxies: number
  /** Of all proxies together. */
  readonly callsPerSecond: number
  readonly durationMs: number
  readonly random: Random
}

export type Rank = (candidates: readonly Candidate[], draw: Draw) => readonly Ranked[]

export interface Result {
  readonly calls: number
  readonly meanMs: number
  /** Beyond what the best target at each moment would have been expected to take, in percent of it. */
  readonly regretPercent: number
  /** Calls that no target answered. */
  readonly failed: number
  /** Most answers under way at once, by target. */
  readonly peaks: readonly number[]
  /** Share of each target of all attempts. */
  readonly shares: readonly number[]
}

/** Calls before this are not counted: nothing is known yet. */
export const WARM_UP_MS = 60_000
const FAILURE_MS = 50
const MEAN_TOKENS = 200
const MAX_ATTEMPTS = 3
/** How far single calls lie from their target's mean. */
const SPREAD = 0.5

interface Proxy {
  readonly meters: Meters
  readonly health: Health
}

interface Simulated {
  readonly startMs: number
  readonly proxy: Proxy
  readonly tokens: number
  readonly order: readonly Attempt[]
  readonly bestMs: number
  readonly isCounted: boolean
}

export function simulate(world: World, rank: Rank): Result {
  return new Simulation(world, rank).run()
}

class Simulation {
  readonly #world: World
  readonly #rank: Rank
  readonly #events = new EventQueue()
  readonly #proxies: readonly Proxy[]
  readonly #attempts: readonly Attempt[]
  readonly #underWay: number[]
  readonly #asked: number[]
  readonly #peaks: number[]
  #calls = 0
  #totalMs = 0
  #expectedMs = 0
  #bestMs = 0
  #failed = 0

  constructor(world: World, rank: Rank) {
    this.#world = world
    this.#rank = rank
    const now = () => this.#events.nowMs
    const ignore = () => {}
    this.#proxies = Array.from({ length: world.proxies }, () => ({
      meters: new Meters({ now }),
      health: new Health({ now, onEjected: ignore, onReadmitted: ignore }),
    }))
    this.#attempts = world.targets.map((_, index) => attemptAt(index))
    this.#underWay = world.targets.map(() => 0)
    this.#asked = world.targets.map(() => 0)
    this.#peaks = world.targets.map(() => 0)
  }

  run(): Result {
    this.#arrive()
    this.#events.runUntil(this.#world.durationMs)
    const total = this.#asked.reduce((sum, asked) => sum + asked, 0)
    return {
      calls: this.#calls,
      meanMs: this.#totalMs / this.#calls,
      regretPercent: (100 * (this.#expectedMs - this.#bestMs)) / this.#bestMs,
      failed: this.#failed,
      peaks: this.#peaks,
      shares: this.#asked.map((asked) => asked / total),
    }
  }

  /** Poisson arrivals at proxies drawn at random. */
  #arrive(): void {
    const { callsPerSecond, random } = this.#world
    this.#events.after((-Math.log(1 - random()) * 1000) / callsPerSecond, () => {
      this.#call()
      this.#arrive()
    })
  }

  #call(): void {
    const { random } = this.#world
    const proxy = this.#proxies[Math.floor(random() * this.#proxies.length)]
    if (proxy === undefined) return
    const candidates = this.#attempts.map((attempt): Candidate => ({
      attempt,
      weight: 1,
      seed: seedOf(attempt.targetId),
      price: null,
      inputTokens: 0,
      facts: proxy.meters.factsOf(attempt.targetId),
    }))
    const draw = { uniform: random(), salt: saltOf(String(random())), isStreaming: true }
    const ranked = this.#rank(candidates, draw).map(({ candidate }) => candidate.attempt)
    const order = proxy.health.order(ranked, { hasRoom: () => true })
    const startMs = this.#events.nowMs
    const bestMs = Math.min(...this.#attempts.map((_, index) => this.#expected(index)))
    const tokens = Math.max(1, Math.round(logNormal(MEAN_TOKENS, { spread: SPREAD, random })))
    const call = { startMs, proxy, tokens, order, bestMs, isCounted: startMs >= WARM_UP_MS }
    this.#attempt(call, { number: 0, expectedMs: 0 })
  }

  #attempt(call: Simulated, { number, expectedMs }: { readonly number: number; readonly expectedMs: number }): void {
    const attempt = call.order[number]
    if (attempt === undefined || number >= MAX_ATTEMPTS) return this.#fail(call)
    const target = indexOf(attempt)
    const now = this.#conditions(target)
    const { random } = this.#world
    this.#count(target)
    call.proxy.health.begin(attempt)
    const measurement = call.proxy.meters.begin(attempt.targetId)
    if (random() < now.failing) {
      this.#events.after(FAILURE_MS, () => {
        const outcome = failed()
        call.proxy.health.end(attempt, outcome)
        measurement?.ended(outcome, { isStreaming: true, isTimed: true })
        this.#attempt(call, { number: number + 1, expectedMs: expectedMs + FAILURE_MS })
      })
      return
    }
    if (call.isCounted) this.#expectedMs += expectedMs + timeOf(now)
    if (call.isCounted) this.#bestMs += call.bestMs
    this.#underWay[target] = (this.#underWay[target] ?? 0) + 1
    const firstTokenMs = logNormal(now.firstTokenMs, { spread: SPREAD, random })
    this.#events.after(firstTokenMs, () => {
      const source = new SimulatedAnswer()
      const outcome = answered(source, call.tokens)
      call.proxy.health.end(attempt, outcome)
      const metered = measurement?.ended(outcome, { isStreaming: true, isTimed: true }) ?? outcome
      if (metered.kind === 'answered' && 'start' in metered.body) metered.body.start(NOWHERE)
      this.#events.after(call.tokens * now.tokenMs, () => {
        source.finish()
        this.#underWay[target] = (this.#underWay[target] ?? 0) - 1
        this.#end(call)
      })
    })
  }

  #end({ startMs, isCounted }: Simulated): void {
    if (!isCounted) return
    this.#calls += 1
    this.#totalMs += this.#events.nowMs - startMs
  }

  #fail({ isCounted }: Simulated): void {
    if (isCounted) this.#failed += 1
  }

  #count(target: number): void {
    this.#asked[target] = (this.#asked[target] ?? 0) + 1
    if (this.#events.nowMs < WARM_UP_MS) return
    this.#peaks[target] = Math.max(this.#peaks[target] ?? 0, this.#underWay[target] ?? 0)
  }

  /** As they are with the answers that are under way now. */
  #conditions(target: number): Conditions {
    const now = this.#world.targets[target]?.(this.#events.nowMs)
    if (now === undefined) throw new Error(`no target ${target}`)
    const slower = Math.max(1, ((this.#underWay[target] ?? 0) + 1) / now.capacity)
    return { ...now, firstTokenMs: now.firstTokenMs * slower, tokenMs: now.tokenMs * slower }
  }

  #expected(target: number): number {
    const now = this.#conditions(target)
    return timeOf(now) / (1 - Math.min(0.95, now.failing))
  }
}

function timeOf({ firstTokenMs, tokenMs }: Conditions): number {
  return firstTokenMs + MEAN_TOKENS * tokenMs
}

function attemptAt(index: number): Attempt {
  const target = { provider: `p${index}`, dialect: 'OpenAI', url: 'http://target.test' } as const
  return { targetId: String(index), target, endpoint: { origin: 'http://target.test', basePath: '' } }
}

function indexOf({ targetId }: Attempt): number {
  return Number(targetId)
}

const NOWHERE: BodySink = { write: () => true, end() {}, cut() {} }

class SimulatedAnswer implements AnswerStream {
  #sink: BodySink | null = null

  start(sink: BodySink): void {
    this.#sink = sink
  }

  resume(): void {}

  abandon(): void {}

  finish(): void {
    this.#sink?.end(null)
  }
}

function answered(body: AnswerStream, outputTokens: number): Answered {
  const finish = { reason: 'stop', usage: { inputTokens: 0, outputTokens } } as const
  return {
    kind: 'answered',
    status: 200,
    failureClass: null,
    retryAfterMs: null,
    headers: {},
    body,
    isEventStream: true,
    finish,
  }
}

const NO_BYTES = Buffer.alloc(0)

function failed(): Answered {
  const own = { status: 500, failureClass: 'Server', body: NO_BYTES } as const
  return { kind: 'answered', retryAfterMs: null, headers: {}, isEventStream: false, ...own }
}
