// Timers that are moved on with every chunk: the platform's own can be refreshed without a new object. Handed in
// through deps, so that tests decide when time is up.

export interface Timer {
  refresh(): unknown
  close(): unknown
}

export interface Timers {
  start(delayMs: number, run: () => void): Timer
}

export const systemTimers: Timers = { start: (delayMs, run) => setTimeout(run, delayMs) }
