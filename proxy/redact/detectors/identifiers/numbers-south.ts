// Numbers that Spain, Italy, France, the Netherlands, Switzerland and Turkey give, and bank identifier codes.
// Sources: each authority's published specification; check digits as in ISO 7064, ISO 7812 or the formula named.

import type { Codes } from './checksums.ts'
import { digitAt, isRepeated, luhn, luhnSum, numberAt, textOf, weighted, weightedSum } from './checksums.ts'
import { isCountry } from './countries.ts'
import { BANK, GOVERNMENT } from './label-words.ts'
import type { NumberRow } from './number-row.ts'

const NIF_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE'

export const SOUTHERN_NUMBERS: readonly NumberRow[] = [
  {
    name: 'SpanishNif',
    kind: 'NATIONAL_ID',
    placeholderWord: 'NIF',
    bits: GOVERNMENT,
    words: 'nif dni nie extranjero',
    forms: [
      { form: '99999999A', need: 'shape', layouts: ['8-1'], check: nif },
      { form: 'A9999999A', need: 'shape', layouts: ['8-1', '1-7-1'], check: nie },
      {
        form: '99999999A',
        need: 'shape',
        layouts: ['2-3-3-1'],
        joiners: '.-',
        isUneven: true,
        isGrouped: true,
        check: nif,
      },
    ],
    description: 'Spanish NIF and NIE (mod 23 letter).',
    sample: 'DNI 12345678Z',
  },
  {
    name: 'ItalianFiscalCode',
    kind: 'NATIONAL_ID',
    placeholderWord: 'FISCALCODE',
    bits: GOVERNMENT,
    words: 'codice fiscale',
    forms: [
      { form: 'AAAAAAXXAXXAXXXA', need: 'shape', layouts: ['6-5-5', '3-3-5-5'], check: fiscalCode },
      { form: 'AAAAAA99A99A999A', need: 'alone' },
    ],
    description: 'Italian codice fiscale, omocodia included.',
    sample: 'codice fiscale RSSMRA85T10A562S',
  },
  {
    name: 'ItalianVatNumber',
    kind: 'TAX_ID',
    placeholderWord: 'PARTITAIVA',
    bits: GOVERNMENT,
    words: 'partita iva piva',
    forms: [
      { form: '99999999999', need: 'alone', layouts: ['8-3', '2-3-3-3', '4-4-3'], joiners: ' -._', check: luhnNumber },
      { form: 'IT99999999999', need: 'shape', layouts: ['2-11'], check: (codes) => luhnSum(codes, 2, 13) % 10 === 0 },
    ],
    description: 'Italian partita IVA (Luhn).',
    sample: 'partita IVA 01333550323',
  },
  {
    name: 'ItalianIdCard',
    kind: 'NATIONAL_ID',
    placeholderWord: 'IDCARD',
    bits: 0,
    words: 'identità cie',
    forms: [
      { form: 'AA99999AA', need: 'label', layouts: ['2-5-2'] },
      { form: 'AA9999999', need: 'label', layouts: ['2-7'] },
      { form: '9999999AA', need: 'label', layouts: ['7-2'] },
    ],
    description: 'Italian identity cards.',
    sample: "carta d'identità CA12345AB",
  },
  {
    name: 'FrenchNir',
    kind: 'NATIONAL_ID',
    placeholderWord: 'NIR',
    bits: GOVERNMENT,
    words: 'nir insee sécu sociale',
    forms: [
      { form: '999999999999999', need: 'shape', layouts: ['1-2-2-2-3-3-2', '13-2'], check: nir },
      { form: '999999A99999999', need: 'shape', layouts: ['1-2-2-2-3-3-2', '13-2'], check: nir },
    ],
    description: 'French social security numbers (NIR, mod 97), Corsica included.',
    sample: 'NIR 1 85 05 78 006 084 91',
  },
  {
    name: 'DutchBsn',
    kind: 'NATIONAL_ID',
    placeholderWord: 'BSN',
    bits: GOVERNMENT,
    words: 'bsn burgerservicenummer sofinummer',
    forms: [
      { form: '999999999', need: 'alone', check: bsn },
      { form: '999999999', need: 'label', layouts: ['4-2-3', '3-3-3'], check: bsn },
    ],
    description: 'Dutch BSN (eleven test).',
    sample: 'BSN 111222333',
  },
  {
    name: 'SwissAhv',
    kind: 'NATIONAL_ID',
    placeholderWord: 'AHV',
    bits: GOVERNMENT,
    words: 'ahv avs',
    forms: [
      {
        form: '7569999999999',
        need: 'shape',
        layouts: ['3-4-4-2'],
        check: weighted([1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1], 10),
      },
    ],
    description: 'Swiss AHV numbers (EAN 13 check digit).',
    sample: 'AHV 756.9217.0769.85',
  },
  {
    name: 'TurkishId',
    kind: 'NATIONAL_ID',
    placeholderWord: 'TCKIMLIK',
    bits: GOVERNMENT,
    words: 'tckn kimlik tc kişi vatandaşlık',
    forms: [{ form: '99999999999', need: 'alone', check: turkishId }],
    description: 'Turkish identity numbers (two check digits).',
    sample: 'TC kimlik 10000000146',
  },
  {
    name: 'Bic',
    kind: 'BANK_ACCOUNT',
    placeholderWord: 'BIC',
    bits: BANK,
    words: 'bic swift',
    forms: [
      { form: 'AAAAAAXX', need: 'label', check: bic },
      { form: 'AAAAAAXXXXX', need: 'label', check: bic },
    ],
    description: 'Bank identifier codes (ISO 9362), behind a label.',
    sample: 'BIC: DEUTDEFF500',
  },
]

