// Values without check digits that only a label makes private: passports, licences, plates, accounts, permits and
// service numbers of other forms, QQ and WeChat names, BIC. The label names the kind; size and digits bound the value.

import { ALPHANUMERIC, DIGIT, LETTER, flagsAt } from './characters.ts'
import { ACCOUNT, BANK, DRIVER, INSURANCE, LICENCE, MILITARY, PASSPORT, PERMIT, PLATE, SOCIAL } from './label-words.ts'
import { isCountry } from './countries.ts'
import type { Reader } from './reader.ts'
import { addFinding, isSpokenAgainst, labelsOf } from './reader.ts'
import { isWholeBefore, isWholeBehind } from './run.ts'
import type { Units } from '../text/units.ts'

interface LabelledKind {
  readonly type: string
  /** All of these groups must have been said, the first of them next to the value. */
  readonly bits: number
  readonly nearest: number
  readonly sizes: readonly [number, number]
  readonly digits: number
}

/** In order: the first that fits names the value. */
const KINDS: readonly LabelledKind[] = [
  { type: 'Passport', bits: PASSPORT, nearest: PASSPORT, sizes: [6, 10], digits: 5 },
  { type: 'DriverLicence', bits: DRIVER | LICENCE, nearest: DRIVER | LICENCE, sizes: [5, 18], digits: 5 },
  { type: 'Permit', bits: PERMIT, nearest: PERMIT, sizes: [7, 12], digits: 6 },
  { type: 'MilitaryId', bits: MILITARY, nearest: MILITARY, sizes: [6, 10], digits: 6 },
  { type: 'VehiclePlate', bits: PLATE, nearest: PLATE, sizes: [5, 9], digits: 1 },
  { type: 'Qq', bits: SOCIAL, nearest: SOCIAL, sizes: [5, 12], digits: 5 },
  { type: 'BankAccount', bits: ACCOUNT | BANK, nearest: ACCOUNT | BANK, sizes: [7, 24], digits: 7 },
  { type: 'GovernmentNumber', bits: INSURANCE, nearest: INSURANCE, sizes: [8, 20], digits: 7 },
]

/** Offset behind the value that the run is by a label next to it; -1 when it is none. */
export function readLabelled(reader: Reader): number {
  const { run, text } = reader
  const first = run.counts[0] ?? 0
  if (run.groups === 0 || first > 24 || !isLongEnough(reader) || !isWholeBefore(text, run.start)) return -1
  if (isSpokenAgainst(reader, run.start) || reader.reading.labels.nearest === 0) return -1
  const labels = labelsOf(reader, run.start, run.ends[0] ?? 0)
  for (const kind of KINDS) {
    if ((labels.bits & kind.bits) !== kind.bits || (labels.nearest & kind.nearest) === 0) continue
    const groups = groupsOf(reader, kind)
    if (groups === 0) continue
    return addFinding(reader, { start: run.start, end: run.ends[groups - 1] ?? 0, type: kind.type, evidence: 'label' })
  }
  return -1
}

/** Five characters with two digits, the groups behind hyphens included. */
function isLongEnough({ run }: Reader): boolean {
  const joined = run.groups > 1 && run.joiners[1] === 0x2d ? (run.counts[1] ?? 0) : (run.counts[0] ?? 0)
  if (joined < 5) return false
  let digits = 0
  for (let index = 0; index < joined; index++) if ((run.codes[index] ?? 0) < 0x3a) digits++
  return digits > 1
}

/** The most groups, joined by hyphens but for the account's spaces, that the kind can be. */
function groupsOf(reader: Reader, kind: LabelledKind): number {
  const { run, text } = reader
  let best = 0
  for (let groups = 1; groups <= run.groups; groups++) {
    const joiner = run.joiners[groups - 1] ?? 0
    const isJoined = groups === 1 || joiner === 0x2d || (joiner === 0x20 && kind.type === 'BankAccount')
    if (!isJoined) break
    const count = run.counts[groups - 1] ?? 0
    const isSized = count >= kind.sizes[0] && count <= kind.sizes[1]
    if (isSized && hasDigits(reader, count, kind) && isWholeBehind(text, run.ends[groups - 1] ?? 0)) best = groups
  }
  return best
}

function hasDigits({ run }: Reader, count: number, kind: LabelledKind): boolean {
  let digits = 0
  for (let index = 0; index < count; index++) if ((run.codes[index] ?? 0) < 0x3a) digits++
  const isDigitsOnly = kind.type === 'Qq' || kind.type === 'BankAccount' || kind.type === 'MilitaryId'
  if (kind.type === 'VehiclePlate' && digits === count) return false
  return digits >= kind.digits && (!isDigitsOnly || digits === count)
}

/** 号. */
const BEHIND_MILITARY = 0x53f7

/** `南字第1234567号`: the sign of a unit before the digits at [start, end). */
export function readMilitary(reader: Reader, start: number, end: number): number {
  const { text } = reader
  if ((text.codes[end] ?? 0) !== BEHIND_MILITARY || end - start < 5 || !text.startsWith('字第', start - 2)) return -1
  return addFinding(reader, { start: start - 3, end: end + 1, type: 'MilitaryId', evidence: 'form' })
}

const NAME_LABEL = /^(?:微信号?|wechat|weixin|vx|wx)(?:号|ID|id)?[\s:：=是为]{1,4}/i
const NAME = /^[A-Za-z][A-Za-z\d_-]{5,19}(?![A-Za-z\d_-])/
const BIC_LABEL =
  /^(?:BIC|SWIFT|Swift|Bic)(?:\s?[/-]\s?(?:BIC|SWIFT))?(?:[\s-](?:code|Code|number|nr|no))?(?:\s?[:=]\s?|\sis\s|\s)/
const BIC = /^[A-Z]{6}[A-Z\d]{2}(?:[A-Z\d]{3})?(?![A-Za-z\d])/

/** Reads a WeChat name or a BIC behind the label at `at`; returns where the pass goes on. */
export function readNamed(reader: Reader, at: number): number {
  const { text } = reader
  if ((flagsAt(text, at - 1) & (LETTER | DIGIT)) !== 0) return at + 1
  const isBank = 'BS'.includes(text.charAt(at))
  const start = stickyEnd(isBank ? BIC_LABEL : NAME_LABEL, text, at)
  if (start === -1) return at + 1
  const end = stickyEnd(isBank ? BIC : NAME, text, start)
  if (end === -1) return at + 1
  if (isBank)
    return isCountry(text.codes[start + 4] ?? 0, text.codes[start + 5] ?? 0)
      ? addFinding(reader, { start, end, type: 'Bic', evidence: 'label' })
      : at + 1
  const isName = !(flagsAt(text, end) & ALPHANUMERIC) && /[\d_-]/.test(text.slice(start, end))
  return isName ? addFinding(reader, { start, end, type: 'WeChat', evidence: 'label' }) : at + 1
}

/** Behind the expression's match at `at`, in a window of 48; -1 when it does not match there. */
function stickyEnd(expression: RegExp, text: Units, at: number): number {
  const match = expression.exec(text.slice(at, at + 48))
  return match === null ? -1 : at + match[0].length
}
