// The masking of a proxy, loaded with the first call of a rule that redacts. Detectors and their tables are 10 MB of
// memory and 60 ms of start, which pods without such a rule, most of them, do not pay. Calls of other rules pass by.
import type { Failure } from '../errors.ts'
import type { RoutedCall } from '../exchange.ts'
import type { MaskingParts } from './create-masking.ts'
import type { MaskedCall, Masking } from './masking.ts'

type Masked = MaskedCall | Failure

export class MaskingOnDemand {
  readonly #parts: MaskingParts
  #masking: Promise<Masking> | null = null

  constructor(parts: MaskingParts) {
    this.#parts = parts
  }

  /** No promise for a call that is not masked. Rejects when the detectors cannot be loaded: the call is not sent. */
  mask(routed: RoutedCall): Masked | Promise<Masked> {
    if (routed.route.redact === undefined) return { kind: 'masked', routed, report: null, restoration: null }
    return this.#load().then((masking) => masking.mask(routed))
  }

  #load(): Promise<Masking> {
    this.#masking ??= import('./create-masking.ts').then(({ createMasking }) => createMasking(this.#parts))
    return this.#masking
  }
}
