// Finds this call's placeholders in a text that may still go on. Look-up is by the 13 characters alone and exact; the
// frame, the word and the case may be damaged or absent:
//
//   XREF noise* any word noise* code     the frame is there, the word may be translated
//   word noise+ code                     the frame was dropped; the word is one of this call's
//   code                                 bare, where a word begins
//
// `more` says from where on the text may still become a placeholder: what follows will tell.
import { CODE_LENGTH, FRAME } from '../placeholder/placeholder.ts'
import { codeCharacter, isLetter, MAX_NOISE_RUN, mayBeCutEscape, noiseAt, plainOf } from './characters.ts'
import type { RestoredValue, RestoreMap } from './restore-map.ts'

/** Characters from a placeholder's start to its end, noise included. */
export const MAX_SPAN = 64
const MAX_SPACES = 2

export interface Found {
  readonly kind: 'found'
  readonly restored: RestoredValue
  /** The first code unit behind it. */
  readonly end: number
  /** A mark that was opened inside and is closed by nothing: it belongs behind the value. */
  readonly after: string
}

export type Match = Found | 'more' | null

export class Matcher {
  readonly #map: RestoreMap
  /** By code unit below 128: whether a word or a bare code may begin with it. */
  readonly #starts = new Uint8Array(128)

  constructor(map: RestoreMap) {
    this.#map = map
    for (let unit = 0; unit < 128; unit += 1) {
      const plain = plainOf(unit)
      if (plain === 0) continue
      const letter = String.fromCharCode(plain)
      const code = codeCharacter(plain)
      const begins = [...map.words].some((word) => word.startsWith(letter))
      if (begins || (code !== '' && map.hasPrefix(code))) this.#starts[unit] = 1
    }
  }

  /** The first place at or after `from` where a placeholder stands or may begin. -1: none. */
  next(text: string, from: number): number {
    for (let at = from; at < text.length; at += 1) {
      const unit = text.charCodeAt(at)
      if (unit === 0x58 || unit === 0xff38) return at
      if (unit === 0x78 || unit === 0xff58 || (unit < 128 && this.#starts[unit] === 1)) {
        if (at === 0 || plainOf(text.charCodeAt(at - 1)) === 0) return at
      }
    }
    return -1
  }

  /** What stands at `at`, which next() gave. `isEnd`: nothing follows the text. */
  match(text: string, at: number, isEnd: boolean): Match {
    const framed = new Reading(text, at, this.#map).framed()
    const best = framed ?? this.#worded(text, at) ?? new Reading(text, at, this.#map).code(at, 0)
    if (best === null) return null
    if (best === 'more') return isEnd ? null : 'more'
    // Another frame before the code: that one is the placeholder's.
    if (/xref/i.test(text.slice(at + 1, best.end - CODE_LENGTH))) return null
    return closeMarks(text, best, isEnd)
  }

  #worded(text: string, at: number): Reached | 'more' | null {
    let isOpen = false
    for (const word of this.#map.words) {
      const reading = new Reading(text, at, this.#map)
      const end = reading.word(word)
      if (end === 'more') isOpen = true
      if (end === null || end === 'more') continue
      const reached = reading.code(end, 1)
      if (reached !== null && reached !== 'more') return reached
      if (reached === 'more') isOpen = true
    }
    return isOpen ? 'more' : null
  }
}

interface Reached {
  readonly restored: RestoredValue
  readonly end: number
  /** Runs of Markdown marks that were passed. */
  readonly marks: readonly string[]
}

/** One attempt from one place. */
class Reading {
  readonly #text: string
  readonly #start: number
  readonly #map: RestoreMap
  readonly #marks: string[] = []
  #spaces = 0

  constructor(text: string, start: number, map: RestoreMap) {
    this.#text = text
    this.#start = start
    this.#map = map
  }

  framed(): Reached | 'more' | null {
    const end = this.word(FRAME)
    if (end === null || end === 'more') return end
    return this.#anyCode(end)
  }

  /** Where this word ends, which stands at the start with noise between its letters. */
  word(word: string): number | 'more' | null {
    const text = this.#text
    let at = this.#start
    for (let index = 0; index < word.length; index += 1) {
      if (index > 0) {
        const next = this.#skipNoise(at)
        if (next === null || next === 'more') return next
        at = next
      }
      if (at >= text.length) return 'more'
      if (plainOf(text.charCodeAt(at)) !== word.charCodeAt(index)) return null
      at += 1
    }
    return at
  }

  /** A code behind any word: the first 13 characters in a row that are one. */
  #anyCode(from: number): Reached | 'more' | null {
    const text = this.#text
    let characters = ''
    let at = from
    while (at < text.length) {
      const next = this.#skipNoise(at)
      if (next === null || next === 'more') return next
      if (next - this.#start > MAX_SPAN) return null
      if (next >= text.length) break
      const plain = plainOf(text.charCodeAt(next))
      if (plain === 0 && !isLetter(text, next)) return null
      characters += codeCharacter(plain) || '?'
      at = next + 1
      const code = characters.slice(-CODE_LENGTH)
      const restored = code.length === CODE_LENGTH ? this.#map.find(code) : undefined
      if (restored !== undefined) return { restored, end: at, marks: this.#marks }
      if (code.length === CODE_LENGTH && this.#map.isOneWay(code)) return null
    }
    return 'more'
  }

  /** A code that begins here or behind noise; as soon as no code begins with what has been read, there is none. */
  code(from: number, leastNoise: number): Reached | 'more' | null {
    const text = this.#text
    let characters = ''
    let at = from
    while (at < text.length) {
      const next = this.#skipNoise(at)
      if (next === null || next === 'more') return next
      if (characters === '' && next - at < leastNoise && !/^S/i.test(text.slice(at))) return null
      if (next >= text.length) break
      const character = codeCharacter(plainOf(text.charCodeAt(next)))
      // The plural of the word.
      if (characters === '' && character === 'S' && leastNoise > 0 && next === at) {
        at = next + 1
        continue
      }
      characters += character
      if (character === '' || !this.#map.hasPrefix(characters)) return null
      at = next + 1
      if (characters.length < CODE_LENGTH) continue
      const restored = this.#map.find(characters)
      return restored === undefined ? null : { restored, end: at, marks: this.#marks }
    }
    return 'more'
  }

  #skipNoise(from: number): number | 'more' | null {
    const text = this.#text
    let at = from
    let run = ''
    for (let units = 0; at < text.length; units += 1) {
      if (mayBeCutEscape(text, at)) return 'more'
      const length = noiseAt(text, at)
      if (length === 0) break
      if (units >= MAX_NOISE_RUN) return null
      const noise = text.slice(at, at + length)
      if (/[*`~]/.test(noise)) run += noise
      if (noise === ' ') this.#spaces += 1
      if (this.#spaces > MAX_SPACES) return null
      at += length
    }
    if (run !== '') this.#marks.push(run)
    return at
  }
}

/** An odd number of runs of marks: the last one was opened inside (`XREF_**K7…**`) or closed there (`**XREF**_K7…`). */
function closeMarks(text: string, { restored, end, marks }: Reached, isEnd: boolean): Match {
  const open = marks.length % 2 === 1 ? (marks.at(-1) ?? '') : ''
  if (open === '') return { kind: 'found', restored, end, after: '' }
  const follows = text.slice(end, end + open.length)
  if (follows === open) return { kind: 'found', restored, end: end + open.length, after: '' }
  if (!isEnd && open.startsWith(follows)) return 'more'
  return { kind: 'found', restored, end, after: open }
}
