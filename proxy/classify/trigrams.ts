// A text as the classifier sees it: runs of three character classes, each hashed into one of 2^14 buckets.
//
//   characters -> 72 classes (a-z by letter, punctuation by mark, the rest by kind) -> trigrams -> buckets
//
// Letters keep what words and keywords look like, punctuation and indentation what code looks like, and scripts only
// their kind. The trained weights belong to exactly this mapping: who changes it trains anew
// (test/bench/classification).

export const BUCKET_BITS = 14
export const BUCKETS = 1 << BUCKET_BITS

const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'
const UPPER = 27
const DIGIT = 28
const SPACE = 29
const NEWLINE = 30
const TAB = 31
const FIRST_PUNCTUATION = 32
const CONTROL = 64
const LATIN = 65
const ALPHABETIC = 66
const CJK_PUNCTUATION = 67
const KANA_HANGUL = 68
const HAN = 69
const OTHER = 70
const INDENTATION = 71
const CLASSES = 72
/** Knuth's multiplier: spreads neighbouring trigrams over the buckets. */
const GOLDEN = 0x9e3779b1

export type Trigrams = (text: string, buckets: Int32Array) => number

/** Makes a reader: it writes the buckets of a text's trigrams and returns how many; at most `buckets.length`. */
export function createTrigrams(): Trigrams {
  const classes = Uint8Array.from({ length: 0x1_0000 }, (_, code) => classOf(code))
  return (text, buckets) => {
    let count = 0
    let first = NEWLINE
    let second = NEWLINE
    for (let at = 0; at < text.length && count < buckets.length; at += 1) {
      let third = classes[text.charCodeAt(at)] ?? OTHER
      const isLineStart = second === NEWLINE || second === INDENTATION
      if (isLineStart && (third === SPACE || third === TAB)) {
        if (second === INDENTATION) continue
        if (third === TAB || classes[text.charCodeAt(at + 1)] === SPACE) third = INDENTATION
      } else if (third === second && second === first && isCollapsed(third)) continue
      buckets[count++] = Math.imul((first * CLASSES + second) * CLASSES + third, GOLDEN) >>> (32 - BUCKET_BITS)
      first = second
      second = third
    }
    return count
  }
}

/** Long runs of these say no more than short ones. */
function isCollapsed(kind: number): boolean {
  return kind >= LATIN || (kind >= UPPER && kind <= NEWLINE)
}

function classOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x60
  if (code >= 0x41 && code <= 0x5a) return UPPER
  if (code >= 0x30 && code <= 0x39) return DIGIT
  if (code === 0x20) return SPACE
  if (code === 0x0a) return NEWLINE
  if (code === 0x09) return TAB
  if (code < 0x20 || code === 0x7f) return CONTROL
  if (code < 0x7f) return FIRST_PUNCTUATION + PUNCTUATION.indexOf(String.fromCharCode(code))
  return scriptOf(code)
}

function scriptOf(code: number): number {
  if (code < 0x250) return LATIN
  if (code < 0x2000) return ALPHABETIC
  if ((code >= 0x3000 && code <= 0x303f) || (code >= 0xff00 && code <= 0xff65)) return CJK_PUNCTUATION
  if ((code >= 0x3040 && code <= 0x30ff) || (code >= 0xac00 && code <= 0xd7a3)) return KANA_HANGUL
  if ((code >= 0x3400 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xfaff)) return HAN
  return OTHER
}
