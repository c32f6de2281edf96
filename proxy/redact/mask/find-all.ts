// Inspects every text of a body in the order of reading and says what is to be replaced. What a text holds is decided
// by it and by what stands before it, so that an earlier turn reads the same in every later one.
//
//   Walked -> per text: detectors, views, known values -> Replacement[] -> where texts meet -> InspectedText[]
import { failure, type Failure } from '../../errors.ts'
import { readString } from '../../json/scan.ts'
import type { Detection } from '../detectors/detection.ts'
import type { Segment, Walked } from '../walk/document.ts'
import { addKnown, base64Links, fromView, LITERAL, settle, WHOLE, type Replacement } from './findings.ts'
import type { Inspector, NamedPolicy } from './inspector.ts'
import { joinedRuns, replaceCrossing, textOf, type ReadText } from './joined.ts'
import { KnownValues } from './known-values.ts'
import type { Pace } from './pace.ts'
import { viewsOf } from './views.ts'

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
    const found: Detection[] = []
    for (const detections of this.#detections(text, segment)) {
      for (const one of detections) found.push(one)
      const rest = this.#deps.pace.rest()
      if (rest !== null) await rest
      if (this.#deps.pace.isOver) return failure('masking_failed', 'The request took longer to mask than it may.')
    }
    const replacements = this.#settled(text, segment, found)
    if (segment.kind === 'signed' && replacements.some(({ type }) => type !== LITERAL)) {
      return failure('signed_not_maskable', 'A signed part of the request holds a value that this rule masks.')
    }
    this.#count += replacements.length
    if (this.#count > MAX_FINDINGS)
      return failure('masking_failed', `The request has more than ${MAX_FINDINGS} findings.`)
    this.#keep({ segment, text, replacements })
    return null
  }

  finish(): void {
    this.#endChain()
  }

  *#detections(text: string, { label }: Segment): Generator<readonly Detection[]> {
    const { inspector, named } = this.#deps
    yield* inspector.windows(text, label, named)
    for (const view of viewsOf(text)) {
      for (const found of inspector.windows(view.text, label, named)) yield fromView(found, view)
      const known: Detection[] = []
      addKnown(view.text, this.#known, known)
      yield fromView(known, view)
    }
  }

  #settled(text: string, segment: Segment, found: Detection[]): readonly Replacement[] {
    addKnown(text, this.#known, found)
    if (segment.kind === 'number') return this.#wholeNumber(text, found)
    const links = base64Links(text)
    this.notInspected += links.length
    const isOutside = ({ start, end }: Detection) => !links.some((link) => start < link.end && end > link.start)
    const kept = links.length === 0 ? found : found.filter(isOutside)
    const replacements = settle(text, [...kept])
    if (replacements.length === 0) return replacements
    const more = this.#knownBefore(text, replacements)
    return more.length === replacements.length ? replacements : settle(text, [...kept, ...more.filter(isOutside)])
  }

  /** A number is replaced whole or not at all. */
  #wholeNumber(text: string, found: readonly Detection[]): readonly Replacement[] {
    const first = found.find(({ type }) => type !== LITERAL)
    if (first === undefined) return []
    this.#known.add(text, first.type)
    return [{ start: 0, end: text.length, value: text, type: first.type, kind: 'number', share: WHOLE }]
  }

  /** A value that was found here counts from its first place on in this very text. */
  #knownBefore(text: string, replacements: readonly Replacement[]): readonly Detection[] {
    for (const { value, type } of replacements) if (type !== LITERAL) this.#known.add(value, type)
    const places: Detection[] = []
    this.#known.find(text, ({ start, end, type }) => places.push({ start, end, type, evidence: 'found here' }))
    return places
  }

  #keep(read: ReadText): void {
    if (read.replacements.length > 0 || read.segment.kind === 'text') this.texts.push(read)
    if (read.segment.kind === 'text') this.#chain.push(read)
  }

  #endChain(): void {
    const chain = this.#chain
    this.#chain = []
    if (chain.length < 2) return
    for (const run of joinedRuns(chain)) {
      const joined = textOf(run)
      const found: Detection[] = []
      for (const detections of this.#deps.inspector.windows(joined, null, this.#deps.named)) found.push(...detections)
      const crossings = settle(joined, found)
      replaceCrossing(run, crossings)
    }
  }
}

function textAt({ document, span, kind }: Segment): string | null {
  const { bytes } = document
  return kind === 'number' ? bytes.toString('latin1', span.start, span.end) : readString(bytes, span)
}