function bic(codes: Codes): boolean {
  return isCountry(codes[4] ?? 0, codes[5] ?? 0)
}

function luhnNumber(codes: Codes, length: number): boolean {
  return !isRepeated(codes, length) && luhn(codes, length)
}

function nif(codes: Codes): boolean {
  return codes[8] === NIF_LETTERS.charCodeAt(numberAt(codes, 0, 8) % 23)
}

function nie(codes: Codes): boolean {
  const first = 'XYZ'.indexOf(String.fromCharCode(codes[0] ?? 0))
  return first >= 0 && codes[8] === NIF_LETTERS.charCodeAt((first * 10_000_000 + numberAt(codes, 1, 8)) % 23)
}

const FISCAL_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]

/** Decree of 23 December 1976: odd places by table, even ones by value, mod 26. */
function fiscalCode(codes: Codes): boolean {
  let sum = 0
  for (let index = 0; index < 15; index++) {
    const code = codes[index] ?? 0
    const value = code >= 0x41 ? code - 0x41 : code - 0x30
    sum += index % 2 === 0 ? (FISCAL_ODD[value] ?? 0) : value
  }
  const isFilled = /^[A-Z]{6}[\dL-NP-V]{2}[A-EHLMPR-T][\dL-NP-V]{2}[A-Z][\dL-NP-V]{3}/.test(textOf(codes, 16))
  return isFilled && codes[15] === 0x41 + (sum % 26)
}

/** Sex, year, month, department, commune, order, key: 97 less the rest; Corsica's 2A and 2B count as 19 and 18. */
function nir(codes: Codes): boolean {
  const isCorsican = (codes[6] ?? 0) >= 0x41
  if (isCorsican && (codes[5] !== 0x32 || (codes[6] ?? 0) > 0x42)) return false
  const corsican = codes[6] === 0x41 ? 19 : 18
  const department = isCorsican ? corsican : numberAt(codes, 5, 7)
  const number = numberAt(codes, 0, 5) * 1e8 + department * 1e6 + numberAt(codes, 7, 13)
  const month = numberAt(codes, 3, 5)
  const isSex = [1, 2, 3, 4, 7, 8].includes(digitAt(codes, 0))
  return (
    isSex &&
    month > 0 &&
    (month < 13 || (month > 19 && month < 43) || month > 49) &&
    97 - (number % 97) === numberAt(codes, 13, 15)
  )
}

function bsn(codes: Codes, length: number): boolean {
  return !isRepeated(codes, length) && weightedSum(codes, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0
}

/** The tenth digit of the odd and even places, the eleventh of all ten. */
function turkishId(codes: Codes): boolean {
  const odd = weightedSum(codes, [1, 0, 1, 0, 1, 0, 1, 0, 1])
  const even = weightedSum(codes, [0, 1, 0, 1, 0, 1, 0, 1])
  const tenth = (((odd * 7 - even) % 10) + 10) % 10
  return digitAt(codes, 0) > 0 && tenth === digitAt(codes, 9) && (odd + even + tenth) % 10 === digitAt(codes, 10)
}
