// Finds dates of birth: a date in any usual form with a word beside it that says it is one (born, DOB, 出生, geboren).
//
//   digit that may begin a date -> bounded pattern -> words before it, or the label of the value -> finding
//
// A date without such a word is none of ours, and neither is an age.

import type { Units } from '../text/units.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

const LONGEST_DATE = 24
const LABEL_WINDOW = 32

const MONTHS =
  'jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|febbraio|février|fév|febrero|mar(?:ch|s|zo)?|märz|apr(?:il|ile)?|avril|abril|may|mai|mayo|maggio|mei|maj|maja|' +
  'jun(?:e|i|io)?|juin|giugno|jul(?:y|i|io)?|juillet|luglio|aug(?:ust|ustus)?|août|agosto|sep(?:t|tember|tiembre)?|septembre|settembre|' +
  'oct(?:ober|obre|ubre)?|okt(?:ober)?|ottobre|nov(?:ember|embre|iembre)?|dec(?:ember)?|dez(?:ember)?|décembre|diciembre|dicembre|enero|gennaio|' +
  'januari|februari|maart|augustus|stycznia|lutego|marca|kwietnia|czerwca|lipca|sierpnia|września|października|listopada|grudnia'

/** Anchored at a digit, over LONGEST_DATE characters at most. */
const NUMERIC = new RegExp(
  '^(?:\\d{4}[-/.]\\d{1,2}[-/.]\\d{1,2}|\\d{1,2}[-/.]\\d{1,2}[-/.](?:\\d{4}|\\d{2})|\\d{4} ?年 ?\\d{1,2} ?月(?: ' +
    '?\\d{1,2} ?[日号])?|' +
    `(?:19|20)\\d{6}(?!\\d)|\\d{1,2}(?:st|nd|rd|th|er|º|\\.)? (?:de |of )?(?:${MONTHS})\\.?,? (?:de |del )?\\d{4})(?!\\d)`,
  'iu',
)
/** `March 12, 1984`: the month stands before the first digit. */
const MONTH_BEFORE = new RegExp(`(?:^|[^\\p{L}])((?:${MONTHS})\\.? )$`, 'iu')
const DAY_AND_YEAR = /^\d{1,2}(?:st|nd|rd|th)?,? \d{4}(?!\d)/u

