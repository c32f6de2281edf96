// The scanner of credentials: one pass over the text that stops only at words that can be, or announce, a secret.
//
//   code unit -> TRAITS -> runs of token characters, and a few marks between them
//   a run with digits or signs, or a long one -> formats.ts (known form) | labelled.ts (label + random value)
//   a run that ends like `password`           -> passwords.ts
//   `://`, Han labels, `kind: Secret`, PEM    -> their own readers
//
// Every reader looks at a bounded window around its place, so the whole is linear. Nothing here reads the text twice.

import type { Detection, Scanner } from '../detection.ts'
import { ALPHABETS, DIGIT_MASK, bitsAt } from './alphabets.ts'
import { isAnnouncing, readAnnouncement } from './announcements.ts'
import type { FormatIndex, FormatMatch } from './formats.ts'
import { indexFormats, matchPrefix, matchRun } from './formats.ts'
import { CREDENTIAL_KINDS } from './kinds.ts'
import { readLabelled } from './labelled.ts'
import { readWidePassword, WIDE_LABEL_ENDS } from './passwords.ts'
import { readPrivateKey } from './private-keys.ts'
import { readUrl } from './urls.ts'
import type { VendorIndex } from './vendor-index.ts'
import { indexVendors } from './vendor-index.ts'
import { LABELLED_VENDORS } from './vendors.ts'

const TOKEN = 1
const HAS_DIGIT = 2
const HAS_SIGN = 4
const COLON = 8
const WIDE_LABEL = 16

/** Shorter words are not looked up as tokens, longer ones always are. */
const MIN_TOKEN = 8
const SURE_TOKEN = 20

const TRAITS: Uint8Array = makeTraits()
const FORMATS: FormatIndex = indexFormats(CREDENTIAL_KINDS)
const VENDORS: VendorIndex = indexVendors(LABELLED_VENDORS)

interface Walk {
  readonly text: string
  readonly found: Detection[]
  readonly formats: FormatIndex
  readonly vendors: VendorIndex
  /** Up to here a value has been judged, so that no part of it is judged again. */
  judged: number
  /** Up to here the text belongs to a manifest that has been read. */
  manifest: number
}

/** Holds nothing between texts. */
export const scanCredentials: Scanner = (text, found, scope) => {
  const mine: Detection[] = []
  scan({ text, found: mine, formats: FORMATS, vendors: VENDORS, judged: 0, manifest: 0 })
  for (const finding of mine) if (scope.isEnabled(finding.type)) found.push(finding)
}

function scan(walk: Walk): void {
  const { text } = walk
  const length = text.length
  let at = 0
  while (at < length) {
    const traits = TRAITS[text.charCodeAt(at)] ?? 0
    if ((traits & TOKEN) === 0) {
      if (traits !== 0) onMark(walk, at, traits)
      at++
      continue
    }
    const start = at
    let seen = traits
    for (at++; at < length; at++) {
      const next = TRAITS[text.charCodeAt(at)] ?? 0
      if ((next & TOKEN) === 0) break
      seen |= next
    }
    const size = at - start
    if (size > 1) endOfToken({ walk, start, end: at, seen })
  }
}

interface Token {
  readonly walk: Walk
  readonly start: number
  readonly end: number
  readonly seen: number
}

function endOfToken(token: Token): void {
  const { walk, start, end, seen } = token
  const size = end - start
  if (start >= walk.judged && isWorthALook(size, seen)) onToken(token)
  if (isAnnouncing(walk.text, end)) for (const finding of readAnnouncement(walk, start, end)) keep(walk, finding)
}

function isWorthALook(size: number, seen: number): boolean {
  return size >= SURE_TOKEN || (size >= MIN_TOKEN && (seen & (HAS_DIGIT | HAS_SIGN)) !== 0)
}

