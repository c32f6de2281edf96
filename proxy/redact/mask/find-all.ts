// Inspects every text of a body in the order of reading and says what is to be replaced. What a text holds is decided
// by it and by what stands before it, so that an earlier turn reads the same in every later one.
//
//   Walked -> per text: detectors, views, known values -> Replacement[] -> where texts meet -> InspectedText[]
import { failure, type Failure } from '../../errors.ts'
import { readString } from '../../json/scan.ts'
import type { Detection } from '../detectors/detection.ts'
import type { Segment, Walked } from '../walk/document.ts'
import { addKnown, base64Links, fromView, LITERAL, moved, settle, WHOLE, type Replacement } from './findings.ts'
import type { Inspector, NamedPolicy } from './inspector.ts'
import { joinedRuns, replaceCrossing, textOf, type ReadText } from './joined.ts'
import { KnownValues } from './known-values.ts'
import type { Pace } from './pace.ts'
import { viewsOf } from './views.ts'
import { windowsOf, type Window } from './windows.ts'

/** More findings in one body are a failure of masking. */
export const MAX_FINDINGS = 200_000

export interface FindDeps {
  readonly inspector: Inspector
  readonly named: NamedPolicy
  readonly pace: Pace
}

export interface Inspected {
  readonly kind: 'inspected'
  readonly texts: readonly ReadText[]
  /** Runs of base64 in texts. */
  readonly notInspected: number
}

export async function findAll(walked: Walked, deps: FindDeps): Promise<Inspected | Failure> {
  const search = new Search(deps)
  for (const segment of walked.segments) {
    const fault = await search.read(segment)
    if (fault !== null) return fault
  }
  search.finish()
  return { kind: 'inspected', texts: search.texts, notInspected: search.notInspected }
}

class Search {
  readonly texts: ReadText[] = []
  notInspected = 0
  readonly #deps: FindDeps
  readonly #known = new KnownValues()
  #count = 0
  #chain: ReadText[] = []

  constructor(deps: FindDeps) {
    this.#deps = deps
  }

  async read(segment: Segment): Promise<Failure | null> {
    const text = textAt(segment)
    if (text === null) return failure('body_not_maskable', 'A text of the request body is badly escaped.')
    if (segment.joinsTo === null) this.#endChain()
    const replacements: Replacement[] = []
    const course: Course = { text, segment, open: [], from: 0, replacements }
    for (const window of windowsOf(text)) {
      this.#readWindow(course, window)
      const rest = this.#deps.pace.rest()
      if (rest !== null) await rest
      if (this.#deps.pace.isOver) return failure('masking_failed', 'The request took longer to mask than it may.')
    }
    return this.#keep({ segment, text, replacements })
  }

  finish(): void {
    this.#endChain()
  }

  #readWindow(course: Course, window: Window): void {
    const { text, segment, from, replacements } = course
    const slice = window.end - window.start === text.length ? text : text.slice(window.start, window.end)
    const isNumber = segment.kind === 'number'
    const found = this.#findingsIn(isNumber ? slice.replace(/\.0*$/, '') : slice, segment)
    if (isNumber) return void replacements.push(...this.#wholeNumber(text, found))
    for (const one of found) {
      const start = one.start + window.start
      if (start >= from) course.open.push(moved(one, window.start))
    }
    if (course.open.length === 0) return
    // What crosses the end of what is final belongs to the next window whole.
    let to = window.finalTo
    for (const { start, end } of course.open) if (start < to && end > to) to = start
    const final = course.open.filter(({ end }) => end <= to)
    course.open = course.open.filter(({ end }) => end > to)
    course.from = to
    for (const one of this.#settled(text, final, { from, to })) replacements.push(one)
  }

  #findingsIn(text: string, { label }: Segment): readonly Detection[] {
    const { inspector, named } = this.#deps
    const found = [...inspector.inspect(text, label, named)]
    addKnown(text, this.#known, found)
    for (const view of viewsOf(text)) {
      const seen = [...inspector.inspect(view.text, label, named)]
      addKnown(view.text, this.#known, seen)
      found.push(...fromView(seen, view))
    }
    const links = base64Links(text)
    this.notInspected += links.length
    if (links.length === 0) return found
    return found.filter(({ start, end }) => !links.some((link) => start >= link.start && end <= link.end))
  }

  #settled(text: string, final: Detection[], { from, to }: Stretch): readonly Replacement[] {
    const replacements = settle(text, [...final])
    for (const { value, type } of replacements) if (type !== LITERAL) this.#known.add(value, type)
    // A value that was found here counts from its first place on in this very text.
    const places: Detection[] = []
    const stretch = from === 0 && to === text.length ? text : text.slice(from, to)
    this.#known.find(stretch, ({ start, end, type }) =>
      places.push({ start: start + from, end: end + from, type, evidence: 'found here' }),
    )
    return places.length <= replacements.length ? replacements : settle(text, [...final, ...places])
  }

  /** A number is replaced whole or not at all. */
  #wholeNumber(text: string, found: readonly Detection[]): readonly Replacement[] {
    const first = found.find(({ type }) => type !== LITERAL)
    if (first === undefined) return []
    this.#known.add(text, first.type)
    return [{ start: 0, end: text.length, value: text, type: first.type, kind: 'number', share: WHOLE }]
  }

  #keep(read: ReadText): Failure | null {
    const { segment, replacements } = read
    if (segment.kind === 'signed' && replacements.some(({ type }) => type !== LITERAL)) {
      return failure('signed_not_maskable', 'A signed part of the request holds a value that this rule masks.')
    }
    this.#count += replacements.length
    if (this.#count > MAX_FINDINGS) return failure('masking_failed', `The request has over ${MAX_FINDINGS} findings.`)
    if (replacements.length > 0 || segment.kind === 'text') this.texts.push(read)
    if (segment.kind === 'text') this.#chain.push(read)
    return null
  }

  #endChain(): void {
    const chain = this.#chain
    this.#chain = []
    if (chain.length < 2) return
    for (const run of joinedRuns(chain)) {
      const joined = textOf(run)
      const found: Detection[] = []
      for (const { start, end } of windowsOf(joined)) {
        const seen = this.#deps.inspector.inspect(joined.slice(start, end), null, this.#deps.named)
        found.push(...seen.map((one) => moved(one, start)))
      }
      const crossings = settle(joined, found)
      replaceCrossing(run, crossings)
    }
  }
}

interface Stretch {
  readonly from: number
  readonly to: number
}

/** The reading of one text, window by window. */
interface Course {
  readonly text: string
  readonly segment: Segment
  /** Findings that are not final. */
  open: Detection[]
  /** Up to here everything is settled. */
  from: number
  readonly replacements: Replacement[]
}

function textAt({ document, span, kind }: Segment): string | null {
  const { bytes } = document
  return kind === 'number' ? bytes.toString('latin1', span.start, span.end) : readString(bytes, span)
}
