// One running text of an answer: pieces in, the same text with values in place of placeholders out. What may still
// become a placeholder stays here until it is known; it is never longer than MAX_SPAN and a few marks.
//
// `json`: the text is the source of a JSON document; values are written with JSON's escapes. `arguments`: that of the
// arguments of a tool, where what was a number comes back as one: the quotes around it go with the placeholder.
import type { ValueKind } from '../placeholder/placeholder.ts'
import { FRAMED } from '../placeholder/placeholder.ts'
import { MAX_SPAN, type Found, type Matcher } from './matcher.ts'
import type { RestoreMap } from './restore-map.ts'

export type Source = 'plain' | 'json' | 'arguments'

/** What came back of what was sent; one per call. */
export interface RestoreCounts {
  /** Placeholders met, known or not. */
  seen: number
  restored: number
  /** Of the restored ones, those that were not as they had been sent. */
  damaged: number
  /** Whole placeholders that this call did not send. */
  unknown: number
}

export interface Restoring {
  readonly map: RestoreMap
  readonly matcher: Matcher
  readonly counts: RestoreCounts
}

const QUOTE = '"'
const BEHIND_VALUE = /[\s]*([^\s]?)/y

export class TextRestorer {
  readonly #restoring: Restoring
  readonly #source: Source
  #tail = ''

  constructor(restoring: Restoring, source: Source) {
    this.#restoring = restoring
    this.#source = source
  }

  /** What is held back. */
  get tail(): string {
    return this.#tail
  }

  /** The text that is known to be whole; after `isEnd` nothing is held. */
  push(piece: string, isEnd: boolean): string {
    const text = this.#tail === '' ? piece : this.#tail + piece
    this.#tail = ''
    const { matcher, map } = this.#restoring
    let out = ''
    let from = 0
    let at = matcher.next(text, 0)
    while (at !== -1) {
      const match = matcher.match(text, at, isEnd)
      if (match === 'more') return this.#hold(text, out, { from, at })
      if (match === null) {
        this.#noteUnknown(text, at, map)
        at = matcher.next(text, at + 1)
        continue
      }
      const written = this.#written(text, { found: match, at }, isEnd)
      if (written === 'more') return this.#hold(text, out, { from, at })
      this.#count(match, text.slice(at, match.end))
      out += text.slice(from, written.from) + written.text
      from = written.end
      at = matcher.next(text, from)
    }
    return this.#hold(text, out, { from, at: isEnd ? text.length : this.#openQuoteAt(text, from) })
  }

  #hold(text: string, out: string, { from, at }: { readonly from: number; readonly at: number }): string {
    const quoted = this.#source === 'arguments' && at > from && at < text.length && text.charAt(at - 1) === QUOTE
    const cut = quoted ? at - 1 : at
    this.#tail = text.slice(cut)
    return out + text.slice(from, cut)
  }

  /** In JSON a quote at the very end may open a number that was quoted. */
  #openQuoteAt(text: string, from: number): number {
    const mayOpen = this.#source === 'arguments' && this.#restoring.map.hasNumbers
    return mayOpen && text.length > from && text.endsWith(QUOTE) ? text.length - 1 : text.length
  }

  #written(text: string, { found, at }: { readonly found: Found; readonly at: number }, isEnd: boolean) {
    const { restored, end, after } = found
    if (this.#source === 'plain') return { from: at, end, text: restored.value + after }
    const quoted = { from: at, end, text: JSON.stringify(restored.value).slice(1, -1) + after }
    if (this.#source === 'json' || restored.kind !== 'number' || text.charAt(at - 1) !== QUOTE) return quoted
    if (end >= text.length) return isEnd ? quoted : 'more'
    if (text.charAt(end) !== QUOTE) return quoted
    BEHIND_VALUE.lastIndex = end + 1
    const behind = BEHIND_VALUE.exec(text)?.[1] ?? ''
    if (behind === '' && !isEnd) return 'more'
    // Names of members stay texts.
    return behind === ':' ? quoted : { from: at - 1, end: end + 1, text: restored.value }
  }

  #count({ restored }: Found, written: string): void {
    const { counts } = this.#restoring
    counts.seen += 1
    counts.restored += 1
    if (written !== restored.token) counts.damaged += 1
  }

  #noteUnknown(text: string, at: number, map: RestoreMap): void {
    const unit = text.charCodeAt(at)
    if (unit !== 0x58 && unit !== 0x78) return
    FRAMED.lastIndex = 0
    const framed = FRAMED.exec(text.slice(at, at + MAX_SPAN))
    if (framed === null || framed.index !== 0) return
    const { counts } = this.#restoring
    counts.seen += 1
    if (!map.isOneWay(framed[0].slice(-13).toUpperCase())) counts.unknown += 1
  }
}

/** A text that is whole. */
export function restoreText(text: string, source: Source, restoring: Restoring): string {
  return new TextRestorer(restoring, source).push(text, true)
}

/** Undamaged placeholders alone, as in what is signed: only those mask back to the very same bytes. */
export function restoreExact(text: string, { map, counts }: Pick<Restoring, 'map' | 'counts'>): string {
  return text.replace(FRAMED, (token) => {
    counts.seen += 1
    const restored = map.find(token.slice(-13))
    if (restored?.token !== token) return token
    counts.restored += 1
    return restored.value
  })
}

/** A number in a JSON document that was read, not its source. */
export function restoreNumber(text: string, { map, counts }: Pick<Restoring, 'map' | 'counts'>): string | null {
  const restored = map.find(text.slice(-13).toUpperCase())
  const kind: ValueKind = 'number'
  if (restored?.kind !== kind || restored.token !== text) return null
  counts.seen += 1
  counts.restored += 1
  return restored.value
}
