// Puts blocks that grow side by side one after another, for dialects whose blocks must not overlap (Anthropic's,
// Responses'). The first block passes as it comes; of the others, events wait until it ends. A call whose arguments are
// a whole JSON object is over when the next begins, so that in practice nothing waits. How much can wait is bounded by
// the whole answer's bound (stream-translator.ts).
import type { StreamEvent } from './chat.ts'

type BlockEvent = Extract<StreamEvent, { readonly block: number }>

export class Sequencer {
  #open: { readonly block: number; readonly isCall: boolean; text: string } | null = null
  #waiting: BlockEvent[] = []

  order(event: StreamEvent): readonly StreamEvent[] {
    if (!('block' in event)) return event.kind === 'stop' ? [...this.#flush(), event] : [event]
    if (this.#open === null) return this.#pass(event)
    if (this.#open.block === event.block) {
      const passed = this.#pass(event)
      return event.kind === 'blockEnd' ? [...passed, ...this.#release()] : passed
    }
    if (event.kind === 'blockStart' && this.#waiting.length === 0 && this.#isOver()) {
      const ended: BlockEvent = { kind: 'blockEnd', block: this.#open.block }
      return [...this.#pass(ended), ...this.#pass(event)]
    }
    return this.#wait(event)
  }

  #pass(event: BlockEvent): readonly StreamEvent[] {
    if (event.kind === 'blockStart') {
      this.#open = { block: event.block, isCall: event.opening.kind === 'toolCall', text: '' }
      return [event]
    }
    // What comes for a block that has ended already is no more than space after its arguments.
    if (this.#open?.block !== event.block) return []
    if (event.kind === 'blockDelta' && this.#open.isCall) this.#open.text += event.text
    if (event.kind === 'blockEnd') this.#open = null
    return [event]
  }

  #isOver(): boolean {
    if (this.#open === null || !this.#open.isCall) return this.#open !== null
    try {
      JSON.parse(this.#open.text)
      return true
    } catch {
      // Not whole yet: more of it will come.
      return false
    }
  }

  #wait(event: BlockEvent): readonly StreamEvent[] {
    const last = this.#waiting.at(-1)
    const goesOn = event.kind === 'blockDelta' && last?.kind === 'blockDelta' && last.block === event.block
    if (goesOn) this.#waiting[this.#waiting.length - 1] = { ...event, text: last.text + event.text }
    else this.#waiting.push(event)
    return []
  }

  /** The open block has ended: what waited goes on in the order of the blocks. */
  #release(): readonly StreamEvent[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting.flatMap((event) => this.order(event))
  }

  #flush(): readonly StreamEvent[] {
    const flushed: StreamEvent[] = []
    while (this.#open !== null) flushed.push(...this.order({ kind: 'blockEnd', block: this.#open.block }))
    return flushed
  }
}
