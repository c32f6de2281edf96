// One call at the provider and everyone who waits for its answer. The call has a caller of its own, which hangs up when
// the last of them has: so the one who came first may go at any time, and the others lose nothing.
//
//   boarding --answer's head--> recorded: each gets a reader of the recording, also who comes later
//      |     --failure--------> each gets it where that is honest (sharing.ts), else is told to try `again`
//      '-- the last one leaves: the call is cancelled
//
// The record of the attempts goes to one of them, the first who is still there: what it cost is counted once.
import { Caller } from '../../caller.ts'
import { failure, type Failure } from '../../errors.ts'
import type { Answered } from '../../exchange.ts'
import type { Timer, Timers } from '../../upstream/timers.ts'
import type { Boarded, Entrant, Led } from './entrant.ts'
import type { RecordingBudget } from './recording-budget.ts'
import { MAX_RECORDING_BYTES, Recording, type RecordingEnd } from './recording.ts'
import { MAX_TRIES, sharingOf } from './sharing.ts'

/** Callers that one call may serve; who comes after that goes with the next one. */
export const MAX_PASSENGERS = 4096

export interface FlightDeps {
  readonly timers: Timers
  readonly budget: RecordingBudget
  /** Absent: MAX_RECORDING_BYTES. */
  readonly maxRecordingBytes?: number
}

interface Passenger<Marks> {
  readonly entrant: Entrant<Marks>
  readonly tries: number
  readonly board: PromiseWithResolvers<Boarded<Marks>>
  /** Why it waits no longer, where it was the last one and stays to hear what the call came to. */
  leaves: Failure | null
  timer: Timer | null
}

export class Flight<Marks> {
  readonly #leader: Entrant<Marks>
  readonly #deps: FlightDeps
  readonly #onClosed: () => void
  readonly #caller = new Caller()
  readonly #waiting = new Set<Passenger<Marks>>()
  #passengers = 0
  #landed: { readonly led: Led<Marks>; readonly recording: Recording } | null = null
  #isClosed = false

  /** `onClosed`, once: nobody can join any more. */
  constructor(leader: Entrant<Marks>, deps: FlightDeps, onClosed: () => void) {
    this.#leader = leader
    this.#deps = deps
    this.#onClosed = onClosed
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.#passengers < MAX_PASSENGERS
  }

  /** The leader's own way in. Rejects for a fault of the proxy's own. */
  depart(tries: number): Promise<Boarded<Marks>> {
    const boarded = this.#await(this.#leader, tries)
    this.#leader.lead(this.#caller).then(
      (led) => this.#settle(led),
      (fault: unknown) => this.#fail(fault),
    )
    return boarded
  }

  /** While it isOpen. */
  join(entrant: Entrant<Marks>, tries: number): Promise<Boarded<Marks>> {
    if (this.#landed === null) return this.#await(entrant, tries)
    this.#passengers += 1
    const { led, recording } = this.#landed
    return Promise.resolve(
      this.#share(entrant, { ...led, records: [], result: readBy(entrant, recording, this.#deps) }),
    )
  }

  #await(entrant: Entrant<Marks>, tries: number): Promise<Boarded<Marks>> {
    this.#passengers += 1
    const board = Promise.withResolvers<Boarded<Marks>>()
    const passenger: Passenger<Marks> = { entrant, tries, board, leaves: null, timer: null }
    this.#waiting.add(passenger)
    const left = entrant.leftMs()
    if (left !== null)
      passenger.timer = this.#deps.timers.start(Math.max(1, left), () => this.#leave(passenger, outOfTime()))
    entrant.caller.whenGone(() => this.#leave(passenger, gone()))
    return board.promise
  }

  /** The last one stays until the call is over, which is at once: the record of its attempts is for it. */
  #leave(passenger: Passenger<Marks>, reason: Failure): void {
    passenger.leaves = reason
    if (this.#waiting.size > 1) return this.#resolve(passenger, { attempt: null, records: [], result: reason })
    this.#cancel()
  }

  #settle(led: Led<Marks>): void {
    const { result } = led
    const sharing = sharingOf(result)
    const isFor = ({ entrant, tries, leaves }: Passenger<Marks>) =>
      entrant === this.#leader ||
      leaves !== null ||
      tries >= MAX_TRIES ||
      sharing === 'all' ||
      (sharing === 'same bytes' && entrant.body.equals(this.#leader.body))
    if (sharing !== 'all') this.#close()
    const recording = result.kind === 'failure' ? null : this.#record(led, result)
    if (recording !== null) this.#landed = { led, recording }
    let { records } = led
    for (const passenger of this.#waiting) {
      // Before the reader listens to the same caller.
      const board = this.#release(passenger)
      if (!isFor(passenger)) {
        board.resolve({ kind: 'again' })
        continue
      }
      const { entrant, leaves } = passenger
      const own = leaves ?? (recording === null ? result : readBy(entrant, recording, this.#deps))
      board.resolve(this.#share(entrant, { ...led, records, result: own }))
      records = []
    }
    recording?.begin()
    if (result.kind === 'failure') this.#close()
  }

  #record(led: Led<Marks>, { body, ...head }: Answered): Recording {
    const { budget, maxRecordingBytes = MAX_RECORDING_BYTES } = this.#deps
    return new Recording({
      head,
      body,
      maxBytes: maxRecordingBytes,
      budget,
      onDeserted: () => this.#cancel(),
      onEnded: (end: RecordingEnd) => {
        this.#leader.onEnded?.(led, end)
        this.#close()
      },
    })
  }

  #fail(fault: unknown): void {
    this.#close()
    for (const { entrant, tries, ...passenger } of this.#waiting) {
      const isLast = entrant === this.#leader || tries >= MAX_TRIES
      if (isLast) passenger.board.reject(fault)
      else passenger.board.resolve({ kind: 'again' })
    }
  }

  #resolve(passenger: Passenger<Marks>, outcome: Led<Marks>): void {
    this.#release(passenger).resolve(this.#share(passenger.entrant, outcome))
  }

  #release(passenger: Passenger<Marks>): PromiseWithResolvers<Boarded<Marks>> {
    this.#waiting.delete(passenger)
    passenger.timer?.close()
    passenger.entrant.caller.whenGone(null)
    return passenger.board
  }

  #share(entrant: Entrant<Marks>, outcome: Led<Marks>): Boarded<Marks> {
    const role = entrant === this.#leader ? 'led' : 'joined'
    return { kind: 'share', role, marks: this.#leader.marks, ...outcome }
  }

  #cancel(): void {
    this.#close()
    this.#caller.hangUp()
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#onClosed()
  }
}

/** The answer with a body that is the entrant's alone. */
function readBy<Marks>({ caller, leftMs }: Entrant<Marks>, recording: Recording, { timers }: FlightDeps): Answered {
  return { ...recording.head, body: recording.join({ caller, leftMs, timers }) }
}

function gone(): Failure {
  return failure('caller_gone', 'The application closed the connection.')
}

function outOfTime(): Failure {
  return failure('targets_failed', 'The whole answer did not come within the time that the rule gives a call.')
}
