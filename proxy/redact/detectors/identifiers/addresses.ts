// Network addresses: IPv4 and IPv6 with a prefix length, MAC in its three written forms.
//
// IPv4 is tried where a token of at most three digits is followed by a point, IPv6 and MAC round the first colon or
// hyphen after a hexadecimal group. A run of such groups is read once, however long, so `a:a:a:…` stays linear.

import { ALPHANUMERIC, DIGIT, HEX, flagsAt } from './characters.ts'
import { ADDRESS } from './label-words.ts'
import type { Reader } from './reader.ts'
import { addFinding, isAlone, labelsOf } from './reader.ts'
import type { Units } from '../text/units.ts'

const COLON = 0x3a
const POINT = 0x2e
const MAX_V6 = 45
/** A value, a question or a log line; constants and examples stand in longer texts. */
const MAX_NOTE = 240
const PRIVATE_V4 = /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./
/**
 * RFC 6890, 5737 and 3849: this host, loopback, link-local, multicast, masks, protocols' own and manuals' addresses,
 * whole networks. They tell nobody's machine.
 */
const SHARED_V4 =
  /^(?:0|127|255|22[4-9]|23\d|24\d)\.|^169\.254\.|^192\.(?:0\.[02]|31\.196|52\.193|88\.99|175\.48)\.|^198\.(?:1[89]|51\.100)\.|^203\.0\.113\.|^100\.64\.0\.|\.0\.0$/
const SHARED_V6 =
  /^(?:::1?$|0{1,4}(?::0{1,4}){6}:0{0,3}[01]$|::ffff:(?:0|127|255|169\.254|100\.64|7f00)|fe80::|f[cf]|64:ff9b|100::|2001:(?:0?db8:|1::|:)|2002::$)|::$/i
const OBJECT_IDENTIFIER = /^(?:1\.[0-3]|2\.(?:5|16|23|999)|0\.\d)\./
/** One number of three digits, or two of two, or all alike: sections and versions have smaller ones. */
const TELLING_V4 = /\d{3}|\d\d\.(?:\d+\.)*\d\d|^([1-9])\.(?:\1|0)\.(?:\1|0)\.\1$/

/** Offset behind the IPv4 address at `start`; -1 when there is none. */
export function readIpv4(reader: Reader, start: number): number {
  const { text } = reader
  const end = ipv4End(text, start)
  if (end === -1 || !isAddressHere(reader, start, end)) return -1
  return addFinding(reader, { start, end: prefixEnd(text, end, 32), type: 'IpAddress', evidence: 'address form' })
}

/** Behind four decimal numbers of 0 to 255; -1 when they are not there. */
function ipv4End(text: Units, start: number): number {
  let at = start
  for (let part = 0; part < 4; part++) {
    let value = 0
    const from = at
    while (at - from < 3 && isPlainDigit(text, at)) value = value * 10 + (text.codes[at++] ?? 0) - 0x30
    if (at === from || value > 255 || (at - from > 1 && (text.codes[from] ?? 0) === 0x30)) return -1
    if (part < 3 && (text.codes[at++] ?? 0) !== POINT) return -1
  }
  return (flagsAt(text, at) & ALPHANUMERIC) === 0 && (text.codes[at] ?? 0) !== 0x5f ? at : -1
}

function isPlainDigit(text: Units, index: number): boolean {
  const code = text.codes[index] ?? 0
  return code >= 0x30 && code <= 0x39
}

/** Not a version, a section, an object identifier, nor in a long text an address that every machine has. */
function isAddressHere(reader: Reader, start: number, end: number): boolean {
  const { text } = reader
  const before = text.codes[start - 1] ?? 0
  if (before === POINT || before === 0x5f || (before === 0x2d && (flagsAt(text, start - 2) & ALPHANUMERIC) !== 0))
    return false
  const value = text.slice(start, end)
  const isPrivate = PRIVATE_V4.test(value)
  const next = text.codes[end] ?? 0
  if (next === POINT && isPlainDigit(text, end + 1) && !isPrivate) return false
  if (next === 0x2d && (flagsAt(text, end + 1) & ALPHANUMERIC) !== 0) return false
  if (isAlone(reader, start, end)) return true
  if (SHARED_V4.test(value)) return text.length <= MAX_NOTE
  const labels = labelsOf(reader, start, end)
  if (labels.isNegative && !isPrivate) return false
  if ((labels.bits & ADDRESS) !== 0) return true
  return !OBJECT_IDENTIFIER.test(value) && (TELLING_V4.test(value) || isPrivate)
}

/** Behind `/24` when it is a prefix length; else `end`. */
function prefixEnd(text: Units, end: number, longest: number): number {
  if ((text.codes[end] ?? 0) !== 0x2f) return end
  let at = end + 1
  let value = 0
  while (at - end < 5 && isPlainDigit(text, at)) value = value * 10 + (text.codes[at++] ?? 0) - 0x30
  return at === end + 1 || value > longest || (flagsAt(text, at) & ALPHANUMERIC) !== 0 ? end : at
}

