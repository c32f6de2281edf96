// How long the proxy waits before it dials the operator again: full jitter over a doubling range, so that a fleet does
// not come back in step, and short enough that tables are current within 5 s of the operator's return.
export const FIRST_RANGE_MS = 500
export const LARGEST_RANGE_MS = 4_000
const SHORTEST_DELAY_MS = 50

/** `failures` since a stream last held; 0 after an orderly end. `random` is uniform in [0, 1). */
export function reconnectDelayMs(failures: number, random: number): number {
  const range = Math.min(LARGEST_RANGE_MS, FIRST_RANGE_MS * 2 ** Math.min(failures, 16))
  return SHORTEST_DELAY_MS + Math.floor(random * (range - SHORTEST_DELAY_MS))
}
