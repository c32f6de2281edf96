// Private keys between `-----BEGIN … PRIVATE KEY-----` and its end: PEM, OpenSSH, PGP, also in one line with `\n`.
// A key cut off before its end is taken as far as its base64 goes.

import type { Detection } from '../detection.ts'
import { PRIVATE_KEY } from './names.ts'
import type { Units } from '../text/units.ts'

const HEAD = /-----BEGIN[ A-Z0-9]{0,24}PRIVATE KEY(?: BLOCK)?-----/y
const TAIL = /-----END[ A-Z0-9]{0,24}PRIVATE KEY(?: BLOCK)?-----/y
const MAX_KEY = 32_768
/** Characters of base64 that a body has; less is a mention of a key, not a key. */
const LEAST_BODY = 40
const BODY = /[A-Za-z0-9+/=]/
const DASH = 45

export function readPrivateKey(text: Units, start: number): Detection | null {
  HEAD.lastIndex = start
  const head = HEAD.exec(text.text)
  if (head === null) return null
  const body = start + head[0].length
  const bodyEnd = endOfBody(text, body)
  if (!hasBody(text, body, bodyEnd)) return null
  TAIL.lastIndex = bodyEnd
  const tail = TAIL.exec(text.text)
  return { start, end: bodyEnd + (tail?.[0].length ?? 0), type: PRIVATE_KEY, evidence: 'key armour' }
}

/** The next five dashes, a character no armour holds, or the limit. */
function endOfBody(text: Units, from: number): number {
  const limit = Math.min(text.length, from + MAX_KEY)
  let at = from
  while (at < limit) {
    const code = text.codes[at] ?? 0
    if (code === DASH && text.startsWith('-----', at)) return at
    if (code > 126 || NEVER.has(text.charAt(at))) break
    at++
  }
  return at
}

const NEVER = new Set('<>{}[]$!;&|')

function hasBody(text: Units, from: number, to: number): boolean {
  let count = 0
  for (let at = from; at < to && count < LEAST_BODY; at++) if (BODY.test(text.charAt(at))) count++
  return count >= LEAST_BODY
}
