// What each UTF-16 code unit means to the one pass of scan.ts, as a table of bits: part of a token, the colon of a URL,
// the end of a Chinese label, a sign behind which a value may begin. 64 KiB, so that no code unit needs a comparison.

import { WIDE_LABEL_ENDS } from './passwords.ts'

export const TOKEN = 1
export const HAS_DIGIT = 2
export const HAS_SIGN = 4
export const HAS_LETTER = 8
export const COLON = 16
export const WIDE_LABEL = 32
/** Behind it a value may begin. */
export const OPENS_VALUE = 64

const VALUE_OPENERS = ' \t\r\n"\'`=(>[{,|\\“‘「『：＝是为為　 '

export const TRAITS: Uint8Array = makeTraits()

function makeTraits(): Uint8Array {
  const traits = new Uint8Array(65536)
  for (let code = 0; code < 128; code++) {
    const character = String.fromCharCode(code)
    if (/[A-Za-z]/.test(character)) traits[code] = TOKEN | HAS_LETTER
    else if (/[0-9]/.test(character)) traits[code] = TOKEN | HAS_DIGIT
    else if (/[_.~+-]/.test(character)) traits[code] = TOKEN | HAS_SIGN
  }
  for (const opener of VALUE_OPENERS) traits[opener.charCodeAt(0)] = OPENS_VALUE
  traits[':'.charCodeAt(0)] = COLON | OPENS_VALUE
  for (const last of WIDE_LABEL_ENDS) traits[last.charCodeAt(0)] = WIDE_LABEL
  return traits
}
