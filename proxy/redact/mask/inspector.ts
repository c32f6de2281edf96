// Runs detection over texts of any length: long ones in windows that overlap, so that no single step holds the event
// loop, and texts that came before (a conversation repeats itself with every turn) from a memory of offsets alone.
// The memory is keyed by a hash under a key of this process; it holds no text.
import type { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'
import type { Detection } from '../detectors/detection.ts'
import type { DetectionPolicy } from '../detectors/policy.ts'

export type Detect = (text: string, policy: DetectionPolicy, label: string | null) => readonly Detection[]

/** About half a millisecond of detection. */
export const WINDOW_UNITS = 16 * 1024
/** The longest value that is found where two windows meet. */
export const OVERLAP_UNITS = 1024
export const MAX_REMEMBERED_TEXTS = 4096
export const MAX_REMEMBERED_FINDINGS = 64
const LEAST_REMEMBERED_UNITS = 512

export interface InspectorDeps {
  readonly detect: Detect
  /** Random bytes of this process. */
  readonly memoryKey: Buffer
}

/** A policy with a name of its own, for the memory. */
export interface NamedPolicy {
  readonly id: string
  readonly policy: DetectionPolicy
}

export class Inspector {
  readonly #deps: InspectorDeps
  readonly #remembered = new Map<string, readonly Detection[]>()

  constructor(deps: InspectorDeps) {
    this.#deps = deps
  }

  get rememberedTexts(): number {
    return this.#remembered.size
  }

  /** One window after another: what it found, in offsets of the whole text. */
  *windows(text: string, label: string | null, named: NamedPolicy): Generator<readonly Detection[]> {
    if (text.length <= WINDOW_UNITS) {
      yield this.#inspect(text, label, named)
      return
    }
    for (let start = 0; start < text.length;) {
      const end = windowEnd(text, start)
      const found = this.#inspect(text.slice(start, end), label, named)
      yield start === 0 ? found : found.map((one) => ({ ...one, start: one.start + start, end: one.end + start }))
      if (end === text.length) return
      start = end - OVERLAP_UNITS
    }
  }

  #inspect(text: string, label: string | null, named: NamedPolicy): readonly Detection[] {
    const { detect } = this.#deps
    if (text.length < LEAST_REMEMBERED_UNITS) return detect(text, named.policy, label)
    const key = this.#keyOf(text, label, named)
    const known = this.#remembered.get(key)
    if (known !== undefined) {
      // The newest stay.
      this.#remembered.delete(key)
      this.#remembered.set(key, known)
      return known
    }
    const found = detect(text, named.policy, label)
    if (found.length <= MAX_REMEMBERED_FINDINGS) this.#remember(key, found)
    return found
  }

  #remember(key: string, found: readonly Detection[]): void {
    this.#remembered.set(key, found)
    if (this.#remembered.size <= MAX_REMEMBERED_TEXTS) return
    const oldest = this.#remembered.keys().next()
    if (oldest.done !== true) this.#remembered.delete(oldest.value)
  }

  #keyOf(text: string, label: string | null, { id }: NamedPolicy): string {
    const hash = createHmac('sha256', this.#deps.memoryKey).update(`${id}\u0000${label ?? ''}\u0000`)
    return hash.update(text, 'utf16le').digest('base64')
  }
}

/** Behind a space or line end, where there is one near. */
function windowEnd(text: string, start: number): number {
  const latest = start + WINDOW_UNITS
  if (latest >= text.length) return text.length
  for (let end = latest; end > latest - OVERLAP_UNITS; end -= 1) {
    const unit = text.charCodeAt(end - 1)
    if (unit === 0x20 || unit === 0x0a || unit === 0x3002) return end
  }
  return latest
}
