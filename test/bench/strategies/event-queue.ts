// Things that happen at their times, in simulated time: a heap by time, run one after another.
interface Event {
  readonly atMs: number
  readonly run: () => void
}

export class EventQueue {
  readonly #heap: Event[] = []
  nowMs = 0

  after(delayMs: number, run: () => void): void {
    const heap = this.#heap
    heap.push({ atMs: this.nowMs + delayMs, run })
    let at = heap.length - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (timeAt(heap, parent) <= timeAt(heap, at)) return
      swap(heap, at, parent)
      at = parent
    }
  }

  /** What is due later is left undone. */
  runUntil(endMs: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= endMs; next = this.#heap[0]) {
      this.#removeFirst()
      this.nowMs = next.atMs
      next.run()
    }
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const smaller = timeAt(heap, left + 1) < timeAt(heap, left) ? left + 1 : left
      if (timeAt(heap, smaller) >= timeAt(heap, at)) return
      swap(heap, at, smaller)
      at = smaller
    }
  }
}

function timeAt(heap: readonly Event[], at: number): number {
  return heap[at]?.atMs ?? Infinity
}

function swap(heap: Event[], one: number, other: number): void {
  const [left, right] = [heap[one], heap[other]]
  if (left === undefined || right === undefined) return
  heap[one] = right
  heap[other] = left
}
