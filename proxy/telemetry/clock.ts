// Time as a dependency: what is now, and "run this later". Proxy and operator take it through `deps`, so that a test
// can move hours in an instant.

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs once after `delayMs` and does not keep the process alive; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs).unref()
    return () => clearTimeout(timer)
  },
}
