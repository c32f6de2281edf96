// What stands in the key in place of a call's placeholders, and how an answer that was given to one call comes to
// another: both have their own values in the same slots, and the placeholders in a stored answer are the first call's.
//
//   masked body -> SlotReader -> slots in the key, own tokens by slot
//   stored answer, its tokens by slot -> restorationFor -> the restoring of redact/, with this call's values
//
// So an entry holds no value, and escapes, split placeholders and damaged ones are the restoring's business alone.
import type { Buffer } from 'node:buffer'
import type { MaskedCall, Restoration } from '../redact/masking.ts'
import { CODE_LENGTH } from '../redact/placeholder/placeholder.ts'
import { Matcher } from '../redact/restore/matcher.ts'
import { RestoreMap } from '../redact/restore/restore-map.ts'

/** As they are written, by slot number: `XREF_EMAIL_7K2M9QW4T1BZC`. */
export type Slots = readonly string[]

export const NO_SLOTS: Slots = []

export interface SlotPlace {
  /** Bytes of the text. */
  readonly start: number
  readonly end: number
  readonly number: number
  /** What two values must have in common to share: the word of their type, and whether they are numbers. */
  readonly kind: string
}

const FRAME = 'XREF_'
const TOKEN = /XREF_([A-Z0-9]{1,12})_([0-9A-HJKMNP-TV-Z]{13})/g
const NOWHERE: readonly SlotPlace[] = []

export class SlotReader {
  readonly #map: RestoreMap
  /** Number by token, in order. */
  readonly #numbers = new Map<string, number>()

  constructor(map: RestoreMap) {
    this.#map = map
  }

  /** All that were read so far. */
  get slots(): Slots {
    return [...this.#numbers.keys()]
  }

  /** The placeholders of this call in a text; whatever else looks like one is text. */
  read(text: Buffer): readonly SlotPlace[] {
    const from = text.indexOf(FRAME)
    if (from === -1) return NOWHERE
    const places: SlotPlace[] = []
    for (const { 0: token, 1: word = '', 2: code = '', index } of text.toString('latin1', from).matchAll(TOKEN)) {
      const kind = this.#kindOf(token, { word, code })
      if (kind === null) continue
      const start = from + index
      places.push({ start, end: start + token.length, number: this.#numberOf(token), kind })
    }
    return places
  }

  #kindOf(token: string, { word, code }: { readonly word: string; readonly code: string }): string | null {
    const known = this.#map.find(code)
    if (known !== undefined) return known.token === token ? `${known.kind} ${word}` : null
    return this.#map.isOneWay(code) ? `one-way ${word}` : null
  }

  #numberOf(token: string): number {
    const number = this.#numbers.get(token) ?? this.#numbers.size
    this.#numbers.set(token, number)
    return number
  }
}

export interface OwnSlots {
  readonly masked: MaskedCall
  readonly slots: Slots
}

/** Whether an answer that was given for one list of slots can be restored as it is for the other. */
export function areSameSlots(one: Slots, other: Slots): boolean {
  return one.length === other.length && one.every((token, index) => token === other[index])
}

/** How the answer to the call with `given` comes to the call with its own slots, which are as many. */
export function restorationFor(given: Slots, { masked, slots }: OwnSlots): Restoration | null {
  const { restoration, placeholders, report } = masked
  if (areSameSlots(given, slots) || placeholders === undefined) return restoration
  const map = new RestoreMap()
  // Of values that stand in no slot the placeholders are the same in both calls.
  for (const [code, restored] of placeholders.entries()) map.add(code, restored, wordOf(restored.token))
  given.forEach((token, index) => {
    const own = slots[index] ?? token
    const known = placeholders.find(codeOf(own))
    // What never comes back to the caller comes as the placeholder that it knows.
    map.add(codeOf(token), { ...(known ?? { value: own, kind: 'text' }), token }, wordOf(token))
  })
  if (map.size === 0) return null
  const counts = report ?? { seen: 0, restored: 0, damaged: 0, unknown: 0 }
  const { isForErrors, isJsonOutput } = masked.restoration ?? WITHOUT_RESTORATION
  return { map, matcher: new Matcher(map), counts, isJsonOutput, isForErrors }
}

const WITHOUT_RESTORATION = { isForErrors: false, isJsonOutput: false } as const

function codeOf(token: string): string {
  return token.slice(-CODE_LENGTH)
}

function wordOf(token: string): string {
  return token.slice(FRAME.length, -CODE_LENGTH - 1)
}
