// Passwords behind their label: `password=`, `"passwd": "`, `<password>`, `--password `, `login x password `, `密码：`,
// `contraseña: `. They need not look random, so their place must be certain: a sign of assignment, a flag, an element.
//
//   label's end -> sign -> value -> a word of the language or of the code? -> finding

import type { Detection } from '../detection.ts'
import { PASSWORD } from './names.ts'
import { isStandIn } from './placeholders.ts'
import type { Measure } from './measure.ts'
import { measure } from './measure.ts'
import type { Value } from './values.ts'
import { readValue } from './values.ts'
import type { Units } from '../text/units.ts'

const LEAST = 4
const LEAST_PLAIN = 6
const MOST = 256

/** What joins the label and its value. */
type Sign = 'assigned' | 'flag' | 'element' | 'spoken' | 'literal'

const BETWEEN =
  /["'`\])\\]{0,4}[ \t]{0,8}(?:(::?=|\?=|=>|->|=(?![=~])|:(?!:)|：|＝|(?:is|was|are|ist|lautet|est|es|è|to|jest)(?=[ :])[ ]?:?|是|为|為)[ \t]{0,8})?(?:\\?["'`“‘「])?/y

/** The password that the label from `start` to `end` announces. */
export function readPassword(text: Units, start: number, end: number): Detection | null {
  const join = joinOf(text, start, end)
  if (join === null) return null
  const value = readValue(text, join.at)
  if (value === null || (!value.isQuoted && QUOTE.test(text.charAt(join.at - 1)))) return null
  return isPassword({ text, value, sign: join.sign, isShouted: isShouted(text, start, end) })
    ? { start: value.start, end: value.end, type: PASSWORD, evidence: 'label before' }
    : null
}

/** `pass to X` and `secret is out` are English; `password is X` is a password. */
const SPEAKABLE = /(?:word|wd|wort|passphrase|passcode|clave|senha|se)$/i

const QUOTE = /["'`“‘「]/

interface Join {
  readonly sign: Sign
  readonly at: number
}

function joinOf(text: Units, start: number, end: number): Join | null {
  if (text.charAt(end) === '>') return text.charAt(start - 1) === '<' ? { sign: 'element', at: end + 1 } : null
  BETWEEN.lastIndex = end
  const between = BETWEEN.exec(text.text)
  if (between === null) return null
  const at = end + between[0].length
  const isSpoken = /^[a-zè]/.test(between[1] ?? '')
  if (isSpoken && !SPEAKABLE.test(text.slice(start, end))) return null
  if (between[1] !== undefined) return { sign: isSpoken ? 'spoken' : 'assigned', at }
  if (at === end || text.charAt(end) !== ' ') return null
  if (text.charAt(start) === '-') return { sign: 'flag', at }
  if (/["']$/.test(between[0]) && /(?:word|wd|by)$/i.test(text.slice(start, end))) return { sign: 'literal', at }
  return /\blogin\s{1,4}\S{1,64}\s{1,8}$/.test(text.slice(Math.max(0, start - 80), start)) ? { sign: 'flag', at } : null
}

/** `DB_PASSWORD=`: of the environment, where any word is a value. */
function isShouted(text: Units, start: number, end: number): boolean {
  const label = text.slice(start, end)
  if (label.endsWith('__CONTRIBSYS__COM')) return true
  return text.charAt(end) === '=' && text.charAt(end + 1) > ' ' && /^[A-Z][A-Z0-9_]{2,}$/.test(label)
}

interface Candidate {
  readonly text: Units
  readonly value: Value
  readonly sign: Sign
  readonly isShouted: boolean
}

/** Words, names of code and references, as they stand where no value stands. */
const NAME_OF_CODE = /^[#.$@/-]?[A-Za-z_$][A-Za-z_$-]*[0-9]?(?:[./][A-Za-z_$-]+[0-9]?)*$/
const MEMBER_OF_CODE = /^[A-Za-z_$][\w$]{0,60}(?:\.[A-Za-z_$][\w$]{0,60}){1,8}$/
const OTHER_THING = /^(?:0x[0-9a-f]+$|https?:|\d{4}-\d\d-\d\d|\$[A-Za-z_]|%[sd]|[\w.+-]{1,64}@[\w-]{1,64}\.[a-z]{2,6}$)/

function isPassword({ text, value, sign, isShouted: shouted }: Candidate): boolean {
  const size = value.end - value.start
  if (size < LEAST || size > MOST) return false
  const written = text.slice(value.start, value.end)
  if (isStandIn(written) || OTHER_THING.test(written) || isSelf(written)) return false
  if (shouted) return size >= LEAST_PLAIN && /^[\x21-\x7e]+$/.test(written)
  const traits = measure(text, value.start, value.end)
  if (traits.letters === 0) return sign !== 'spoken' && isNumber(traits, value.isQuoted)
  if (traits.digits === 0 && (traits.symbols === 0 || NAME_OF_CODE.test(written))) {
    return size >= 8 && traits.changes >= 3 && (value.isQuoted || traits.changes * 4 >= size)
  }
  if (!value.isQuoted && isNameOfCode(written, sign)) return false
  return (value.isQuoted || size >= LEAST_PLAIN) && isAscii(written) && !CODE.test(written)
}

function isNumber({ digits, symbols }: Measure, isQuoted: boolean): boolean {
  return symbols === 0 && digits >= (isQuoted ? LEAST : LEAST_PLAIN)
}

/** Names, members, and types such as `Uint8Array`, which in a sentence would be a password after all. */
function isNameOfCode(written: string, sign: Sign): boolean {
  if (sign === 'spoken') return MEMBER_OF_CODE.test(written)
  if (NAME_OF_CODE.test(written) || MEMBER_OF_CODE.test(written)) return true
  return /^[A-Z][a-z]{2,}\d{1,4}(?:[A-Z][a-z]{2,})+$/.test(written)
}

/** `password: 'password'`, `pwd = new_password2`. */
function isSelf(written: string): boolean {
  return /^[\w-]{0,24}(?:password|passwd|passphrase|secret|passwort)[s0-9_-]{0,2}$/i.test(written)
}

function isAscii(written: string): boolean {
  return /^[\x21-\x7e]+$/.test(written)
}

const CODE = /\?\.|^!\w+\.|^\w+=\w+$|[()[\]{}<>]|=>|::|\|\||&&|^[.,:;|=]|^\w+\.\w+\.\w+$|^[a-z]+:[a-z]+$|^\/|\\/i

/** Last characters of labels that are not ASCII: 密码, 口令, contraseña, hasło, пароль. */
export const WIDE_LABEL_ENDS: readonly string[] = ['码', '碼', '令', 'ñ', 'Ñ', 'ł', 'ь', 'ド', '호']
const WIDE_LABELS = [
  '密码',
  '密碼',
  '口令',
  '暗码',
  'contraseñ',
  'Contraseñ',
  'CONTRASEÑ',
  'hasł',
  'Hasł',
  'пароль',
  'Пароль',
  'パスワード',
  '비밀번호',
]
const WIDE_BETWEEN = /(?:as?|AS?|o|ь)?["'”」]?[ 　]{0,4}(?:[:：=＝是为為]{1,2}[ 　]{0,4})?["'“「‘]?/y

/** The password behind the label that ends with the wide character at `at`. */
export function readWidePassword(text: Units, at: number): Detection | null {
  if (!WIDE_LABELS.some((label) => text.startsWith(label, at + 1 - label.length))) return null
  WIDE_BETWEEN.lastIndex = at + 1
  const between = WIDE_BETWEEN.exec(text.text)?.[0] ?? ''
  const value = readValue(text, at + 1 + between.length)
  if (value === null) return null
  const isSigned = /[:：=＝是为為]/.test(between)
  if (!isSigned && !isMixed(text, value)) return null
  return isPassword({ text, value, sign: 'assigned', isShouted: false })
    ? { start: value.start, end: value.end, type: PASSWORD, evidence: 'label before' }
    : null
}

/** Without a sign only what no sentence goes on with: letters and digits in one, or a number of a usual length. */
function isMixed(text: Units, value: Value): boolean {
  const { digits, letters, length } = measure(text, value.start, value.end)
  return digits > 0 && length >= LEAST_PLAIN && (letters > 0 || (digits === length && length <= MOST_DIGITS))
}

const MOST_DIGITS = 10
