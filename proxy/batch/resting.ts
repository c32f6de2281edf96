// Scopes in which batches have been in vain several times in a row, because the target takes no lists or cannot be
// understood: their calls go alone for a while, so that they do not pay for two calls each. One batch in vain is
// chance. After the rest one more is enough for the next. The oldest scopes are forgotten first.

export const REST_MS = 60_000
export const VAIN_BATCHES = 3
export const MAX_RESTING = 256

interface Tried {
  readonly inVain: number
  readonly untilMs: number
}

export class Resting {
  readonly #records = new Map<string, Tried>()

  has(scope: string, nowMs: number): boolean {
    const untilMs = this.#records.get(scope)?.untilMs ?? 0
    // A clock that was set back must not make a rest of hours.
    return nowMs < untilMs && untilMs - nowMs <= REST_MS
  }

  note(scope: string, isInVain: boolean, nowMs: number): void {
    const inVain = (this.#records.get(scope)?.inVain ?? 0) + 1
    this.#records.delete(scope)
    if (!isInVain) return
    const isEnough = inVain >= VAIN_BATCHES
    this.#records.set(scope, { inVain: Math.min(inVain, VAIN_BATCHES), untilMs: isEnough ? nowMs + REST_MS : 0 })
    const [oldest] = this.#records.keys()
    if (this.#records.size > MAX_RESTING && oldest !== undefined) this.#records.delete(oldest)
  }
}
