// Values that run over several texts which the model reads as one (`my number is 1380` + `0138000`). The places where
// texts meet are read once more, joined; only what crosses a border is taken from that.
import type { Segment } from '../walk/document.ts'
import { WHOLE, type Replacement, type Share } from './findings.ts'

/** So much on each side of a border is read. */
const SIDE_UNITS = 256
const NOTHING: Share = [0, 0]

export interface ReadText {
  readonly segment: Segment
  readonly text: string
  replacements: readonly Replacement[]
}

interface Piece {
  readonly owner: ReadText
  /** Where the piece begins in its text. */
  readonly from: number
  readonly text: string
}

export interface Crossing {
  readonly start: number
  readonly end: number
  readonly type: string
}

/** The joined stretches of texts that follow one another. */
export function joinedRuns(chain: readonly ReadText[]): readonly (readonly Piece[])[] {
  const runs: Piece[][] = []
  let run: Piece[] = []
  for (const owner of chain) {
    const { text } = owner
    if (text.length <= 2 * SIDE_UNITS) {
      run.push({ owner, from: 0, text })
      continue
    }
    runs.push([...run, { owner, from: 0, text: text.slice(0, SIDE_UNITS) }])
    const from = text.length - SIDE_UNITS
    run = [{ owner, from, text: text.slice(from) }]
  }
  runs.push(run)
  return runs.filter(({ length }) => length > 1)
}

export function textOf(run: readonly Piece[]): string {
  return run.map(({ text }) => text).join('')
}

/** Puts what crosses a border into the texts that it crosses. */
export function replaceCrossing(run: readonly Piece[], crossings: readonly Crossing[]): void {
  const whole = textOf(run)
  for (const crossing of crossings) {
    const touched = touchedBy(run, crossing)
    if (touched.length < 2) continue
    const value = whole.slice(crossing.start, crossing.end)
    const shares = sharesOf(touched)
    touched.forEach(({ owner, start, end }, index) => {
      const share = shares[index] ?? NOTHING
      const replacement: Replacement = { start, end, value, type: crossing.type, kind: 'text', share }
      const others = owner.replacements.flatMap((other) => outside(owner.text, other, { start, end }))
      owner.replacements = [...others, replacement].toSorted((one, other) => one.start - other.start)
    })
  }
}

/** What of a replacement lies outside of a place that another one takes. */
function outside(text: string, other: Replacement, place: { readonly start: number; readonly end: number }) {
  if (other.end <= place.start || other.start >= place.end) return [other]
  const rests: Replacement[] = []
  const keep = (start: number, end: number) => {
    if (start < end) rests.push({ ...other, start, end, value: text.slice(start, end), share: WHOLE })
  }
  keep(other.start, place.start)
  keep(place.end, other.end)
  return rests
}

interface Touched {
  readonly owner: ReadText
  readonly start: number
  readonly end: number
}

function touchedBy(run: readonly Piece[], { start, end }: Crossing): readonly Touched[] {
  const touched: Touched[] = []
  let pieceStart = 0
  for (const { owner, from, text } of run) {
    const pieceEnd = pieceStart + text.length
    if (start < pieceEnd && end > pieceStart) {
      touched.push({
        owner,
        start: from + Math.max(0, start - pieceStart),
        end: from + Math.min(text.length, end - pieceStart),
      })
    }
    pieceStart = pieceEnd
  }
  return touched
}

/** Providers refuse empty texts: where one would be, the placeholder is spread over all of them. */
function sharesOf(touched: readonly Touched[]): readonly Share[] {
  const count = touched.length
  const isEmptied = touched.some(({ owner, start, end }) => start === 0 && end === owner.text.length)
  return touched.map((_, index) => {
    if (isEmptied) return [index / count, (index + 1) / count]
    return index === 0 ? WHOLE : NOTHING
  })
}
