// One thread that masks bodies, from its start to its end, and the messages to and from it. It does not keep the
// process alive. Who is asked what, and what becomes of jobs when it ends, is detached-work.ts.
import type { Buffer } from 'node:buffer'
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import type { MaskJob, PolicyOrder } from './job.ts'
import type { Asked, ThreadData, Told } from './messages.ts'
import { createSignals, ring, SIGNAL } from './signals.ts'
import { readTold, wireAsked, type Wired } from './wire.ts'

/** Policies that a thread is told of; more different ones are told anew. */
const MAX_KNOWN_POLICIES = 128
/** New objects die young here; the platform's own choice costs a pod 10 MB more. */
const MEMORY = { maxYoungGenerationSizeMb: 2 }
/** In the source tree; beside the proxy's bundle in the image. */
const SOURCE = './thread.ts'
const BUNDLE = './masking-thread.mjs'

export interface MaskingThreadDeps {
  readonly memoryKey: Buffer
  readonly threadUrl?: URL
  readonly onTold: (told: Told) => void
  /** It ended by itself. */
  readonly onEnd: (reason: string) => void
}

interface Ask {
  readonly policy: PolicyOrder
  readonly rule: string
  /** Null: the policy is to be made ready. */
  readonly job: MaskJob | null
}

export class MaskingThread {
  readonly #deps: MaskingThreadDeps
  readonly #signals = createSignals()
  readonly #known = new Set<string>()
  #worker: Worker | null = null
  #port: MessagePort | null = null

  constructor(deps: MaskingThreadDeps) {
    this.#deps = deps
  }

  send(id: number, { policy, rule, job }: Ask): void {
    const port = this.#port ?? this.#start()
    if (!this.#known.has(policy.id)) {
      if (this.#known.size >= MAX_KNOWN_POLICIES) this.#known.clear()
      port.postMessage({ kind: 'policy', policy, isFirst: this.#known.size === 0 } satisfies Asked)
      this.#known.add(policy.id)
    }
    if (job === null) port.postMessage({ kind: 'prepare', id, policyId: policy.id, rule } satisfies Asked)
    else port.postMessage(wireAsked(toMask(id, job)))
    ring(this.#signals, 'asked')
  }

  /** Results that come within the time are told before this returns. */
  waitFor(isThere: () => boolean, timeMs: number): void {
    if (this.#port === null || Atomics.load(this.#signals, SIGNAL.steps) === 0) return
    const untilMs = performance.now() + timeMs
    for (;;) {
      const seen = Atomics.load(this.#signals, SIGNAL.answered)
      this.#tellAll(this.#port)
      const leftMs = untilMs - performance.now()
      if (isThere() || leftMs <= 0) return
      Atomics.wait(this.#signals, SIGNAL.answered, seen, leftMs)
    }
  }

  progress(): { readonly steps: number; readonly job: number } {
    return { steps: Atomics.load(this.#signals, SIGNAL.steps), job: Atomics.load(this.#signals, SIGNAL.job) }
  }

  end(): void {
    this.#port?.close()
    // Whether it ends in time or not is nobody's concern any more.
    void this.#worker?.terminate()
    this.#worker = null
    this.#port = null
  }

  #start(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    const workerData: ThreadData = { port: port2, signals: this.#signals, memoryKey: this.#deps.memoryKey }
    const settings = { workerData, transferList: [port2], resourceLimits: MEMORY }
    const worker = new Worker(this.#deps.threadUrl ?? ownUrl(), settings)
    const ended = (reason: string) => {
      if (this.#worker === worker) this.#deps.onEnd(reason)
    }
    worker.on('error', (error) => ended(error instanceof Error ? error.name : 'unknown'))
    worker.on('exit', () => ended('it ended by itself'))
    worker.unref()
    port1.on('message', (told: Told | Wired) => this.#deps.onTold(readTold(told)))
    port1.unref()
    this.#worker = worker
    this.#port = port1
    return port1
  }

  #tellAll(port: MessagePort): void {
    for (;;) {
      const received = receiveMessageOnPort(port)
      if (received === undefined) return
      this.#deps.onTold(readTold(received.message as Told | Wired))
    }
  }
}

function ownUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? SOURCE : BUNDLE, import.meta.url)
}

function toMask(id: number, { policy, ...job }: MaskJob): Asked {
  return { kind: 'mask', id, policyId: policy.id, job }
}
