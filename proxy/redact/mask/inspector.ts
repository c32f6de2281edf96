// Detection with a memory: what came before (a conversation repeats itself with every turn) is answered from offsets
// alone. The memory is keyed by a hash under a key of this process; it holds no text.
import type { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'
import type { Detection } from '../detectors/detection.ts'
import type { DetectionPolicy } from '../detectors/policy.ts'

export type Detect = (text: string, policy: DetectionPolicy, label: string | null) => readonly Detection[]

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

  /** Of one window at most. */
  inspect(text: string, label: string | null, named: NamedPolicy): readonly Detection[] {
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
