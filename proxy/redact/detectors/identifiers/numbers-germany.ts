// Numbers that German offices and health insurances give.
// Sources: each authority's published specification; check digits as in ISO 7064, ISO 7812 or the formula named.

import type { Codes } from './checksums.ts'
import { digitAt, hybridFrom, isDate, isRepeated, mod11x10, numberAt, textOf } from './checksums.ts'
import { GOVERNMENT } from './label-words.ts'
import type { NumberRow } from './number-row.ts'

export const GERMAN_NUMBERS: readonly NumberRow[] = [
  {
    name: 'GermanTaxId',
    kind: 'TAX_ID',
    placeholderWord: 'STEUERID',
    bits: GOVERNMENT,
    words: 'idnr steuer steuerid steueridentifikationsnummer identifikationsnummer',
    forms: [
      {
        form: '99999999999',
        need: 'alone',
        layouts: ['2-3-3-3'],
        check: (codes, length) => digitAt(codes, 0) > 0 && !isRepeated(codes, 10) && mod11x10(codes, length),
      },
    ],
    description: 'German tax identification numbers (ISO 7064 mod 11,10).',
    sample: 'Steuer-IdNr. 86095742719',
  },
  {
    name: 'GermanSocialSecurity',
    kind: 'NATIONAL_ID',
    placeholderWord: 'SVNR',
    bits: GOVERNMENT,
    words: 'sozialversicherungsnummer rentenversicherungsnummer svnr rvnr versicherungsnummer',
    forms: [{ form: '99999999A999', need: 'shape', layouts: ['2-6-1-3', '8-1-3'], check: germanSocialSecurity }],
    description: 'German pension and social security numbers.',
    sample: 'Sozialversicherungsnummer 15070649C103',
  },
  {
    name: 'GermanIdCard',
    kind: 'NATIONAL_ID',
    placeholderWord: 'AUSWEIS',
    bits: 0,
    words: 'personalausweis ausweis ausweisnummer',
    forms: [
      {
        form: 'XXXXXXXXX',
        need: 'label',
        check: (codes) =>
          /^[CFGHJKLMNPRTVWXYZ][\dCFGHJKLMNPRTVWXYZ]{8}$/.test(textOf(codes, 9)) && digitsIn(codes, 9) > 3,
      },
      { form: 'XXXXXXXXX9', need: 'label', check: germanIdCard },
    ],
    description: 'German identity cards.',
    sample: 'Personalausweis L01X00T471',
  },
  {
    name: 'GermanHealthInsurance',
    kind: 'HEALTH_ID',
    placeholderWord: 'KVNR',
    bits: GOVERNMENT,
    words: 'krankenversichertennummer kvnr versichertennummer krankenkasse',
    forms: [{ form: 'A999999999', need: 'alone', check: germanHealthInsurance }],
    description: 'German health insurance numbers (KVNR).',
    sample: 'KVNR A123456780',
  },
  {
    name: 'GermanVatId',
    kind: 'TAX_ID',
    placeholderWord: 'USTID',
    bits: GOVERNMENT,
    words: 'ust ustid umsatzsteuer',
    forms: [
      { form: 'DE999999999', need: 'shape', layouts: ['2-9', '2-3-3-3'], check: (codes) => hybridFrom(codes, 2, 11) },
    ],
    description: 'German VAT numbers.',
    sample: 'USt-IdNr. DE136695976',
  },
]

function digitsIn(codes: Codes, length: number): number {
  let digits = 0
  for (let index = 0; index < length; index++) if ((codes[index] ?? 0) < 0x3a) digits++
  return digits
}

/** VKVV: the letter as its two-digit place, cross sums of the products. */
function germanSocialSecurity(codes: Codes): boolean {
  const letter = (codes[8] ?? 0) - 0x40
  const digits = [...codes.subarray(0, 8)].map((code) => code - 0x30)
  digits.push(Math.floor(letter / 10), letter % 10, digitAt(codes, 9), digitAt(codes, 10))
  const weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]
  const sum = digits.reduce((total, digit, at) => total + crossSum(digit * (weights[at] ?? 0)), 0)
  return isDate(numberAt(codes, 2, 4) % 50, numberAt(codes, 4, 6)) && sum % 10 === digitAt(codes, 11)
}

function germanHealthInsurance(codes: Codes): boolean {
  const letter = (codes[0] ?? 0) - 0x40
  const digits = [Math.floor(letter / 10), letter % 10, ...[...codes.subarray(1, 9)].map((code) => code - 0x30)]
  const sum = digits.reduce((total, digit, at) => total + crossSum(digit * (at % 2 === 0 ? 1 : 2)), 0)
  return sum % 10 === digitAt(codes, 9)
}

function crossSum(value: number): number {
  return Math.floor(value / 10) + (value % 10)
}

/** ICAO 9303: weights 7, 3, 1, letters from 10. */
function germanIdCard(codes: Codes): boolean {
  let sum = 0
  for (let index = 0; index < 9; index++) {
    const code = codes[index] ?? 0
    sum += (code >= 0x41 ? code - 55 : code - 0x30) * ([7, 3, 1][index % 3] ?? 0)
  }
  return sum % 10 === digitAt(codes, 9)
}
