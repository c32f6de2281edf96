// Scopes in which batches have been in vain, because the target takes no lists or cannot be understood: their calls go
// alone for a while, so that they do not pay for two calls each. The oldest are forgotten first.

export const REST_MS = 60_000
export const MAX_RESTING = 256

export class Resting {
  readonly #untilMs = new Map<string, number>()

  has(scope: string, nowMs: number): boolean {
    const untilMs = this.#untilMs.get(scope)
    if (untilMs === undefined) return false
    // A clock that was set back must not make a rest of hours.
    if (nowMs < untilMs && untilMs - nowMs <= REST_MS) return true
    this.#untilMs.delete(scope)
    return false
  }

  add(scope: string, nowMs: number): void {
    this.#untilMs.delete(scope)
    this.#untilMs.set(scope, nowMs + REST_MS)
    const [oldest] = this.#untilMs.keys()
    if (this.#untilMs.size > MAX_RESTING && oldest !== undefined) this.#untilMs.delete(oldest)
  }
}
