// Long texts are read in windows, so that no single step holds the event loop. Neighbours overlap by the longest value
// that is looked for; what a window says about the overlap's second half is left to the next one.

/** About half a millisecond of detection. */
export const WINDOW_UNITS = 16 * 1024
export const OVERLAP_UNITS = 1024
/** Private keys and tokens that run on over a window's end are read whole up to here. */
export const LONGEST_VALUE_UNITS = 64 * 1024
const KEY_BEGIN = '-----BEGIN '
const KEY_END = '-----END '
const KEY_LAST_LINE_UNITS = 64

export interface Window {
  readonly start: number
  readonly end: number
  /** Findings that end up to here are final. */
  readonly finalTo: number
}

export function* windowsOf(text: string): Generator<Window> {
  for (let start = 0; ;) {
    const end = endAfter(text, start)
    if (end === text.length) {
      yield { start, end, finalTo: end }
      return
    }
    yield { start, end, finalTo: end - OVERLAP_UNITS / 2 }
    start = end - OVERLAP_UNITS
  }
}

/** Where a window may end: at a space, and not inside of a key or token that is longer than the overlap. */
function endAfter(text: string, start: number): number {
  const latest = start + WINDOW_UNITS
  if (latest >= text.length) return text.length
  const end = endOfRun(text, latest)
  return Math.max(end, endOfOpenKey(text, start, end))
}

/** Behind a space or line end, where there is one near; else behind the run that goes on there. */
function endOfRun(text: string, latest: number): number {
  for (let end = latest; end > latest - OVERLAP_UNITS / 2; end -= 1) {
    if (isBorder(text.charCodeAt(end - 1))) return end
  }
  const farthest = Math.min(text.length, latest + LONGEST_VALUE_UNITS)
  for (let end = latest + 1; end <= farthest; end += 1) {
    if (isBorder(text.charCodeAt(end - 1))) return end
  }
  return farthest
}

function isBorder(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x3002
}

/** Behind the last line of a private key that was begun before `end`. */
function endOfOpenKey(text: string, start: number, end: number): number {
  const begin = text.lastIndexOf(KEY_BEGIN, end)
  if (begin < start) return end
  const farthest = Math.min(text.length, end + LONGEST_VALUE_UNITS)
  const close = text.slice(begin, farthest).indexOf(KEY_END)
  if (close === -1) return farthest
  return Math.max(end, Math.min(text.length, begin + close + KEY_LAST_LINE_UNITS))
}
