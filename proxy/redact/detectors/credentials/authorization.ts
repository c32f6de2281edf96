// A user's name and password in one: `curl -u name:word`, `Authorization: Basic <base64>`, Docker's and npm's `auth`.
// announcements.ts says where such a thing may follow; this file says whether it does.

import type { Detection } from '../detection.ts'
import { BASIC_CREDENTIALS } from './names.ts'
import { isStandIn } from './placeholders.ts'
import { readValue } from './values.ts'
import type { Units } from '../text/units.ts'

/** How far before `-u` the command's name may stand. */
const MAX_COMMAND = 320
const COMMANDS = ['curl', 'wget', 'http', 'xh ']
const LEAST_ENCODED = 8
const MOST_ENCODED = 512

/** What stands behind `-u` or `--user` of a command that sends it. */
export function readCommandUser(text: Units, end: number): Detection | null {
  const gap = /^[ \t=]{1,4}(["']?)/.exec(text.slice(end, end + 5))
  if (gap === null) return null
  const before = text.slice(Math.max(0, end - MAX_COMMAND), end)
  if (!COMMANDS.some((command) => before.includes(command))) return null
  const value = readValue(text, end + gap[0].length)
  if (value === null) return null
  const written = text.slice(value.start, value.end)
  const [name = '', ...rest] = written.split(':')
  const word = rest.join(':')
  if (!isRealPair(name, word) || isStandIn(written) || isStandIn(word)) return null
  return { start: value.start, end: value.end, type: BASIC_CREDENTIALS, evidence: 'user of a command' }
}

/** Names that stand for themselves, as manuals write them. */
const SAMPLE_PAIR =
  /^(?:user(?:name)?|login|test|admin|foo|xxx|me|name|email|root):(?:pass(?:word|wd)?|test|token|secret|bar|yyy|pwd|api[_-]?key|123)$/i

function isRealPair(name: string, word: string): boolean {
  if (word.length < 3 || word.startsWith('$') || word.startsWith('//')) return false
  return !SAMPLE_PAIR.test(`${name}:${word}`) && !/[<>[\]{}$]/.test(name + word)
}

const AFTER_BASIC = / ["']?/y
const AFTER_LABEL = /["']?[ \t]{0,8}[:=][ \t]{0,8}["']?/y

/** Base64 of `name:word` behind `Basic` or behind a label `auth`. */
export function readEncodedPair(text: Units, end: number, isLabel: boolean): Detection | null {
  const gap = isLabel ? AFTER_LABEL : AFTER_BASIC
  gap.lastIndex = end
  const between = gap.exec(text.text)
  if (between === null) return null
  const value = readValue(text, end + between[0].length)
  if (value === null || value.end - value.start < LEAST_ENCODED || value.end - value.start > MOST_ENCODED) return null
  return isEncodedPair(text.slice(value.start, value.end))
    ? { start: value.start, end: value.end, type: BASIC_CREDENTIALS, evidence: 'encoded name and password' }
    : null
}

function isEncodedPair(written: string): boolean {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(written)) return false
  return /^[\x20-\x39\x3b-\x7e]{1,128}:[\x20-\x7e]*$/.test(Buffer.from(written, 'base64').toString('latin1'))
}
