// Makes findings of an address: one, or one for each line and part where it stands as a block of its own lines.
// The last step of addresses.ts: what is an address is settled before.

import { startsLine } from './address-cues.ts'
import { readStreet } from './address-parts.ts'
import type { AddressText, Draft, Span } from './address-parts.ts'
import type { Units } from '../../text/units.ts'

const SPACE = 0x20
const NEWLINE = 0x0a

/** One finding, or one for each line and part where the address is a block of its own lines. */
export function layOut(source: AddressText, draft: Draft): Span[] {
  const first = draft.pieces[0]
  const last = draft.pieces.at(-1)
  if (first === undefined || last === undefined) return []
  if (first.kind === 'unit' && draft.pieces.some(({ kind }) => kind === 'street')) return [...draft.pieces]
  if (isBlock(source.text, { start: first.start, end: last.end })) return [...draft.pieces]
  const isWhole = draft.pieces.some(({ kind }) => kind === 'unit' || kind === 'postcode' || kind === 'country')
  if (isWhole) return [{ start: cornerBefore(source.text, first.start), end: last.end }]
  return withoutTail(source, draft)
}

/** A street with its number. A building's number before a street that has its own is a finding of its own. */
function withoutTail(source: AddressText, draft: Draft): Span[] {
  const [first, second] = draft.pieces
  if (first === undefined) return []
  const corner = cornerBefore(source.text, first.start)
  const street = first.kind === 'street' ? first : second
  if (corner < first.start) return [{ start: corner, end: cornerBehind(source, street?.end ?? first.end) }]
  if (first.kind === 'street' || second === undefined) return [first]
  return second.isNumbered === true ? [first, second] : [{ start: first.start, end: second.end }]
}

const CORNER = 'the corner of '
const AND = ' and '

function cornerBefore(text: Units, start: number): number {
  if (text.endsWith(CORNER, start)) return start - CORNER.length
  const crossing = text.endsWith(AND, start) ? CROSSING.exec(text.slice(Math.max(0, start - 30), start)) : null
  return crossing === null ? start : start - (crossing[1] ?? '').length
}

/** `Maarit and Hersnapvej 75`: one capitalised word and `and`, at the end of thirty characters. */
const CROSSING = /(?:^|[ :])(\p{Lu}\p{Ll}{2,24} and )$/u

/** `the corner of Bygget 64 and Komel Club`: where the second street ends. */
function cornerBehind(source: AddressText, end: number): number {
  if (!source.text.startsWith(AND, end)) return end
  return readStreet(source, end + AND.length)?.end ?? end
}

/** Lines of their own, without commas, and no label before them. */
function isBlock(text: Units, { start, end }: Span): boolean {
  if (!startsLine(text, start) || isLabelled(text, start)) return false
  const body = text.slice(start, end)
  return !body.includes(',') && body.indexOf('\n') !== body.lastIndexOf('\n')
}

/** `Address:` on the line before. */
function isLabelled(text: Units, start: number): boolean {
  let place = start - 1
  while (
    place >= 0 &&
    start - place < 12 &&
    ((text.codes[place] ?? 0) === SPACE || (text.codes[place] ?? 0) === NEWLINE)
  )
    place--
  return (text.codes[place] ?? 0) === 0x3a
}
