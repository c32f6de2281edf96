// Long texts are read in windows, so that no single step holds the event loop. Neighbours overlap by the longest value
// that is looked for; what a window says about the overlap's second half is left to the next one.

/** About half a millisecond of detection. */
export const WINDOW_UNITS = 16 * 1024
export const OVERLAP_UNITS = 1024

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

/** Behind a space or line end, where there is one near. */
function endAfter(text: string, start: number): number {
  const latest = start + WINDOW_UNITS
  if (latest >= text.length) return text.length
  for (let end = latest; end > latest - OVERLAP_UNITS; end -= 1) {
    const unit = text.charCodeAt(end - 1)
    if (unit === 0x20 || unit === 0x0a || unit === 0x3002) return end
  }
  return latest
}
