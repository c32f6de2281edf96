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
  readonly value: string
  readonly type: DetectorName
  readonly isBoundedLeft: boolean
  readonly isBoundedRight: boolean
}

export class KnownValues {
  readonly #values = new Set<string>()
  readonly #byStart = new Map<string, Entry[]>()
  #table: Uint8Array | null = null

  add(value: string, type: DetectorName): void {
    if (this.#values.has(value) || this.#values.size >= MAX_KNOWN_VALUES) return
    const hasIdeographs = IDEOGRAPH.test(value)
    if (value.length < (hasIdeographs ? LEAST_IDEOGRAPHS : LEAST_LENGTH)) return
    this.#values.add(value)
    this.#table ??= new Uint8Array(TABLE_SIZE)
    this.#table[slotOf(value.charCodeAt(0), value.charCodeAt(1))] = 1
    const start = value.slice(0, 2)
    const entries = this.#byStart.get(start) ?? []
    entries.push({ value, type, isBoundedLeft: isLatin(value.charAt(0)), isBoundedRight: isLatin(value.slice(-1)) })
    // The longest first: `Anna Berg` before `Anna`.
    entries.sort((one, other) => other.value.length - one.value.length)
    this.#byStart.set(start, entries)
  }

  find(text: string, report: (found: KnownValue) => void): void {
    const table = this.#table
    if (table === null) return
    for (let at = 0; at + 1 < text.length; at += 1) {
      if (table[slotOf(text.charCodeAt(at), text.charCodeAt(at + 1))] !== 1) continue
      const entry = this.#byStart.get(text.slice(at, at + 2))?.find((candidate) => stands(candidate, text, at))
      if (entry === undefined) continue
      const end = at + entry.value.length
      report({ start: at, end, type: entry.type })
      at = end - 1
    }
  }
}

function stands({ value, isBoundedLeft, isBoundedRight }: Entry, text: string, at: number): boolean {
  if (!text.startsWith(value, at)) return false
  if (isBoundedLeft && isLatin(text.charAt(at - 1))) return false
  return !isBoundedRight || !isLatin(text.charAt(at + value.length))
}

function isLatin(character: string): boolean {
  return WORD.test(character) && !IDEOGRAPH.test(character)
}

function slotOf(first: number, second: number): number {
  return (first * 31 + second) & (TABLE_SIZE - 1)
}
