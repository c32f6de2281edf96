// The values that were found in a body so far: each is masked wherever it stands behind that, whether a detector
// fires there or not (a name in a list, a number in a table). Exact and case-sensitive; a Latin word counts as a whole
// word alone. Costs one look-up in a small table per character, and nothing while nothing has been found.
import type { DetectorName } from '../detectors/detection.ts'

/** More values than this are found by their detectors alone. */
export const MAX_KNOWN_VALUES = 20_000
const LEAST_LENGTH = 4
/** Names in Chinese, Japanese and Korean are this short. */
const LEAST_IDEOGRAPHS = 2
const IDEOGRAPH = /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}/u
const WORD = /[\p{L}\p{N}]/u
const TABLE_SIZE = 1 << 14

export interface KnownValue {
  readonly start: number
  readonly end: number
  readonly type: DetectorName
}

interface Entry {
  readonly type: DetectorName
  readonly isBoundedLeft: boolean
  readonly isBoundedRight: boolean
}

/** Values of one beginning by their lengths, the longest first: `Anna Berg` before `Anna`. */
interface Beginning {
  readonly entries: Map<string, Entry>
  lengths: readonly number[]
}

export class KnownValues {
  readonly #beginnings = new Map<string, Beginning>()
  #size = 0
  #table: Uint8Array | null = null

  add(value: string, type: DetectorName): void {
    const hasIdeographs = IDEOGRAPH.test(value)
    if (value.length < (hasIdeographs ? LEAST_IDEOGRAPHS : LEAST_LENGTH) || this.#size >= MAX_KNOWN_VALUES) return
    const start = value.slice(0, 2)
    const beginning = this.#beginnings.get(start) ?? { entries: new Map<string, Entry>(), lengths: [] }
    if (beginning.entries.has(value)) return
    this.#size += 1
    this.#table ??= new Uint8Array(TABLE_SIZE)
    this.#table[slotOf(value.charCodeAt(0), value.charCodeAt(1))] = 1
    const isBoundedLeft = isLatin(value.charAt(0))
    beginning.entries.set(value, { type, isBoundedLeft, isBoundedRight: isLatin(value.slice(-1)) })
    if (!beginning.lengths.includes(value.length)) {
      beginning.lengths = [...beginning.lengths, value.length].toSorted((one, other) => other - one)
    }
    this.#beginnings.set(start, beginning)
  }

  find(text: string, report: (found: KnownValue) => void): void {
    const table = this.#table
    if (table === null) return
    for (let at = 0; at + 1 < text.length; at += 1) {
      if (table[slotOf(text.charCodeAt(at), text.charCodeAt(at + 1))] !== 1) continue
      const found = this.#at(text, at)
      if (found === null) continue
      report(found)
      at = found.end - 1
    }
  }

  #at(text: string, at: number): KnownValue | null {
    const beginning = this.#beginnings.get(text.slice(at, at + 2))
    if (beginning === undefined) return null
    for (const length of beginning.lengths) {
      const end = at + length
      const entry = beginning.entries.get(text.slice(at, end))
      if (entry === undefined || end > text.length) continue
      if (entry.isBoundedLeft && isLatin(text.charAt(at - 1))) continue
      if (!entry.isBoundedRight || !isLatin(text.charAt(end))) return { start: at, end, type: entry.type }
    }
    return null
  }
}

function isLatin(character: string): boolean {
  return WORD.test(character) && !IDEOGRAPH.test(character)
}

function slotOf(first: number, second: number): number {
  return (first * 31 + second) & (TABLE_SIZE - 1)
}
