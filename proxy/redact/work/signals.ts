// The few numbers that the two threads share beside their messages: how each tells the other that something has come,
// and by which the one that waits sees whether the other still moves.

export const SIGNAL = {
  /** Counts messages to the thread; it sleeps on this. */
  asked: 0,
  /** Counts messages from the thread; a call that waits for its result sleeps on this. */
  answered: 1,
  /** Counts steps of work. */
  steps: 2,
  /** The job at hand; 0: none that looks at a text (the thread sleeps, starts, or compiles a policy). */
  job: 3,
} as const

export function createSignals(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * Object.keys(SIGNAL).length))
}

export function ring(signals: Int32Array, which: 'asked' | 'answered'): void {
  Atomics.add(signals, SIGNAL[which], 1)
  Atomics.notify(signals, SIGNAL[which])
}
