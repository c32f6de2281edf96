// Makes blocks of streams that have none: OpenAI's, Gemini's and Ollama's deltas say only what kind of text they are.
// Text, reasoning and refusals follow one another, so a delta of another kind ends the block before; calls of tools
// stay open side by side until the stream says that it is done.
import type { BlockOpening, Signature, StreamEvent } from './chat.ts'

/** Tool calls in one answer; further ones are not followed. */
export const MAX_OPEN_CALLS = 256

type LinearKind = 'text' | 'refusal' | 'reasoning'

interface OpenCall {
  readonly block: number
  readonly id: string
}

export class Blocks {
  #next = 0
  #linear: { readonly block: number; readonly kind: LinearKind } | null = null
  readonly #calls = new Map<number, OpenCall>()
  #callCount = 0

  get hasCalls(): boolean {
    return this.#callCount > 0
  }

  text(kind: LinearKind, text: string): readonly StreamEvent[] {
    if (text === '') return []
    const events: StreamEvent[] = []
    if (this.#linear?.kind !== kind) {
      events.push(...this.endLinear())
      this.#linear = { block: this.#next, kind }
      events.push({ kind: 'blockStart', block: this.#next, opening: { kind } })
      this.#next += 1
    }
    events.push({ kind: 'blockDelta', block: this.#linear.block, text })
    return events
  }

  /** A signature of what was last said; a block of its own when nothing is open. */
  sign(signature: Signature): readonly StreamEvent[] {
    if (this.#linear !== null) return [{ kind: 'blockSignature', block: this.#linear.block, signature }]
    const block = this.#next
    this.#next += 1
    return [
      { kind: 'blockStart', block, opening: { kind: 'reasoning' } },
      { kind: 'blockSignature', block, signature },
      { kind: 'blockEnd', block },
    ]
  }

  /** `key` is the stream's own name of the call: later text comes under it. */
  startCall(key: number, opening: Extract<BlockOpening, { kind: 'toolCall' }>): readonly StreamEvent[] {
    if (this.#callCount >= MAX_OPEN_CALLS) return []
    const events = [...this.endLinear(), ...this.endCall(key)]
    this.#calls.set(key, { block: this.#next, id: opening.id })
    this.#callCount += 1
    events.push({ kind: 'blockStart', block: this.#next, opening })
    this.#next += 1
    return events
  }

  callId(key: number): string | undefined {
    return this.#calls.get(key)?.id
  }

  callText(key: number, text: string): readonly StreamEvent[] {
    const call = this.#calls.get(key)
    return call === undefined || text === '' ? [] : [{ kind: 'blockDelta', block: call.block, text }]
  }

  endCall(key: number): StreamEvent[] {
    const call = this.#calls.get(key)
    this.#calls.delete(key)
    return call === undefined ? [] : [{ kind: 'blockEnd', block: call.block }]
  }

  endLinear(): StreamEvent[] {
    const linear = this.#linear
    this.#linear = null
    return linear === null ? [] : [{ kind: 'blockEnd', block: linear.block }]
  }

  endAll(): readonly StreamEvent[] {
    const events = this.endLinear()
    for (const key of this.#calls.keys()) events.push(...this.endCall(key))
    return events
  }
}