/** A known form at its start or behind a sign in it; else, with digits in it, what its label says. */
function onToken({ walk, start: written, end, seen }: Token): void {
  const { text } = walk
  if (text.startsWith('-----BEGIN', written)) return keep(walk, readPrivateKey(text, written))
  const start = written + escapeLength(text, written)
  if (keepFormat(walk, start, matchPrefix(text, start, walk.formats))) return
  if ((seen & HAS_DIGIT) !== 0 && keepFormat(walk, start, matchRun(text, start, walk.formats))) return
  if ((seen & HAS_SIGN) !== 0 && keepInner(walk, start, end)) return
  if ((seen & HAS_DIGIT) === 0 && end - start < SURE_TOKEN) return
  const value = valueStart(text, start)
  if (value >= walk.judged) keep(walk, readLabelled(text, value, walk.vendors))
  walk.judged = Math.max(walk.judged, end)
}

/** Tokens behind `\n` of an escaped text or `%3D` of a URL start later than their letters do. */
function escapeLength(text: string, start: number): number {
  const before = text.charAt(start - 1)
  if (before === '\\') return 'nrt'.includes(text.charAt(start)) ? 1 : 0
  return before === '%' && /^[0-9A-Fa-f]{2}/.test(text.slice(start, start + 2)) ? 2 : 0
}

function keepFormat(walk: Walk, start: number, match: FormatMatch | null): boolean {
  if (match === null) return false
  keep(walk, { start, end: match.end, type: match.type, evidence: 'known form' })
  return true
}

/** Looks behind `.`, `-`, `~` and `+` inside a token, at its first MAX_INNER places. */
function keepInner(walk: Walk, start: number, end: number): boolean {
  let places = 0
  for (let at = start + 1; at < end - MIN_TOKEN && places < MAX_INNER; at++) {
    if (!INNER_STARTS.has(walk.text.charCodeAt(at - 1))) continue
    places++
    if (keepFormat(walk, at, matchPrefix(walk.text, at, walk.formats))) return true
  }
  return false
}

const MAX_INNER = 32
const INNER_STARTS = new Set(['.', '-', '~', '+'].map((sign) => sign.charCodeAt(0)))
const MAX_BACK = 64
/** Digits before a colon that belong to the value, with the colon. */
const MIN_NUMBER = 5

/** Base64 holds slashes, and some keys begin `12345:`; both end a token, so the value may have begun before it. */
function valueStart(text: string, start: number): number {
  const mark = text.charAt(start - 1)
  if (mark !== '/' && mark !== ':') return start
  const mask = mark === '/' ? PATH_MASK : DIGIT_MASK
  let at = start - 2
  while (start - at < MAX_BACK && (bitsAt(text, at) & mask) !== 0) at--
  return mark === '/' || start - at > MIN_NUMBER ? at + 1 : start
}

const PATH_MASK = (ALPHABETS.b64 & ~ALPHABETS.mixed) | ALPHABETS.alnum

function keep(walk: Walk, finding: Detection | null): void {
  if (finding === null) return
  walk.found.push(finding)
  walk.judged = Math.max(walk.judged, finding.end)
}

/** What stands between tokens: the colon of `://`, and the last character of a Chinese label. */
function onMark(walk: Walk, at: number, traits: number): void {
  if ((traits & COLON) !== 0) {
    if (walk.text.charCodeAt(at + 1) === SLASH && walk.text.charCodeAt(at + 2) === SLASH) keepUrl(walk, at)
    return
  }
  if (at >= walk.judged) keep(walk, readWidePassword(walk.text, at))
}

function keepUrl(walk: Walk, colon: number): void {
  const finding = readUrl(walk.text, colon)
  if (finding !== null) walk.found.push(finding)
}

const SLASH = 47

function makeTraits(): Uint8Array {
  const traits = new Uint8Array(65536)
  for (let code = 0; code < 128; code++) {
    const character = String.fromCharCode(code)
    if (/[A-Za-z]/.test(character)) traits[code] = TOKEN
    else if (/[0-9]/.test(character)) traits[code] = TOKEN | HAS_DIGIT
    else if (/[_.~+-]/.test(character)) traits[code] = TOKEN | HAS_SIGN
  }
  traits[':'.charCodeAt(0)] = COLON
  for (const last of WIDE_LABEL_ENDS) traits[last.charCodeAt(0)] = WIDE_LABEL
  return traits
}
