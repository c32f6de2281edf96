// A text as numbers: its UTF-16 code units in a typed array, which compiled code reads four times faster than a string.
// Every scanner of a text reads the same one; it answers what a string answers, and 0 outside of the text.
//
//   text -> hold -> scanners -> release

import { Buffer } from 'node:buffer'

/** Room that is kept for the next text; a longer one gets room of its own. */
export const KEPT_UNITS = 1 << 16
/** Zeros behind the text, so that looking a little ahead needs no question whether it has ended. */
export const ZEROS_BEHIND = 64
/** Up to here a loop is faster than asking the engine to copy. */
const SHORT_UNITS = 48

/** Room for the empty text alone, so that nobody writes to it. */
const NONE = new Uint16Array(ZEROS_BEHIND)

/** One holder belongs to one policy and is never in use twice at a time: detection does not wait for anything. */
export class Units {
  /** For tight loops. At least ZEROS_BEHIND zeros stand behind the text; nothing stands before it. */
  codes = NONE
  /** The same memory, for the engine to copy into; made for the first text that is long. */
  #bytes: Buffer | null = null
  text = ''
  length = 0

  hold(text: string): this {
    const { length } = text
    const wanted = length + ZEROS_BEHIND
    if (wanted > this.codes.length) this.#makeRoom(Math.max(wanted, Math.min(KEPT_UNITS, wanted * 2)))
    if (length > SHORT_UNITS) (this.#bytes ??= Buffer.from(this.codes.buffer)).write(text, 0, 'utf16le')
    else for (let at = 0; at < length; at++) this.codes[at] = text.charCodeAt(at)
    this.text = text
    this.length = length
    return this
  }

  /** Forgets the text. */
  release(): void {
    if (this.codes.length <= KEPT_UNITS) this.codes.fill(0, 0, this.length)
    else {
      this.codes = NONE
      this.#bytes = null
    }
    this.text = ''
    this.length = 0
  }

  #makeRoom(units: number): void {
    this.codes = new Uint16Array(units)
    this.#bytes = null
  }

  charCodeAt(index: number): number {
    return index >= 0 && index < this.length ? (this.codes[index] ?? 0) : 0
  }

  charAt(index: number): string {
    return this.text.charAt(index)
  }

  slice(start: number, end?: number): string {
    return this.text.slice(start, end)
  }

  startsWith(part: string, at: number): boolean {
    return this.text.startsWith(part, at)
  }

  endsWith(part: string, end: number): boolean {
    return this.text.endsWith(part, end)
  }

  indexOf(part: string, from: number): number {
    return this.text.indexOf(part, from)
  }

  lastIndexOf(part: string, from: number): number {
    return this.text.lastIndexOf(part, from)
  }
}

/** The units of a text that nobody else reads. */
export const unitsOf = (text: string): Units => new Units().hold(text)
