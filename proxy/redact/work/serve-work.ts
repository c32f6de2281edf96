// The loop of the thread that masks: takes a message, does the work, tells the result. It sleeps where a call can wake
// it within microseconds, and not in Node's event loop. A long body gives way after each millisecond of work, so that
// short ones that come meanwhile are done between its steps.
import type { Buffer } from 'node:buffer'
import { receiveMessageOnPort, type MessagePort, type Transferable } from 'node:worker_threads'
import { LEAST_PACED_BYTES } from '../mask/pace.ts'
import type { BodyWork } from './body-work.ts'
import type { BodyWorkParts } from './create-body-work.ts'
import type { MaskResult, PolicyOrder } from './job.ts'
import type { Asked, ThreadData, Told } from './messages.ts'
import { ring, SIGNAL } from './signals.ts'
import { readAsked, wireTold, type Wired } from './wire.ts'

/** Never ends; the thread is stopped from outside. */
export async function serveWork(data: ThreadData, create: (parts: BodyWorkParts) => BodyWork): Promise<never> {
  const { port, signals, memoryKey } = data
  const afterTurn = (run: () => void) => void setImmediate(run)
  const work = create({ memoryKey: memoryKey as Buffer, now: () => performance.now(), afterTurn })
  const server = new WorkServer(work, { port, signals, afterTurn })
  for (;;) {
    const seen = Atomics.load(signals, SIGNAL.asked)
    await server.takeAll()
    if (server.isUnderWay) await new Promise<void>((resolve) => setImmediate(resolve))
    else if (server.warmUp()) continue
    else Atomics.wait(signals, SIGNAL.asked, seen)
  }
}

interface ServerDeps {
  readonly port: MessagePort
  readonly signals: Int32Array
  readonly afterTurn: (run: () => void) => void
}

class WorkServer {
  readonly #work: BodyWork
  readonly #deps: ServerDeps
  readonly #policies = new Map<string, PolicyOrder>()
  #longBodies = 0
  #exercise: Iterator<number> | null = null
  #isExercised = false

  constructor(work: BodyWork, deps: ServerDeps) {
    this.#work = work
    this.#deps = deps
  }

  get isUnderWay(): boolean {
    return this.#longBodies > 0
  }

  /** A step of exercise while nobody asks; false: there is none to do. */
  warmUp(): boolean {
    try {
      if (this.#exercise?.next().done !== false) this.#exercise = null
    } catch {
      // A call that meets the same fault is refused as its rule says.
      this.#exercise = null
    }
    return this.#exercise !== null
  }

  async takeAll(): Promise<void> {
    for (;;) {
      const received = receiveMessageOnPort(this.#deps.port)
      if (received === undefined) return
      await this.#take(readAsked(received.message as Asked | Wired))
    }
  }

  async #take(asked: Asked): Promise<void> {
    if (asked.kind === 'policy') return this.#keep(asked)
    const policy = this.#policies.get(asked.policyId)
    if (policy === undefined) throw new Error('a policy was not sent')
    if (asked.kind === 'prepare') {
      const failure = await this.#work.prepare(policy, asked.rule)
      if (failure === null && !this.#isExercised) {
        this.#isExercised = true
        this.#exercise = this.#work.exercise(policy, asked.rule)
      }
      return this.#tell({ kind: 'prepared', id: asked.id, failure })
    }
    // A policy that is compiled here takes its time, and is no body that stands still.
    await this.#work.prepare(policy, asked.job.rule)
    const masked = this.#mask(asked, policy)
    if (asked.job.body.length <= LEAST_PACED_BYTES) return masked
    this.#longBodies += 1
    masked.finally(() => (this.#longBodies -= 1)).catch(rethrow)
  }

  #keep({ policy, isFirst }: Extract<Asked, { kind: 'policy' }>): void {
    if (isFirst) this.#policies.clear()
    this.#policies.set(policy.id, policy)
  }

  async #mask({ id, job }: Extract<Asked, { kind: 'mask' }>, policy: PolicyOrder): Promise<void> {
    const { signals, afterTurn } = this.#deps
    const beat = () => {
      Atomics.store(signals, SIGNAL.job, id)
      Atomics.add(signals, SIGNAL.steps, 1)
    }
    beat()
    const result = await this.#work.mask({ ...job, policy }, { now: () => performance.now(), afterTurn, beat })
    Atomics.store(signals, SIGNAL.job, 0)
    this.#tell({ kind: 'masked', id, result }, buffersOf(result))
  }

  #tell(told: Told, buffers: Transferable[] = []): void {
    this.#deps.port.postMessage(wireTold(told), buffers)
    ring(this.#deps.signals, 'answered')
  }
}

/** A body of its own is handed over, not copied. */
function buffersOf(result: MaskResult): Transferable[] {
  if (result.kind !== 'masked' || result.body === null) return []
  const { buffer, byteLength } = result.body
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []
}

/** As an uncaught fault it ends the thread, whose jobs are refused then. */
function rethrow(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}
