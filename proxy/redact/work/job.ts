// What is asked of the work on one body, and what comes back: values that can be handed to another thread, so nothing
// in them is a function or has methods. Types only.
//
//   masking.ts -> MaskJob -> BodyWork (here, or in a thread of its own) -> MaskResult -> masking.ts
import type { Failure } from '../../errors.ts'
import type { Place } from '../../exchange.ts'
import type { DialectName, Redaction } from '../../table/schema.ts'
import type { MapParts } from '../restore/restore-map.ts'

/** A rule's detection with the words that have come; equal ids are equal policies. */
export interface PolicyOrder {
  readonly id: string
  readonly redaction: Redaction
  readonly wordLists: ReadonlyMap<string, readonly string[]>
}

export interface MaskJob {
  readonly policy: PolicyOrder
  /** The rule's name, for sentences. */
  readonly rule: string
  readonly body: Uint8Array
  readonly dialect: DialectName
  readonly operation: Place['operation']
  /** Below the dialect's version prefix. */
  readonly path: string | null
  readonly contentType: string
  /** Those that may leave, if nothing is found in them; name and value alternating. */
  readonly rawHeaders: readonly string[]
  readonly query: string
  /** A model in the path, if it is no plain name. */
  readonly oddModel: string | null
  /** Of the conversation's placeholders; `previous` null: no exchange of keys is under way. */
  readonly codesKey: Uint8Array
  readonly previousCodesKey: Uint8Array | null
}

export type MaskResult = MaskedBody | CountedBody | Failure | WorkFault

export interface MaskedBody {
  readonly kind: 'masked'
  /** Null: nothing is changed. */
  readonly body: Uint8Array | null
  readonly map: MapParts
  readonly rawHeaders: readonly string[]
  readonly query: string
  readonly asksForJson: boolean
  readonly maskedByType: ReadonlyMap<string, number>
  /** Placeholders in the body. */
  readonly sent: number
  readonly notInspected: number
}

/** Of a dry run: nothing is changed. */
export interface CountedBody {
  readonly kind: 'counted'
  readonly foundByType: ReadonlyMap<string, number>
  readonly notInspected: number
}

/** A bug met by the work: the name of the error alone, since its message may hold text of the call. */
export interface WorkFault {
  readonly kind: 'fault'
  readonly name: string
}

export interface MaskWork {
  /** Never rejects. No promise where the result is there at once. */
  mask(job: MaskJob): MaskResult | Promise<MaskResult>
  /** Compiles a rule's policy before its first call and proves its detectors. Null: it works. */
  prepare(policy: PolicyOrder, rule: string): Promise<Failure | null>
  close(): void
}
