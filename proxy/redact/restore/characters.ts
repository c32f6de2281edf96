// How the characters of a placeholder look when a model has written them: in any case, in full width, with marks,
// escapes or a space between them. One character at a time; matcher.ts puts them together.

/** Between two characters of a placeholder; a run of more than these is text. */
export const MAX_NOISE_RUN = 4

const SEPARATORS: ReadonlySet<string> = new Set(
  '_-\\*`~ \u00a0\u00ad\u200b\u200c\u200d\u2010\u2011\u2012\u2013\u2014\u2015\u2060\u202f\ufeff\uff3f\uff0d',
)
/** Percent-encoded `_`, `-` and space; the same as JSON's escapes, and the hyphens that models like. */
const ESCAPED = /(?:%(?:5f|2d|20)|\\u(?:005f|002d|00a0|00ad|2010|2011|2012|2013|2014|200[bcd]))/iy
const LONGEST_ESCAPE = 6

/** Length of what stands between two characters of a placeholder and belongs to neither; 0: nothing such. */
export function noiseAt(text: string, at: number): number {
  const character = text.charAt(at)
  if (character === '\\' || character === '%') {
    ESCAPED.lastIndex = at
    const escaped = ESCAPED.exec(text)
    if (escaped !== null) return escaped[0].length
  }
  return SEPARATORS.has(character) ? 1 : 0
}

/** True when an escape that counts as noise may have begun here and not ended. */
export function mayBeCutEscape(text: string, at: number): boolean {
  const character = text.charAt(at)
  if (character !== '\\' && character !== '%') return false
  const left = text.length - at
  if (character === '%') return left === 1 || (left === 2 && /[25]/.test(text.charAt(at + 1)))
  return left === 1 || (left < LONGEST_ESCAPE && /u/i.test(text.charAt(at + 1)))
}

const ZERO = 48
const NINE = 57
const UPPER_A = 65
const UPPER_Z = 90
const LOWER_A = 97
const LOWER_Z = 122

/** The upper-case ASCII letter or digit that a code unit stands for; 0: none. */
export function plainOf(codeUnit: number): number {
  const unit = codeUnit >= 0xff01 && codeUnit <= 0xff5e ? codeUnit - 0xfee0 : codeUnit
  if (unit >= LOWER_A && unit <= LOWER_Z) return unit - 32
  return (unit >= UPPER_A && unit <= UPPER_Z) || (unit >= ZERO && unit <= NINE) ? unit : 0
}

/** The character of a code; an O counts as 0, an I or L as 1. '': none can be it. */
export function codeCharacter(plain: number): string {
  switch (plain) {
    case 0:
    case 85: // U
      return ''
    case 79: // O
      return '0'
    case 73: // I
    case 76: // L
      return '1'
    default:
      return String.fromCharCode(plain)
  }
}

const LETTER = /\p{L}|\p{M}/u

/** A letter of any script, as in a word that was translated. */
export function isLetter(text: string, at: number): boolean {
  return LETTER.test(text.charAt(at)) || (text.charCodeAt(at) & 0xf800) === 0xd800
}
