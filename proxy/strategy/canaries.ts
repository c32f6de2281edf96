// The canaries of the rules in force: what their calls came to, and which of them this proxy has stopped. A stop holds
// until the rule's canary is another one (a new start is enough) or the proxy restarts; each proxy decides by itself,
// by the calls that it has seen.
//
//   planner --shareOf--> percent;  report --note(exchange)--> arms -> stopped?
import type { AttemptRecord, Exchange } from '../exchange.ts'
import type { Canary, Route } from '../table/schema.ts'
import { type Arm, NO_CALLS, percentAt, reasonToStop, type StopReason, withCall } from './canary.ts'

/** Rules with a canary that are remembered; a table has no more rules. */
export const MAX_CANARIES = 1024

export interface CanaryState {
  readonly route: string
  /** 0 when it is stopped. */
  readonly percent: number
  readonly stopped: StopReason | null
}

export interface CanariesDeps {
  readonly now: () => number
  readonly onStopped: (route: string, why: StopReason, found: { readonly canary: Arm; readonly baseline: Arm }) => void
}

interface Entry {
  readonly route: string
  /** Of the canary as its rule has it; another one begins anew. */
  readonly signature: string
  readonly canary: Canary
  its: Arm
  theirs: Arm
  stopped: StopReason | null
}

export class Canaries {
  readonly #deps: CanariesDeps
  readonly #byRoute = new Map<string, Entry>()
  readonly #byCanary = new WeakMap<Canary, Entry>()

  constructor(deps: CanariesDeps) {
    this.#deps = deps
  }

  /** Percent of the conversations that the canary gets now. */
  percentOf({ name }: Pick<Route, 'name'>, canary: Canary): number {
    const entry = this.#byCanary.get(canary) ?? this.#follow(name, canary)
    return entry.stopped === null ? percentAt(canary, this.#deps.now()) : 0
  }

  /** Counts for a canary where the call's rule has one and its first target was asked. */
  note({ route, attempts, isStreaming, error, targetId, flight }: Exchange): void {
    const entry = route === null ? undefined : this.#byRoute.get(route)
    const [first] = attempts
    if (entry === undefined || first === undefined || entry.stopped !== null) return
    // A call that shared another one's answer has its attempts, too.
    if (error === 'caller_gone' || flight === 'joined') return
    const isCut = error === 'stream_cut' && first.targetId === targetId
    const hasFailed = first.failureClass !== null || isCut || isRefused(first)
    const outcome = { hasFailed, isStreaming, tookMs: first.durationMs }
    if (first.targetId === entry.canary.target) entry.its = withCall(entry.its, outcome)
    else entry.theirs = withCall(entry.theirs, outcome)
    this.#judge(entry)
  }

  states(): readonly CanaryState[] {
    const nowMs = this.#deps.now()
    return [...this.#byRoute.values()].map(({ route, canary, stopped }) => {
      return { route, stopped, percent: stopped === null ? percentAt(canary, nowMs) : 0 }
    })
  }

  #judge(entry: Entry): void {
    const { its, theirs, canary } = entry
    entry.stopped = reasonToStop(its, theirs, canary.stopWhen)
    if (entry.stopped !== null) this.#deps.onStopped(entry.route, entry.stopped, { canary: its, baseline: theirs })
  }

  #follow(route: string, canary: Canary): Entry {
    const signature = JSON.stringify(canary)
    const known = this.#byRoute.get(route)
    const isSame = known?.signature === signature
    const entry = isSame ? known : { route, signature, canary, its: NO_CALLS, theirs: NO_CALLS, stopped: null }
    if (this.#byRoute.size >= MAX_CANARIES && known === undefined) this.#forgetFirst()
    this.#byRoute.set(route, entry)
    this.#byCanary.set(canary, entry)
    return entry
  }

  #forgetFirst(): void {
    const [first] = this.#byRoute.keys()
    if (first !== undefined) this.#byRoute.delete(first)
  }
}

/** It could not be asked at all: its key is missing, or its dialect cannot say what was asked. */
function isRefused({ outcome }: AttemptRecord): boolean {
  return outcome !== 'cancelled' && !/^\d+$/.test(outcome)
}
