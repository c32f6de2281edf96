// What counts as the same character in a word list: case, full-width forms, and every kind of single space. Folding
// keeps the length, so that a place in the folded text is the same place in the text.

const FULL_WIDTH_FROM = 0xff01
const FULL_WIDTH_TO = 0xff5e
const FULL_WIDTH_SHIFT = 0xfee0
const SPACES = [' ', '\t', '\n', '\r', '\u00a0', '\u3000']

const PLAIN = /^[\x20-\x7e]+$/

/** A word as it is looked for: folded, composed and decomposed; none for a word of blanks. */
export function foldWord(word: string): readonly string[] {
  const trimmed = word.trim()
  if (trimmed === '') return []
  if (PLAIN.test(trimmed)) return [trimmed.toLowerCase()]
  return [...new Set([fold(trimmed.normalize('NFC')), fold(trimmed.normalize('NFD'))])]
}

function fold(word: string): string {
  return Array.from({ length: word.length }, (_, at) => foldUnit(word.charAt(at))).join('')
}

/** One code unit, folded to one code unit. */
export function foldUnit(unit: string): string {
  const code = unit.charCodeAt(0)
  if (SPACES.includes(unit)) return ' '
  const half = code >= FULL_WIDTH_FROM && code <= FULL_WIDTH_TO ? String.fromCharCode(code - FULL_WIDTH_SHIFT) : unit
  const lower = half.toLowerCase()
  return lower.length === 1 ? lower : half
}

export interface Classes {
  /** By code unit, folded or not. */
  readonly classOf: Uint16Array
  /** By folded code unit. */
  readonly classes: ReadonlyMap<number, number>
}

/** Numbers the characters of the words from 1, and gives every form of a character its number. */
export function classesOf(words: ReadonlySet<string>): Classes {
  const classOf = new Uint16Array(65536)
  const classes = new Map<number, number>()
  for (const word of words) {
    for (let at = 0; at < word.length; at++) {
      const code = word.charCodeAt(at)
      if (classes.has(code)) continue
      classes.set(code, classes.size + 1)
      for (const form of formsOf(word.charAt(at))) classOf[form.charCodeAt(0)] = classes.size
    }
  }
  return { classOf, classes }
}

/** All code units that fold to `unit`. */
function formsOf(unit: string): readonly string[] {
  if (unit === ' ') return SPACES
  const cases = [unit, unit.toUpperCase()].filter((form) => form.length === 1 && foldUnit(form) === unit)
  const wide = cases
    .map((form) => form.charCodeAt(0) + FULL_WIDTH_SHIFT)
    .filter((code) => code >= FULL_WIDTH_FROM && code <= FULL_WIDTH_TO)
  return [...cases, ...wide.map((code) => String.fromCharCode(code))]
}