/** Reads the run of hexadecimal groups and colons round `at`; returns where the pass goes on, always behind `at`. */
export function readColons(reader: Reader, at: number): number {
  const { text } = reader
  let start = at
  while (start > reader.done && at - start < MAX_V6 && isV6Character(text, start - 1)) start--
  let end = at
  while (end - at <= MAX_V6 && isV6Character(text, end)) end++
  const stop = at + 1
  if (end - start > MAX_V6) return Math.max(stop, end)
  if ((flagsAt(text, start - 1) & ALPHANUMERIC) !== 0) return stop
  const mac = macEnd(text, start, COLON)
  if (mac !== -1) return addFinding(reader, { start, end: mac, type: 'MacAddress', evidence: 'address form' })
  return readIpv6(reader, { start, end }) ?? stop
}

interface Span {
  readonly start: number
  readonly end: number
}

function readIpv6(reader: Reader, { start, end }: Span): number | null {
  const { text } = reader
  if (!hasColonsEnough(text, start, end)) return null
  let last = end
  if ((text.codes[last - 1] ?? 0) === COLON && (text.codes[last - 2] ?? 0) !== COLON) last--
  const embedded = (text.codes[last] ?? 0) === POINT ? ipv4End(text, text.lastIndexOf(':', last) + 1) : -1
  if (embedded !== -1) last = embedded
  if ((flagsAt(text, last) & ALPHANUMERIC) !== 0 || isDecimal(text, last) || !isIpv6(text.slice(start, last)))
    return null
  if (text.length > MAX_NOTE && SHARED_V6.test(text.slice(start, last))) return null
  const isSlice =
    (text.codes[start - 1] ?? 0) === 0x5b &&
    text.startsWith(']', last) &&
    last - start < 4 &&
    text.slice(start, last) !== '::1'
  if (isSlice) return null
  const zone = (text.codes[last] ?? 0) === 0x25 ? zoneEnd(text, last) : last
  return addFinding(reader, { start, end: prefixEnd(text, zone, 128), type: 'IpAddress', evidence: 'address form' })
}

/** Six colons, or two side by side: not the times and ratios that most colons stand in. */
function hasColonsEnough({ codes }: Units, start: number, end: number): boolean {
  let colons = 0
  for (let at = start; at < end; at++) {
    if (codes[at] !== COLON) continue
    if (codes[at + 1] === COLON || ++colons > 5) return true
  }
  return false
}

/** `::ffff:256.0.0.1`: a point and a digit where an embedded address would have been read. */
function isDecimal(text: Units, index: number): boolean {
  return (text.codes[index] ?? 0) === POINT && isPlainDigit(text, index + 1)
}

function isV6Character(text: Units, index: number): boolean {
  return (flagsAt(text, index) & HEX) !== 0 || (text.codes[index] ?? 0) === COLON
}

function zoneEnd(text: Units, percent: number): number {
  let end = percent + 1
  while (end - percent < 16 && (flagsAt(text, end) & ALPHANUMERIC) !== 0) end++
  return end === percent + 1 ? percent : end
}

/** RFC 4291: eight groups, or fewer with one `::`; the last two may be an IPv4 address. It has one digit at least. */
function isIpv6(value: string): boolean {
  const halves = value.split('::')
  if (halves.length > 2 || !/\d/.test(value)) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  const count = groups.length + (last.includes('.') ? 1 : 0)
  if (
    !groups.every(
      (group, index) => /^[\da-fA-F]{1,4}$/.test(group) || (index === groups.length - 1 && group.includes('.')),
    )
  )
    return false
  return halves.length === 2 ? count < 8 && count > 0 : count === 8
}

/** Behind six pairs joined by `joiner` at `start`; -1 when they are not there, or are the broadcast address. */
export function macEnd(text: Units, start: number, joiner: number): number {
  for (let pair = 0; pair < 6; pair++) {
    const at = start + pair * 3
    if ((flagsAt(text, at) & HEX) === 0 || (flagsAt(text, at + 1) & HEX) === 0) return -1
    if (pair < 5 && (text.codes[at + 2] ?? 0) !== joiner) return -1
  }
  const end = start + 17
  const next = text.codes[end] ?? 0
  if ((flagsAt(text, end) & ALPHANUMERIC) !== 0 || next === joiner) return -1
  return /^(?:ff.?){6}$|^(?:00.?){6}$/i.test(text.slice(start, end)) ? -1 : end
}

/** `00-1A-2B-3C-4D-5E` and `0012.3456.789A` at `start`; -1 when neither is there. */
export function readMac(reader: Reader, start: number): number {
  const { text } = reader
  const before = text.codes[start - 1] ?? 0
  if (before === 0x2d || before === POINT) return -1
  const end = (text.codes[start + 2] ?? 0) === 0x2d ? macEnd(text, start, 0x2d) : dottedMacEnd(text, start)
  return end === -1 ? -1 : addFinding(reader, { start, end, type: 'MacAddress', evidence: 'address form' })
}

function dottedMacEnd(text: Units, start: number): number {
  if ((text.codes[start + 4] ?? 0) !== POINT || (text.codes[start + 9] ?? 0) !== POINT) return -1
  const value = text.slice(start, start + 14)
  const isWhole =
    (flagsAt(text, start + 14) & ALPHANUMERIC) === 0 &&
    !((text.codes[start + 14] ?? 0) === POINT && (flagsAt(text, start + 15) & DIGIT) !== 0)
  return isWhole && /^(?:[\da-f]{4}\.){2}[\da-f]{4}$/i.test(value) && /[a-f]/i.test(value) ? start + 14 : -1
}
