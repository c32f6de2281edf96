// Says whether a text that stands where a secret would stand is only a filler: `xxxx`, `<your-key>`, `${VAR}`,
// `process.env.X`, `AKIA…EXAMPLE`, `1111…`, the alphabet in order. Documentation is full of them.

import { ones } from './measure.ts'
import type { Units } from '../text/units.ts'

export interface Filler {
  readonly text: Units
  readonly start: number
  readonly end: number
  /** Different characters that a genuine value shows. */
  readonly distinct: number
  readonly digits: number
}

/** Characters of a value that are looked at; the rest of a long one does not change the answer. */
const LOOKED_AT = 64
/** Longer values are no one's example. */
const LONGEST_EXAMPLE = 128
/** The same character so often in a row is nobody's secret. `A` is zero bytes in base64. */
const MAX_REPEAT = 9
/** Letters in alphabetical order so often in a row are somebody's keyboard. */
const MAX_LADDER = 15
const MAX_CROSSES = 5
const UPPER_A = 65
const LOWER_X = 120
const CASE_BIT = 32

/** Whether a value of a known written form is a filler all the same. */
export function isFiller({ text, start, end, distinct, digits }: Filler): boolean {
  const limit = Math.min(end, start + LOOKED_AT)
  let [signs, capitals, small] = [0, 0, 0]
  let count = 0
  let repeat = 1
  let ladder = 1
  let last = -1
  for (let at = start; at < limit; at++) {
    const code = text.codes[at] ?? 0
    const bit = 1 << (code & 31)
    if (code > 95) small |= bit
    else if (code > 63) capitals |= bit
    else signs |= bit
    const isDigit = code > 47 && code < 58
    if (isDigit) count++
    repeat = code === last ? repeat + 1 : 1
    ladder = code === last + 1 && !isDigit ? ladder + 1 : 1
    if ((repeat > MAX_CROSSES || ladder > MAX_LADDER) && isTooRegular(code, repeat, ladder)) return true
    last = code
  }
  if (count < digits || ones(signs) + ones(capitals) + ones(small) < distinct) return true
  return end - start < LONGEST_EXAMPLE && hasExample(text.slice(start, limit))
}

function isTooRegular(code: number, repeat: number, ladder: number): boolean {
  if (repeat > MAX_CROSSES && (code | CASE_BIT) === LOWER_X) return true
  return (repeat > MAX_REPEAT && code !== UPPER_A) || ladder > MAX_LADDER
}

/** `example` in every case that people write it in; plain searches, many times faster than one expression. */
function hasExample(value: string): boolean {
  return value.includes('xample') || value.includes('XAMPLE')
}

/** Names, templates and words that people write where a value will stand. Anchored, no unbounded repeats. */
const STANDS_FOR_A_VALUE =
  /^(?:[<{[(]|%[sdv(]|#\{|\$[{(A-Za-z_]|\*{3}|\.{3}|your[-_ ]?|my[-_]?(?:token|secret|password|(?:api[-_]?)?key)$|insert|enter|replace|change[-_]?me|example|sample|dummy|test$|todo|tbd|null$|none$|undefined$|true$|false$|0{6}|redacted|hidden|masked|process\.|import\.|os\.|env[.[(:]|getenv|secrets?[.:/]|vault[:.]|ssm:|config\.|this\.|self\.|req\.|args\.|params\.|options\.|ref\+|arn:|file:|https?:|data:|function|new\b|await\b|async\b)/i

/** Whether what follows a label is a name, a reference or a word in a value's place. */
export function isStandIn(value: string, hasSigns = true): boolean {
  if (STANDS_FOR_A_VALUE.test(value) || hasExample(value)) return true
  if (value.includes('xxxxx') || value.includes('XXXXX')) return true
  return hasSigns && (CROSSED.test(value) || MARKS.some((mark) => value.includes(mark)))
}

const CROSSED = /^(?:[*.#•?xX]{3}|[-_]{4})/
/** Of templates, of what has been cut out, of crosses. */
const MARKS = ['${', '{{', '}}', '$(', '%(', '<%', '...', '…', '****', '[REDACTED', '[redacted']
