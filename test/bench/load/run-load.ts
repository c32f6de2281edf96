// A closed loop: each connection sends the same request again as soon as its answer has ended. Raw sockets with
// keep-alive, so that the generator is several times cheaper than what it measures.
//
//   connect -> lead-in (not counted) -> mark -> measured window -> mark -> let the calls in flight end -> close
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { AnswerReader } from './answer-reader.ts'
import { Samples } from './samples.ts'

export interface LoadPlan {
  readonly port: number
  readonly request: Buffer
  readonly connections: number
  readonly leadInMs: number
  readonly durationMs: number
  /** Read at both marks; the difference is what the subject's processes cost in the window. */
  readonly readCpuNs: () => number
  /** Count events and note the first token. Costs the generator, so only for streams. */
  readonly isStreaming: boolean
  /** The answers do not end: they are broken off when the window is over. */
  readonly isOpenEnded?: boolean
}

export interface LoadResult {
  readonly seconds: number
  readonly cpuUs: number
  readonly answers: number
  readonly latencyUs: Samples
  readonly firstTokenUs: Samples
  readonly events: number
  readonly reads: number
  /** At most MAX_FAULTS sentences; `faultCount` counts them all. */
  readonly faults: readonly string[]
  readonly faultCount: number
}

const MAX_FAULTS = 5
const READ_BUFFER_BYTES = 64 * 1024
const DRAIN_WITHIN_MS = 10_000
const EVENT_END = Buffer.from('\n\n')
/** Every content delta of the stream upstream starts so; the role event that precedes it does not. */
const FIRST_TOKEN = Buffer.from('"content":"w')

interface Tally {
  isCounting: boolean
  isStopping: boolean
  answers: number
  events: number
  reads: number
  latencyUs: Samples
  firstTokenUs: Samples
  faults: string[]
  faultCount: number
}

export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const tally = newTally()
  const connections = Array.from({ length: plan.connections }, () => new LoadConnection(plan, tally))
  const ends = connections.map((connection) => connection.run())
  await delay(plan.leadInMs)
  const cpuAtStart = plan.readCpuNs()
  const startedAt = performance.now()
  tally.isCounting = true
  await delay(plan.durationMs)
  tally.isCounting = false
  const seconds = (performance.now() - startedAt) / 1000
  const cpuUs = (plan.readCpuNs() - cpuAtStart) / 1000
  tally.isStopping = true
  if (plan.isOpenEnded === true) for (const connection of connections) connection.breakOff()
  await Promise.race([Promise.all(ends), delay(DRAIN_WITHIN_MS, undefined, { ref: false })])
  const { answers, events, reads, latencyUs, firstTokenUs, faults, faultCount } = tally
  return { seconds, cpuUs, answers, events, reads, latencyUs, firstTokenUs, faults, faultCount }
}

function newTally(): Tally {
  const counts = { answers: 0, events: 0, reads: 0, faultCount: 0 }
  const samples = { latencyUs: new Samples(), firstTokenUs: new Samples() }
  return { ...counts, ...samples, isCounting: false, isStopping: false, faults: [] }
}

class LoadConnection {
  readonly #plan: LoadPlan
  readonly #tally: Tally
  readonly #reader = new AnswerReader()
  #sentAt = 0
  #hasFirstToken = false
  #isInFlight = false
  #socket: Socket | null = null

  constructor(plan: LoadPlan, tally: Tally) {
    this.#plan = plan
    this.#tally = tally
  }

  /** Resolves when the connection has closed. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      const socket: Socket = connect({
        port: this.#plan.port,
        host: '127.0.0.1',
        noDelay: true,
        onread: {
          buffer: Buffer.allocUnsafe(READ_BUFFER_BYTES),
          callback: (byteCount, buffer) => this.#take(socket, (buffer as Buffer).subarray(0, byteCount)),
        },
      })
      this.#socket = socket
      socket.on('connect', () => this.#send(socket))
      socket.on('error', (cause) => this.#fault(cause.message))
      socket.on('close', () => {
        if (this.#isInFlight) this.#fault('the connection was closed before the answer had ended')
        resolve()
      })
    })
  }

  breakOff(): void {
    this.#isInFlight = false
    this.#socket?.destroy()
  }

  #send(socket: Socket): void {
    this.#isInFlight = true
    this.#hasFirstToken = false
    this.#sentAt = performance.now()
    socket.write(this.#plan.request)
  }

  #take(socket: Socket, bytes: Buffer): boolean {
    if (this.#plan.isStreaming) this.#countEvents(bytes)
    try {
      if (!this.#reader.read(bytes)) return true
    } catch (cause) {
      socket.destroy(cause instanceof Error ? cause : new Error(String(cause)))
      return false
    }
    this.#isInFlight = false
    const { status } = this.#reader
    if (status !== 200) this.#fault(`status ${status}: ${bytes.toString('utf8').slice(-300)}`)
    else if (this.#tally.isCounting) this.#count()
    if (this.#tally.isStopping || status !== 200) socket.destroy()
    else this.#send(socket)
    return true
  }

  #count(): void {
    this.#tally.answers += 1
    this.#tally.latencyUs.add((performance.now() - this.#sentAt) * 1000)
  }

  #countEvents(bytes: Buffer): void {
    if (!this.#tally.isCounting) return
    this.#tally.reads += 1
    for (let at = bytes.indexOf(EVENT_END); at !== -1; at = bytes.indexOf(EVENT_END, at + 2)) this.#tally.events += 1
    if (this.#hasFirstToken || !bytes.includes(FIRST_TOKEN)) return
    this.#hasFirstToken = true
    this.#tally.firstTokenUs.add((performance.now() - this.#sentAt) * 1000)
  }

  #fault(sentence: string): void {
    this.#isInFlight = false
    this.#tally.faultCount += 1
    if (this.#tally.faults.length < MAX_FAULTS) this.#tally.faults.push(sentence)
  }
}
