// The token that stands for a value at the provider: `XREF_EMAIL_7K2M9QW4T1BZC`, a fixed frame, the type's word and
// 13 base32 characters (64 bits) of HMAC(value). Nothing but letters, digits and underscores, so that it stands as it
// is in JSON, URLs, file names and names of tools. The 13 characters alone decide what it stands for (restore/).
//
//   value -> HMAC-SHA256 under the conversation's key (namespace-key.ts) -> 64 bits -> Crockford's base32
import { createHmac } from 'node:crypto'

/** A word that programmers read as a reference and that hardly any text holds. */
export const FRAME = 'XREF'
export const CODE_LENGTH = 13
/** Crockford's: without I, L, O and U, which people and models confuse with digits. */
export const CODE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** The word of what is masked only because it looks like a placeholder. */
export const LITERAL_WORD = 'TEXT'
const CODE_BITS = 64n

/** What in a caller's text may be taken for a placeholder. */
export const FRAMED = /XREF[_-][A-Z0-9]{1,12}[_-][0-9A-HJKMNP-TV-Z]{13}/gi

/** In a JSON document, a number is another value than the text of its digits: it comes back without quotes. */
export type ValueKind = 'text' | 'number'

export function placeholderOf(word: string, { code }: { readonly code: string }): string {
  return `${FRAME}_${word}_${code}`
}

/** One conversation's codes. Equal values have equal codes, whatever their type. */
export class Codes {
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
  }

  of(value: string, kind: ValueKind = 'text'): string {
    const text = kind === 'number' ? `\u0000#${value}` : value
    return encode(createHmac('sha256', this.#key).update(text, 'utf8').digest().readBigUInt64BE())
  }
}

function encode(bits: bigint): string {
  let code = ''
  for (let rest = bits << (5n * BigInt(CODE_LENGTH) - CODE_BITS), left = CODE_LENGTH; left > 0; left -= 1) {
    code = CODE_ALPHABET.charAt(Number(rest & 31n)) + code
    rest >>= 5n
  }
  return code
}
