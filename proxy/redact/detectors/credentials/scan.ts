// The scanner of credentials: one pass over the text that stops only at words that can be, or announce, a secret.
//
//   code unit -> TRAITS -> runs of token characters, and a few marks between them
//   a run with digits or signs, or a long one -> formats.ts (known form) | labelled.ts (label + random value)
//   a run that ends like `password`           -> passwords.ts
//   `://`, Han labels, `kind: Secret`, PEM    -> their own readers
//
// Every reader looks at a bounded window around its place, so the whole is linear. Nothing here reads the text twice.

import type { Detection, ScanScope, UnitScanner } from '../detection.ts'
import { ALPHABETS, DIGIT_MASK, bitsAt } from './alphabets.ts'
import { isAnnouncing, readAnnouncement } from './announcements.ts'
import type { FormatIndex, FormatMatch } from './formats.ts'
import { indexFormats, matchPrefix, matchRun } from './formats.ts'
import { CREDENTIAL_KINDS } from './kinds.ts'
import { isMixed } from './measure.ts'
import type { KnownWords } from './labels.ts'
import { readLabelled } from './labelled.ts'
import { readWidePassword } from './passwords.ts'
import { readPrivateKey } from './private-keys.ts'
import { COLON, HAS_DIGIT, HAS_LETTER, HAS_SIGN, OPENS_VALUE, TOKEN, TRAITS, WIDE_LABEL } from './traits.ts'
import { readUrl } from './urls.ts'
import { MAX_VALUE } from './values.ts'
import type { VendorIndex } from './vendor-index.ts'
import { indexVendors } from './vendor-index.ts'
import { LABELLED_VENDORS } from './vendors.ts'
import { unitsOf, type Units } from '../text/units.ts'

/** Shorter words are not looked up as tokens, longer ones always are. */
const MIN_TOKEN = 8
const SURE_TOKEN = 16
/** Digits alone say nothing when they are fewer; phones, dates and numbers of all kinds are. */
const MIN_DIGITS = 15

const FORMATS: FormatIndex = indexFormats(CREDENTIAL_KINDS)
const VENDORS: VendorIndex = indexVendors(LABELLED_VENDORS)

/** One pass over one text, and the token it stands at. */
interface Walk {
  readonly text: Units
  readonly found: Detection[]
  readonly scope: ScanScope
  readonly vendors: VendorIndex
  readonly known: KnownWords
  start: number
  end: number
  /** What the token's characters are, together. */
  seen: number
  /** Up to here a value has been judged, so that no part of it is judged again. */
  judged: number
  /** Up to here the text belongs to a manifest that has been read. */
  manifest: number
}

/** Holds nothing between texts. */
export const scanCredentials: UnitScanner = (text, found, scope) => {
  if (scope.label !== null && isOneValue(text.text)) return scanValue(text, found, scope)
  scan(newWalk(text, found, scope))
}

/** A text that is the value of a field is read as if the field's name and a sign stood before it. */
function scanValue(text: Units, found: Detection[], scope: ScanScope): void {
  const before = `${(scope.label ?? '').slice(-MAX_LABEL).replaceAll(/[\s"\\]/g, '_')}="`
  const inside: Detection[] = []
  scan(newWalk(unitsOf(`${before}${text.text}"`), inside, scope))
  for (const { start, end, type, evidence } of inside) {
    const from = Math.max(0, start - before.length)
    const to = Math.min(text.length, end - before.length)
    if (from < to) found.push({ start: from, end: to, type, evidence })
  }
}

const MAX_LABEL = 64