const BEFORE =
  /(?:出生(?:日期|年月|时间)?|生日|生于|诞生于|born(?: on)?|birth ?da(?:te|y)|date of birth|d\.?o\.?b\.?|geboren(?: am| op)?|geb(?:urtsdatum|\.| am)|née?(?: le| en)?|date de naissance|naissance|nacid[oa](?: el)?|fecha de nacimiento|nacimiento|nat[oa](?: il)?|data di nascita|nascita|geboortedatum|urodzon[ya](?: dnia)?|data urodzenia|ur\.)[\s:：是为=,("']{0,6}(?:on |the |am |le |el |il |op |dnia )?$/iu
const AFTER = /^[\s,，]{0,2}(?:出生|生(?!效|产|成))/u
const LABEL = /birth|dob|geburt|naissance|nacimiento|nascita|geboorte|urodzenia|出生|生日/iu

/** A date of birth that has its first digit at a place; null where none has. */
export function birthDateAt(text: Units, place: number, isLabelled: boolean): Span | null {
  if (isNumberPart(text.codes[place - 1] ?? 0) || !mayBeDate(text, place)) return null
  if (!isLabelled && !endsAsLabel(text, place) && !isHanDate(text, place)) return null
  const date = dateAt(text, place)
  return date !== null && (isLabelled || isBirth(text, date)) ? date : null
}

/** Whether the name of a field says that its value is a date of birth. */
export const isBirthLabel = (label: string | null): boolean => label !== null && LABEL.test(label)

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
/** A digit, a dot, a slash, a hyphen or a letter before: the middle of something else. */
export const isNumberPart = (code: number): boolean =>
  (code >= 0x2d && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)

function dateAt(text: Units, start: number): Span | null {
  const window = text.slice(start, start + LONGEST_DATE)
  const numeric = NUMERIC.exec(window)
  if (numeric !== null) return { start, end: start + numeric[0].length }
  const rest = DAY_AND_YEAR.exec(window)
  const month = rest === null ? null : MONTH_BEFORE.exec(text.slice(Math.max(0, start - 12), start))
  return rest === null || month === null
    ? null
    : { start: start - (month[1] ?? '').length, end: start + rest[0].length }
}

/** The last two letters of what may stand before a date of birth: all labels of BEFORE end in one of these. */
const LABEL_ENDS: ReadonlySet<number> = new Set(
  'rn on he th ay te ob b. en am op m. t. né ée le ce do da el to ta il um ya na ia r. 出生 日期 年月 时间 生日 生于 生是 生为 生： 日为 日是 期为 期是'
    .split(' ')
    .map((end) => pairOf(end.charCodeAt(0), end.charCodeAt(1))),
)

/** The last two letters of what MONTH_BEFORE knows. */
const MONTH_ENDS: ReadonlySet<number> = new Set(
  'an ry ar er eb io év ro ch rs zo rz pr il le ay ai yo ei aj ja un ne ni in no ul ly li et ug st us ût to ep pt re ct kt ov ec ez ri rt ia go ca pa'
    .split(' ')
    .map((end) => pairOf(end.charCodeAt(0), end.charCodeAt(1))),
)

/** Two letters as one number. */
function pairOf(first: number, second: number): number {
  return (small(first) << 16) | small(second)
}

/** Of Latin letters up to é, which labels have; the others have no case there. */
function small(code: number): number {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0xc0 && code <= 0xde) ? code + 0x20 : code
}

/** Whether the letters before a place, some marks apart, end as a label does; a month's name may stand between. */
function endsAsLabel(text: Units, place: number): boolean {
  let end = place
  while (place - end < 6 && isMark(text.codes[end - 1] ?? 0)) end--
  const code = text.codes[end - 1] ?? 0
  if (end === 0 || isDigit(code) || code < 0x2e) return false
  const last = pairOf(text.codes[end - 2] ?? 0, code)
  if (LABEL_ENDS.has(last)) return true
  return isLetter(code) && MONTH_ENDS.has(last) && MONTH_BEFORE.test(text.slice(Math.max(0, place - 12), place))
}

/** Space, colon, comma, bracket, equals sign, quotation mark. */
const isMark = (code: number): boolean =>
  code === 0x20 ||
  code === 0x3a ||
  code === 0xff1a ||
  code === 0x2c ||
  code === 0x28 ||
  code === 0x3d ||
  code === 0x22 ||
  code === 0x27

/** `1984年`: a word behind the date may say what it is. */
const isHanDate = (text: Units, place: number): boolean =>
  (text.codes[place + 4] ?? 0) === 0x5e74 || (text.codes[place + 5] ?? 0) === 0x5e74

/** One, two, four or eight digits and then a mark that dates have. */
function mayBeDate(text: Units, start: number): boolean {
  let end = start
  while (isDigit(text.codes[end] ?? 0) && end - start < 9) end++
  const code = text.codes[end] ?? 0
  const length = end - start
  if (length === 8) return true
  return (
    (length === 1 || length === 2 || length === 4) &&
    (code === 0x20 || (code >= 0x2c && code <= 0x2f) || code === 0x5e74 || isLetter(code))
  )
}

const isLetter = (code: number): boolean => (code >= 0x61 && code <= 0x7a) || code === 0xba

function isBirth(text: Units, { start, end }: Span): boolean {
  return BEFORE.test(text.slice(Math.max(0, start - LABEL_WINDOW), start)) || AFTER.test(text.slice(end, end + 4))
}
