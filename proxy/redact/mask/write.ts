// From what was found to the body that leaves and to the call's restore map: codes for all values, then one splice into
// the original bytes. Bytes of no finding stay as they were written, escapes and spacing included.
//
// Text that only looks like a placeholder is masked like a value, so that it comes back as it was; but one that stands
// for a value of this call which never comes back (it was in an earlier answer) is left, since it is that value's own.
import { Buffer } from 'node:buffer'
import { spliceAll, type Edit } from '../../json/splice.ts'
import { CODE_LENGTH, LITERAL_WORD, placeholderOf, type Codes } from '../placeholder/placeholder.ts'
import { Matcher } from '../restore/matcher.ts'
import { RestoreMap } from '../restore/restore-map.ts'
import { bytesAt } from '../walk/bytes.ts'
import type { JsonDocument } from '../walk/document.ts'
import { LITERAL, settle, type Replacement } from './findings.ts'
import type { ReadText } from './joined.ts'
import type { Pace } from './pace.ts'

const MAY_LOOK_ALIKE = /xref|[0-9A-HJKMNP-TV-Z]{13}/i

export interface Labels {
  /** The word of a detector's placeholders. */
  readonly wordOf: (type: string) => string
  readonly isOneWay: (type: string) => boolean
}

export interface WriteDeps extends Labels {
  readonly codes: Codes
  /** Of the key before: placeholders of earlier turns may have been made with it. */
  readonly previousCodes: Codes | null
}

export interface Written {
  readonly body: Buffer
  readonly map: RestoreMap
  /** Placeholders in the body. */
  readonly sent: number
  readonly maskedByType: ReadonlyMap<string, number>
}

/** Placeholders that are made between two looks at the clock. */
const MADE_AT_ONCE = 32

export async function writeMasked(
  document: JsonDocument,
  texts: readonly ReadText[],
  deps: WriteDeps & { readonly pace: Pace },
): Promise<Written> {
  const writer = new Writer(deps)
  let made = 0
  for (const { replacements } of texts) {
    for (const one of replacements) {
      writer.assign(one)
      made += 1
      const rest = made % MADE_AT_ONCE === 0 ? deps.pace.rest() : null
      if (rest !== null) await rest
    }
  }
  for (const text of texts) {
    writer.replace(text)
    const rest = deps.pace.rest()
    if (rest !== null) await rest
  }
  return { body: writer.write(document), map: writer.map, sent: writer.sent, maskedByType: writer.maskedByType }
}

class Writer {
  readonly map = new RestoreMap()
  readonly maskedByType = new Map<string, number>()
  sent = 0
  readonly #deps: WriteDeps
  readonly #tokens = new Map<string, string>()
  readonly #edits = new Map<JsonDocument, Edit[]>()
  #matcher: Matcher | null = null

  constructor(deps: WriteDeps) {
    this.#deps = deps
  }

  /** Literals wait until it is known what the call's own placeholders are. */
  assign(replacement: Replacement): void {
    if (replacement.type !== LITERAL) this.#token(replacement)
  }

  replace({ segment, text, replacements }: ReadText): void {
    if (segment.kind === 'signed') return
    const all = segment.kind === 'number' ? replacements : this.#withLookalikes(text, replacements)
    if (all.length === 0) return
    const { document, span } = segment
    const edits = this.#edits.get(document) ?? []
    this.#edits.set(document, edits)
    if (segment.kind === 'number') {
      for (const one of all) edits.push({ span, text: Buffer.from(`"${this.#count(one)}"`) })
      return
    }
    const places = bytesAt(
      document.bytes,
      span,
      all.flatMap(({ start, end }) => [start, end]),
    )
    all.forEach((one, index) => {
      const start = places[2 * index] ?? span.start
      const end = places[2 * index + 1] ?? start
      edits.push({ span: { start, end }, text: Buffer.from(shareOf(this.#count(one), one.share)) })
    })
  }

  /** Documents inside of strings first: their new text is an edit of the one around them. */
  write(document: JsonDocument): Buffer {
    const edits = this.#edits.get(document) ?? []
    for (const { span, document: inner, asWritten } of document.inner) {
      const written = this.write(inner)
      if (written !== inner.bytes) edits.push({ span, text: asWritten(written) })
    }
    return spliceAll(
      document.bytes,
      edits.toSorted((one, other) => one.span.start - other.span.start),
    )
  }

  #count(replacement: Replacement): string {
    const { type, share } = replacement
    if (share[0] === 0) {
      this.sent += 1
      this.maskedByType.set(type, (this.maskedByType.get(type) ?? 0) + 1)
    }
    return this.#token(replacement)
  }

  #token({ value, inJson, kind, type }: Replacement): string {
    const key = `${kind} ${value}`
    const known = this.#tokens.get(key)
    if (known !== undefined) return known
    const { codes, previousCodes, wordOf, isOneWay } = this.#deps
    const word = type === LITERAL ? LITERAL_WORD : wordOf(type)
    const code = codes.of(value, kind)
    const token = placeholderOf(word, { code })
    this.#tokens.set(key, token)
    if (type === LITERAL || !isOneWay(type)) {
      this.map.add(code, { value, kind, token, ...(inJson !== undefined && { inJson }) }, word)
      return token
    }
    this.map.addOneWay(code)
    if (previousCodes !== null) this.map.addOneWay(previousCodes.of(value, kind))
    return token
  }

  /** With what would be taken for a placeholder of this call when it comes back, and without what is one for good. */
  #withLookalikes(text: string, replacements: readonly Replacement[]): readonly Replacement[] {
    const isOwn = ({ type, value }: Replacement) =>
      type === LITERAL && this.map.isOneWay(value.slice(-CODE_LENGTH).toUpperCase())
    const kept = replacements.some(isOwn) ? replacements.filter((one) => !isOwn(one)) : replacements
    if (this.map.size === 0 || !MAY_LOOK_ALIKE.test(text)) return kept
    const found = this.#lookalikes(text, kept)
    if (found.length === 0) return kept
    const evidence = 'frame'
    const extra = found.flatMap(({ start, end }) => settle(text, [{ start, end, type: LITERAL, evidence }]))
    return [...kept, ...extra].toSorted((one, other) => one.start - other.start)
  }

  #lookalikes(text: string, replacements: readonly Replacement[]) {
    this.#matcher ??= new Matcher(this.map)
    const matcher = this.#matcher
    const found: { readonly start: number; readonly end: number }[] = []
    for (let at = matcher.next(text, 0); at !== -1; at = matcher.next(text, at + 1)) {
      const match = matcher.match(text, at, true)
      if (match === null || match === 'more') continue
      const { end } = match
      const start = at
      if (!replacements.some((one) => one.start < end && one.end > start)) found.push({ start, end })
      at = end - 1
    }
    return found
  }
}

function shareOf(token: string, [from, to]: Replacement['share']): string {
  return token.slice(Math.round(from * token.length), Math.round(to * token.length))
}