function isOneValue(text: string): boolean {
  return text.length > 0 && text.length <= MAX_VALUE && !/[\s"\\]/.test(text)
}

function newWalk(text: Units, found: Detection[], scope: ScanScope): Walk {
  return { text, found, scope, vendors: VENDORS, known: new Map(), start: 0, end: 0, seen: 0, judged: 0, manifest: 0 }
}

function scan(walk: Walk): void {
  const { codes, length } = walk.text
  let at = 0
  while (at < length) {
    const traits = TRAITS[codes[at] ?? 0] ?? 0
    if ((traits & TOKEN) === 0) {
      if ((traits & (COLON | WIDE_LABEL)) !== 0) onMark(walk, at, traits)
      at++
      continue
    }
    walk.start = at
    let seen = traits
    for (let next = TRAITS[codes[++at] ?? 0] ?? 0; (next & TOKEN) !== 0; next = TRAITS[codes[++at] ?? 0] ?? 0)
      seen |= next
    walk.end = at
    walk.seen = seen
    if (at - walk.start > 1) endOfToken(walk)
  }
}

function endOfToken(walk: Walk): void {
  const { start, end, seen } = walk
  const size = end - start
  const isLong = size >= MIN_TOKEN || ((seen & HAS_SIGN) !== 0 && (walk.text.codes[end] ?? 0) === EQUALS)
  if (isLong && isWorthALook(size, seen) && start >= walk.judged) onToken(walk)
  if (isAnnouncing(walk.text, end)) for (const finding of readAnnouncement(walk, start, end)) keep(walk, finding)
}

function isWorthALook(size: number, seen: number): boolean {
  if ((seen & HAS_LETTER) === 0) return (seen & HAS_DIGIT) !== 0
  return size >= SURE_TOKEN || (seen & (HAS_DIGIT | HAS_SIGN)) !== 0
}

/** A known form at its start or behind a sign in it; else, with digits in it, what its label says. */
function onToken(walk: Walk): void {
  const { text, end, seen } = walk
  if ((seen & HAS_LETTER) === 0) return onNumber(walk)
  if ((text.codes[walk.start] ?? 0) === DASH && text.startsWith('-----BEGIN', walk.start)) {
    return keep(walk, readPrivateKey(text, walk.start))
  }
  const start = walk.start + escapeLength(text, walk.start)
  if (keepFormat(walk, start, matchPrefix(text, start, FORMATS))) return
  if ((seen & HAS_DIGIT) !== 0 && keepFormat(walk, start, matchRun(text, start, FORMATS))) return
  if ((seen & HAS_SIGN) !== 0 && keepInner(walk, start, end)) return
  if ((seen & HAS_DIGIT) !== 0 || end - start >= SURE_TOKEN) onValue(walk, start)
}

/** Digits and signs alone: the head of a bot's token, or a long number behind a label. */
function onNumber(walk: Walk): void {
  const { text, start, end } = walk
  const next = text.codes[end] ?? 0
  if ((next === COLON_CODE || next === BAR) && keepFormat(walk, start, matchRun(text, start, FORMATS))) return
  if (end - start >= MIN_DIGITS) onValue(walk, start)
}

function onValue(walk: Walk, tokenStart: number): void {
  const { text } = walk
  const start = numberStart(text, tokenStart)
  const isOpened = start === 0 || ((TRAITS[text.codes[start - 1] ?? 0] ?? 0) & OPENS_VALUE) !== 0
  if ((isOpened || start > walk.start) && start >= walk.judged && mayBeRandom(walk, start)) {
    keep(walk, readLabelled(text, start, walk))
  }
  if (walk.judged <= tokenStart && JOINTS.has(text.codes[tokenStart - 1] ?? 0)) onJoint(walk, tokenStart)
  walk.judged = Math.max(walk.judged, walk.end)
}

/** Base64 holds `/` and `=`, which end a token: the value may have begun before this one. */
function onJoint(walk: Walk, tokenStart: number): void {
  const { text } = walk
  let start = tokenStart
  while (start > walk.judged && tokenStart - start < MAX_BACK && (bitsAt(text, start - 1) & ALPHABETS.any64) !== 0)
    start--
  if (QUOTES.has(text.codes[start - 1] ?? 0)) keep(walk, readLabelled(text, start, walk))
  const sign = text.indexOf('=', start) + 1
  if (walk.judged <= tokenStart && sign > start && sign < tokenStart) keep(walk, readLabelled(text, sign, walk))
}

/** A value that goes on behind the token is judged as a whole. */
function mayBeRandom({ text, end }: Walk, start: number): boolean {
  return GOES_ON.has(text.codes[end] ?? 0) || isMixed(text, start, end)
}

const JOINTS = codesOf('/=')
const QUOTES = codesOf('"\'`')
const GOES_ON = codesOf('=:/|@!#$%^*')
const DASH = 45
const EQUALS = 61
const COLON_CODE = 58
const BAR = 124

/** Tokens behind `\n` of an escaped text or `%3D` of a URL start later than their letters do. */
function escapeLength(text: Units, start: number): number {
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
    if (!INNER_STARTS.has(walk.text.codes[at - 1] ?? 0)) continue
    places++
    if (keepFormat(walk, at, matchPrefix(walk.text, at, FORMATS))) return true
  }
  return false
}

const MAX_INNER = 32
const INNER_STARTS = codesOf('.-~+')
const MAX_BACK = 64
/** Digits before a colon that belong to the value, with the colon. */
const MIN_NUMBER = 5

/** Some keys begin `12345:`, and the colon ends a token. */
function numberStart(text: Units, start: number): number {
  if ((text.codes[start - 1] ?? 0) !== COLON_CODE) return start
  let at = start - 2
  while (start - at < MAX_BACK && (bitsAt(text, at) & DIGIT_MASK) !== 0) at--
  return start - at > MIN_NUMBER ? at + 1 : start
}

function keep(walk: Walk, finding: Detection | null): void {
  if (finding === null) return
  if (walk.scope.isEnabled(finding.type)) walk.found.push(finding)
  walk.judged = Math.max(walk.judged, finding.end)
}

/** What stands between tokens: the colon of `://`, and the last character of a Chinese label. */
function onMark(walk: Walk, at: number, traits: number): void {
  if ((traits & COLON) !== 0) {
    if ((walk.text.codes[at + 1] ?? 0) === SLASH && (walk.text.codes[at + 2] ?? 0) === SLASH) keepUrl(walk, at)
    return
  }
  if (at >= walk.judged) keep(walk, readWidePassword(walk.text, at))
}

function keepUrl(walk: Walk, colon: number): void {
  const finding = readUrl(walk.text, colon)
  if (finding !== null && walk.scope.isEnabled(finding.type)) walk.found.push(finding)
}

const SLASH = 47

function codesOf(characters: string): ReadonlySet<number> {
  return new Set(Array.from(characters, (character) => character.charCodeAt(0)))
}
