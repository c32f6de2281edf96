// The first of many rules whose conditions hold, without looking at each: rules are put in groups by one condition of
// theirs, and a group whose condition does not hold is passed over as a whole.
//
//   a header     one look-up for all rules that want a value of it, and one for each length of prefixes
//   all else     asked once for all rules that ask the same
//
// Rules that are left are looked at in order, and the first one found ends the search of every other group.
import type { Condition, HeaderKey } from './conditions.ts'
import type { Look } from './look.ts'

export interface Conditional {
  /** Empty: it looks at model and operation alone. */
  readonly conditions: readonly Condition[]
}

interface Group {
  readonly condition: Condition
  /** Places of its rules, rising. */
  readonly places: number[]
}

/** Of one header and one length of what is looked at of it. */
interface HeaderGroup {
  readonly name: string
  readonly length: number
  readonly placesByValue: Map<string, number[]>
}

export class CandidateIndex<Candidate extends Conditional> {
  readonly #candidates: readonly Candidate[]
  readonly #headers = new Map<string, HeaderGroup>()
  readonly #groups: readonly Group[]
  readonly #firstOpen: number

  constructor(candidates: readonly Candidate[]) {
    this.#candidates = candidates
    const groups = new Map<string, Group>()
    for (const [place, { conditions }] of candidates.entries()) {
      const header = conditions.find((condition) => condition.header !== null)?.header
      const [condition] = conditions
      if (header) this.#addHeader(header, place)
      else if (condition !== undefined) addTo(groups, condition, place)
    }
    this.#groups = [...groups.values()]
    const open = candidates.findIndex(({ conditions }) => conditions.length === 0)
    this.#firstOpen = open === -1 ? Infinity : open
  }

  first(look: Look): Candidate | null {
    let best = this.#firstOpen
    for (const { name, length, placesByValue } of this.#headers.values()) {
      const sent = look.header(name)
      const places = sent === null ? undefined : placesByValue.get(sent.slice(0, length))
      if (places !== undefined) best = this.#firstOf(places, best, look)
    }
    for (const { condition, places } of this.#groups) {
      if ((places[0] ?? best) < best && condition.holds(look)) best = this.#firstOf(places, best, look)
    }
    return this.#candidates[best] ?? null
  }

  #firstOf(places: readonly number[], best: number, look: Look): number {
    for (const place of places) {
      if (place >= best) return best
      if (holdAll(this.#candidates[place]?.conditions ?? [], look)) return place
    }
    return best
  }

  #addHeader({ name, length, value }: HeaderKey, place: number): void {
    const key = `${name} ${length}`
    const group = this.#headers.get(key) ?? { name, length, placesByValue: new Map<string, number[]>() }
    const places = group.placesByValue.get(value)
    if (places) places.push(place)
    else group.placesByValue.set(value, [place])
    this.#headers.set(key, group)
  }
}

function addTo(groups: Map<string, Group>, condition: Condition, place: number): void {
  const group = groups.get(condition.key)
  if (group) group.places.push(place)
  else groups.set(condition.key, { condition, places: [place] })
}

function holdAll(conditions: readonly Condition[], look: Look): boolean {
  for (const condition of conditions) if (!condition.holds(look)) return false
  return true
}
