// Numbers of mainland China (identity, credit code, permits, passports) and the cards of every scheme.
// Sources: GB 11643 (identity), GB 32100 (credit code), GA 36 (plates, plates.ts), ISO/IEC 7812 (cards).

import type { Codes } from './checksums.ts'
import { isDate, isRepeated, luhn, mod11x2, numberAt, textOf } from './checksums.ts'
import { CARD, GOVERNMENT, PASSPORT, PERMIT } from './label-words.ts'
import type { NumberRow } from './number-row.ts'

const CARD_LAYOUTS = [
  '4-4-4-4',
  '4-4-4-4-3',
  '4-4-4-4-2',
  '4-4-4-4-1',
  '6-13',
  '6-10',
  '6-12',
  '8-8',
  '4-6-5',
  '4-6-4',
  '4-4-4-3',
  '4-4-5',
  '4-4-4',
]
const CREDIT_CODE = '0123456789ABCDEFGHJKLMNPQRTUWXY'

export const CHINESE_NUMBERS: readonly NumberRow[] = [
  {
    name: 'ChineseId',
    kind: 'CN_ID',
    placeholderWord: 'CNID',
    bits: GOVERNMENT,
    words: '身份 身份证 公民',
    forms: [
      {
        form: '99999999999999999X',
        need: 'shape',
        layouts: ['6-8-4', '6-4-4-4', '6-4-2-2-4', '3-3-4-4-4', '6-12', '14-4'],
        check: chineseId,
      },
      { form: '999999999999999', need: 'label', layouts: ['6-6-3'], check: oldChineseId },
    ],
    description: 'Chinese resident identity numbers: 18 characters (MOD 11-2, region, date), or 15 behind a label.',
    sample: '身份证号 11010519491231002X',
  },
  {
    name: 'ChineseCreditCode',
    kind: 'CN_USCC',
    placeholderWord: 'USCC',
    bits: GOVERNMENT,
    words: '信用代码 统一社会信用代码 纳税人识别号 税号',
    forms: [{ form: 'XXXXXXXXXXXXXXXXXX', need: 'shape', layouts: ['2-6-9-1', '8-10', '2-6-10'], check: creditCode }],
    description: 'Chinese unified social credit codes (mod 31 and a region).',
    sample: '统一社会信用代码 91350100M000100Y43',
  },
  {
    name: 'Card',
    kind: 'CARD',
    placeholderWord: 'CARD',
    bits: CARD,
    words: '',
    forms: [
      { form: '9999999999999999', need: 'shape', layouts: CARD_LAYOUTS, check: schemeCard },
      { form: '9999999999999999999', need: 'shape', layouts: CARD_LAYOUTS, check: unionPay },
      { form: '99999999999999999', need: 'shape', layouts: CARD_LAYOUTS, check: unionPay },
      { form: '999999999999999999', need: 'shape', layouts: CARD_LAYOUTS, check: unionPay },
      { form: '999999999999999', need: 'shape', layouts: CARD_LAYOUTS, check: schemeCard },
      { form: '99999999999999', need: 'alone', layouts: CARD_LAYOUTS, check: schemeCard },
      { form: '9999999999999999999', need: 'alone', layouts: CARD_LAYOUTS, check: anyCard },
      { form: '999999999999999999', need: 'label', layouts: CARD_LAYOUTS, check: anyCard },
      { form: '99999999999999999', need: 'label', layouts: CARD_LAYOUTS, check: anyCard },
      { form: '9999999999999999', need: 'label', layouts: CARD_LAYOUTS, check: anyCard },
      { form: '999999999999999', need: 'label', layouts: CARD_LAYOUTS, check: anyCard },
      { form: '99999999999999', need: 'label', layouts: CARD_LAYOUTS, check: anyCard },
      { form: '9999999999999', need: 'label', layouts: CARD_LAYOUTS, check: anyCard },
      { form: '999999999999', need: 'label', layouts: CARD_LAYOUTS, check: anyCard },
    ],
    description: 'Payment cards: Luhn, and a scheme’s prefix and length or a label.',
    sample: 'card 4012 8888 8888 1881',
  },
  {
    name: 'ChinesePassport',
    kind: 'PASSPORT',
    placeholderWord: 'PASSPORT',
    bits: PASSPORT,
    words: '',
    forms: [
      { form: 'A99999999', need: 'label', layouts: ['1-8'] },
      { form: 'AA9999999', need: 'label' },
    ],
    description: 'Passports with a letter and eight digits and their like, behind a label.',
    sample: '护照号 E12345678',
  },
  {
    name: 'ChinesePermit',
    kind: 'PASSPORT',
    placeholderWord: 'PERMIT',
    bits: PERMIT,
    words: '',
    forms: [
      { form: 'A99999999', need: 'label' },
      { form: 'A9999999999', need: 'label' },
      { form: 'AA9999999', need: 'label' },
      { form: '99999999', need: 'label' },
      { form: '9999999999', need: 'label' },
    ],
    description: 'Permits for travel between the mainland, Hong Kong, Macau and Taiwan, behind a label.',
    sample: '港澳居民来往内地通行证 H1234567890',
  },
]

const PROVINCES = new Set([
  11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63,
  64, 65, 71, 81, 82, 83, 91,
])

function isRegion(codes: Codes, start: number): boolean {
  return PROVINCES.has(numberAt(codes, start, start + 2))
}

function chineseId(codes: Codes, length: number): boolean {
  const year = numberAt(codes, 6, 10)
  if (year < 1900 || year > 2099 || !isRegion(codes, 0)) return false
  return isDate(numberAt(codes, 12, 14), numberAt(codes, 10, 12), year) && mod11x2(codes, length)
}

function oldChineseId(codes: Codes): boolean {
  return isRegion(codes, 0) && isDate(numberAt(codes, 10, 12), numberAt(codes, 8, 10))
}

/** Department, category, six digits of a region, nine of the organisation, check character of weights 3^n mod 31. */
function creditCode(codes: Codes): boolean {
  if (!isRegion(codes, 2) || !/^[1-9A-GNY][1-9]\d{6}/.test(textOf(codes, 8))) return false
  let sum = 0
  let weight = 1
  for (let index = 0; index < 17; index++) {
    const value = CREDIT_CODE.indexOf(String.fromCharCode(codes[index] ?? 0))
    if (value < 0) return false
    sum += value * weight
    weight = (weight * 3) % 31
  }
  return codes[17] === CREDIT_CODE.charCodeAt((31 - (sum % 31)) % 31)
}

/** Prefixes that a scheme gives cards of this length. */
function schemeCard(codes: Codes, length: number): boolean {
  const four = numberAt(codes, 0, 4)
  const two = Math.floor(four / 100)
  return isSchemePrefix(four, two, length) && anyCard(codes, length)
}

function isSchemePrefix(four: number, two: number, length: number): boolean {
  if (length === 16) {
    const isMastercard = (two > 50 && two < 56) || (four > 2220 && four < 2721)
    const isDebit = two === 50 || (two > 55 && two < 70) || two === 81
    return Math.floor(two / 10) === 4 || isMastercard || isDebit || (four > 3527 && four < 3590)
  }
  if (length === 15) return two === 34 || two === 37 || four === 2131 || four === 1800
  return two === 36 || two === 38 || two === 39 || (four > 2999 && four < 3060)
}

function unionPay(codes: Codes, length: number): boolean {
  return codes[0] === 0x36 && codes[1] === 0x32 && anyCard(codes, length)
}

/** Luhn, and not one digit or nought almost throughout. */
function anyCard(codes: Codes, length: number): boolean {
  return !isRepeated(codes, length) && luhn(codes, length)
}
