// What a caller brings to a flight and what it gets from it. Types only; `Marks` is what the others must know of the
// leader to read its answer as their own (the placeholders that it sent), and nothing to a flight.
import type { Buffer } from 'node:buffer'
import type { Caller } from '../../caller.ts'
import type { Failure } from '../../errors.ts'
import type { Answered, Attempt, AttemptRecord } from '../../exchange.ts'
import type { RecordingEnd } from './recording.ts'

export interface Entrant<Marks> {
  readonly caller: Caller
  /** What leaves for the provider. */
  readonly body: Buffer
  /** What is left of the whole call's time; null: no limit. The call that it leads has none of its own. */
  readonly leftMs: () => number | null
  readonly marks: Marks
  /** Makes the call, for whoever waits by then; `caller` hangs up when all of them have. */
  readonly lead: (caller: Caller) => Promise<Led<Marks>>
  /** The answer of the call that it led has ended, as far as it is recorded: once, in the turn of its last byte. */
  readonly onEnded?: (led: Led<Marks>, end: RecordingEnd) => void
}

/** What a call came to, in the caller's dialect and with the leader's placeholders. */
export interface Led<Marks = never> {
  readonly attempt: Attempt | null
  readonly records: readonly AttemptRecord[]
  readonly result: Answered | Failure
  /** Of whose call this is the answer; absent: of the entrant's own. */
  readonly marks?: Marks
}

export interface Share<Marks> extends Led<Marks> {
  readonly kind: 'share'
  /** `joined`: another's call. The records of its attempts are empty unless nobody else tells them. */
  readonly role: 'led' | 'joined'
  /** Of whoever made the call. */
  readonly marks: Marks
}

export type Boarded<Marks> =
  | Share<Marks>
  /** The call failed in a way that may pass, and this caller may wait for one more. */
  | { readonly kind: 'again' }
