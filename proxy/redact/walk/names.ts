// Names of members in one object of a request: whether one is there twice, and how a server that ignores case reads it.
// Used by walker.ts for each object that it comes to.
const MAX_LINEAR_NAMES = 12

/** As Go's JSON folds names: the long s and the sign for kelvin are letters too. */
export function folded(name: string): string {
  return name.toUpperCase().toLowerCase()
}

/** The names of one object's members so far. */
export class Names {
  readonly #few: string[] = []
  #many: Set<string> | null = null

  /** False: it is there already. */
  add(name: string): boolean {
    if (this.#many === null) {
      if (this.#few.includes(name)) return false
      this.#few.push(name)
      if (this.#few.length > MAX_LINEAR_NAMES) this.#many = new Set(this.#few)
      return true
    }
    if (this.#many.has(name)) return false
    this.#many.add(name)
    return true
  }
}
