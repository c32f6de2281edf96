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
    const { before, text } = this.pushInto(piece, isEnd)
    return before + text
  }

  /** `before`: what of that was held back and stands for itself after all. */
  pushInto(piece: string, isEnd: boolean): Pushed {
    const text = this.#tail === '' ? piece : this.#tail + piece
    const out = new Output(text, this.#tail.length)
    const { matcher, map } = this.#restoring
    let at = matcher.next(text, 0)
    while (at !== -1) {
      const match = matcher.match(text, at, isEnd)
      if (match === 'more') break
      if (match === null) {
        this.#noteUnknown(text, at, map)
        at = matcher.next(text, at + 1)
        continue
      }
      const written = this.#written(text, { found: match, at }, isEnd)
      if (written === 'more') break
      this.#count(match, text.slice(at, match.end))
      out.copyTo(written.from)
      out.replace(written.end, written.text)
      at = matcher.next(text, written.end)
    }
    const cut = isEnd ? text.length : this.#cutOf(text, at, out.from)
    out.copyTo(cut)
    this.#tail = text.slice(cut)
    return out
  }

  /** Where what is held begins; `at` is -1 where nothing is open but perhaps a quote. */
  #cutOf(text: string, at: number, from: number): number {
    if (at === -1) return this.#openQuoteAt(text, from)
    return this.#source === 'arguments' && at > from && text.charAt(at - 1) === QUOTE ? at - 1 : at
  }

  /** In JSON a quote at the very end may open a number that was quoted. */
  #openQuoteAt(text: string, from: number): number {
    const mayOpen = this.#source === 'arguments' && this.#restoring.map.hasNumbers
    return mayOpen && text.length > from && text.endsWith(QUOTE) ? text.length - 1 : text.length
  }

  #written(text: string, { found, at }: { readonly found: Found; readonly at: number }, isEnd: boolean) {
    const { restored, end, after } = found
    if (this.#source === 'plain') return { from: at, end, text: restored.value + after }
    const quoted = { from: at, end, text: JSON.stringify(restored.inJson ?? restored.value).slice(1, -1) + after }
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

export interface Pushed {
  readonly before: string
  readonly text: string
}

/** What becomes of a text, in the part that was held back and the part that is new. */
class Output implements Pushed {
  before = ''
  text = ''
  from = 0
  readonly #source: string
  readonly #border: number

  constructor(source: string, border: number) {
    this.#source = source
    this.#border = border
  }

  copyTo(end: number): void {
    if (this.from < this.#border) this.before += this.#source.slice(this.from, Math.min(end, this.#border))
    this.text += this.#source.slice(Math.max(this.from, this.#border), end)
    this.from = Math.max(this.from, end)
  }

  replace(end: number, text: string): void {
    this.text += text
    this.from = end
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
