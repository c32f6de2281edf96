// Makers for the tests of restoring: a call's map with values of its own, and what is needed to use it.
import { Codes, placeholderOf, type ValueKind } from '../../../proxy/redact/placeholder/placeholder.ts'
import { Matcher } from '../../../proxy/redact/restore/matcher.ts'
import { RestoreMap } from '../../../proxy/redact/restore/restore-map.ts'
import type { Restoring } from '../../../proxy/redact/restore/text-restorer.ts'

export const CODES = new Codes(Buffer.alloc(32, 3))

export interface Masked {
  readonly word: string
  readonly value: string
  readonly kind?: ValueKind
}

export const tokenOf = ({ word, value, kind = 'text' }: Masked): string =>
  placeholderOf(word, { code: CODES.of(value, kind) })

export function restoringOf(...masked: readonly Masked[]): Restoring {
  const map = new RestoreMap()
  for (const one of masked) {
    const { word, value, kind = 'text' } = one
    map.add(CODES.of(value, kind), { value, kind, token: tokenOf(one) }, word)
  }
  return { map, matcher: new Matcher(map), counts: { seen: 0, restored: 0, damaged: 0, unknown: 0 } }
}
