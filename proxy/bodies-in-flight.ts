// The bytes of all request bodies that the proxy holds, against their common limit, so that many large uploads at once
// are refused instead of taking the pod's memory. receive.ts holds, serve.ts releases when the call is over.

export class BodiesInFlight {
  readonly #limitBytes: number
  #heldBytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  get limitBytes(): number {
    return this.#limitBytes
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  tryHold(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#limitBytes) return false
    this.#heldBytes += bytes
    return true
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes
  }
}
