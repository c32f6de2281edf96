// The masking of a proxy, loaded with the first table that has a rule that redacts. Its thread, with the detectors and
// their tables, is some 35 MB of memory, which pods without such a rule, most of them, do not pay. Calls of other rules
// pass by.
import type { Failure } from '../errors.ts'
import type { RoutedCall } from '../exchange.ts'
import type { RoutingTable } from '../table/schema.ts'
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

  /** A new table: its rules are made ready before their first call, once the detectors are here. */
  prepare(table: Pick<RoutingTable, 'routes'>): void {
    if (!table.routes.some(({ redact }) => redact !== undefined)) return
    this.#load()
      .then((masking) => masking.prepare(table))
      .catch((error: unknown) => this.#parts.logger.error({ err: error }, 'the detectors cannot be loaded'))
  }

  /** Ends the thread that masks. */
  close(): void {
    this.#masking?.then(
      (masking) => masking.close(),
      // Nothing was loaded, and nothing is to be closed.
      () => {},
    )
  }

  #load(): Promise<Masking> {
    this.#masking ??= import('./create-masking.ts').then(({ createMasking }) => createMasking(this.#parts))
    return this.#masking
  }
}
