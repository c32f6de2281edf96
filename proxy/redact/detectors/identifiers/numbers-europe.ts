// Numbers that European states, tax offices and health services give, and driving licences with a fixed form.
// Sources: each authority's published specification; check digits as in ISO 7064, ISO 7812 or the formula named.

import type { Codes } from './checksums.ts'
import {
  digitAt,
  hybridFrom,
  isDate,
  isRepeated,
  luhn,
  luhnSum,
  mod11x10,
  numberAt,
  weighted,
  weightedSum,
} from './checksums.ts'
import { BANK, DRIVER, GOVERNMENT, LICENCE } from './label-words.ts'
import type { NumberRow } from './number-row.ts'

const NIF_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE'
const HETU_CHECKS = '0123456789ABCDEFHJKLMNPRSTUVWXY'

export const EUROPEAN_NUMBERS: readonly NumberRow[] = [
  {
    name: 'UkNhsNumber',
    kind: 'HEALTH_ID',
    placeholderWord: 'NHS',
    bits: GOVERNMENT,
    words: 'nhs',
    forms: [{ form: '9999999999', need: 'alone', layouts: ['3-3-4'], check: nhs }],
    description: 'NHS numbers of the United Kingdom (mod 11).',
    sample: 'NHS number 943 476 5919',
  },
  {
    name: 'UkNationalInsurance',
    kind: 'NATIONAL_ID',
    placeholderWord: 'NINO',
    bits: GOVERNMENT,
    words: 'nino insurance',
    forms: [{ form: 'AA999999A', need: 'shape', layouts: ['2-2-2-2-1', '2-6-1', '2-7', '8-1'], check: nino }],
    description: 'National Insurance numbers of the United Kingdom.',
    sample: 'National Insurance Number AB 12 34 56 C',
  },
  {
    name: 'UkDrivingLicence',
    kind: 'DRIVER_LICENSE',
    placeholderWord: 'LICENCE',
    bits: DRIVER | LICENCE,
    words: 'dvla',
    forms: [{ form: 'XXXXX999999XX9AA', need: 'shape', layouts: ['5-6-5', '5-6-3-2'], check: ukDrivingLicence }],
    description: 'Driving licence numbers of the United Kingdom, with the birth date in them.',
    sample: 'licence MORGA753116SM9IJ',
  },
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
    name: 'PolishPesel',
    kind: 'NATIONAL_ID',
    placeholderWord: 'PESEL',
    bits: GOVERNMENT,
    words: 'pesel',
    forms: [{ form: '99999999999', need: 'alone', check: pesel }],
    description: 'Polish PESEL (weights 1, 3, 7, 9 and a birth date).',
    sample: 'PESEL 44051401458',
  },
  {
    name: 'PolishNip',
    kind: 'TAX_ID',
    placeholderWord: 'NIP',
    bits: 0,
    words: 'nip',
    forms: [
      {
        form: '9999999999',
        need: 'label',
        layouts: ['3-3-2-2', '3-2-2-3'],
        check: weightedDigit([6, 5, 7, 2, 3, 4, 5, 6, 7], 11),
      },
    ],
    description: 'Polish NIP.',
    sample: 'NIP 526-104-08-28',
  },
  {
    name: 'FinnishPersonalCode',
    kind: 'NATIONAL_ID',
    placeholderWord: 'HETU',
    bits: GOVERNMENT,
    words: 'hetu henkilötunnus',
    forms: [
      { form: '999999A999X', need: 'shape', check: (codes) => hetu(codes, 7) && isHetuCentury(codes[6] ?? 0) },
      {
        form: '999999999X',
        need: 'shape',
        layouts: ['6-4'],
        isGrouped: true,
        joiners: '-',
        check: (codes) => hetu(codes, 6),
      },
    ],
    description: 'Finnish personal identity codes (mod 31), with all century signs.',
    sample: 'hetu 131052-308T',
  },
  {
    name: 'SwedishPersonalNumber',
    kind: 'NATIONAL_ID',
    placeholderWord: 'PERSONNUMMER',
    bits: GOVERNMENT,
    words: 'personnummer pnr personnr samordningsnummer',
    forms: [
      {
        form: '9999999999',
        need: 'shape',
        layouts: ['6-4'],
        isGrouped: true,
        joiners: '-',
        check: (codes) => personnummer(codes, 0),
      },
      {
        form: '999999999999',
        need: 'shape',
        layouts: ['8-4'],
        isGrouped: true,
        joiners: '-',
        check: (codes) => personnummer(codes, 2),
      },
      { form: '9999999999', need: 'alone', check: (codes) => personnummer(codes, 0) },
      { form: '999999999999', need: 'alone', check: (codes) => personnummer(codes, 2) },
    ],
    description: 'Swedish personal and coordination numbers (Luhn and a birth date).',
    sample: 'personnummer 19910924-2397',
  },
  {
    name: 'SwedishOrganisationNumber',
    kind: 'TAX_ID',
    placeholderWord: 'ORGNR',
    bits: GOVERNMENT,
    words: 'orgnummer organisationsnummer orgnr företag',
    forms: [
      {
        form: '9999999999',
        need: 'alone',
        layouts: ['6-4'],
        joiners: '-',
        check: (codes, length) => digitAt(codes, 2) > 1 && luhn(codes, length),
      },
    ],
    description: 'Swedish organisation numbers (Luhn).',
    sample: 'orgnummer 556703-7485',
  },
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

const COUNTRIES = `AD AE AL AT AU AZ BA BE BG BH BR BY CA CH CL CN CO CR CY CZ DE DK DO EE EG ES FI FO FR GB GE GI GL GR GT HK HR
  HU ID IE IL IN IQ IS IT JO JP KR KW KZ LB LI LT LU LV LY MA MC MD ME MK MO MR MT MU MX MY NL NO NZ PE PH PK PL PS PT QA
  RO RS RU SA SC SE SG SI SK SM TH TL TN TR TW UA US VA VG VN XK ZA`

export function isCountry(first: number, second: number): boolean {
  return COUNTRIES.includes(String.fromCharCode(first, second)) && first > 0x40
}

/** The first `length` codes as text; for forms that a small expression says best. */
export function textOf(codes: Codes, length: number): string {
  return String.fromCharCode(...codes.subarray(0, length))
}

function digitsIn(codes: Codes, length: number): number {
  let digits = 0
  for (let index = 0; index < length; index++) if ((codes[index] ?? 0) < 0x3a) digits++
  return digits
}

function bic(codes: Codes): boolean {
  return isCountry(codes[4] ?? 0, codes[5] ?? 0)
}

function luhnNumber(codes: Codes, length: number): boolean {
  return !isRepeated(codes, length) && luhn(codes, length)
}

function nhs(codes: Codes, length: number): boolean {
  return !isRepeated(codes, length) && weightedSum(codes, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
}

function weightedDigit(weights: readonly number[], modulus: number) {
  return (codes: Codes) => weightedSum(codes, weights) % modulus === digitAt(codes, weights.length)
}

/** HMRC: D, F, I, Q, U, V in neither place, O not second, six prefixes never given out, suffix A to D. */
function nino(codes: Codes, length: number): boolean {
  return /^(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/.test(textOf(codes, length))
}

/** Month + 50 for women; the year's digits stand round month and day. */
function ukDrivingLicence(codes: Codes, length: number): boolean {
  const month = numberAt(codes, 6, 8) % 50
  return /^[A-Z]{1,5}9{0,4}\d{6}[A-Z][A-Z9]/.test(textOf(codes, length)) && isDate(numberAt(codes, 8, 10), month)
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

/** Months 21-32 are of the 2000s, 81-92 of the 1800s. */
function pesel(codes: Codes): boolean {
  const month = numberAt(codes, 2, 4)
  return isDate(numberAt(codes, 4, 6), month % 20) && weightedSum(codes, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0
}

function isHetuCentury(code: number): boolean {
  return (code >= 0x41 && code <= 0x46) || (code >= 0x55 && code <= 0x59)
}

/** `serial` is where the three digits after the century sign start. */
function hetu(codes: Codes, serial: number): boolean {
  const rest = (numberAt(codes, 0, 6) * 1000 + numberAt(codes, serial, serial + 3)) % 31
  return isDate(numberAt(codes, 0, 2), numberAt(codes, 2, 4)) && codes[serial + 3] === HETU_CHECKS.charCodeAt(rest)
}

/** Days + 60 are coordination numbers. */
function personnummer(codes: Codes, start: number): boolean {
  const year = start === 2 ? numberAt(codes, 0, 4) : 2000
  const day = numberAt(codes, start + 4, start + 6)
  const isBorn = isDate(day > 60 ? day - 60 : day, numberAt(codes, start + 2, start + 4))
  return isBorn && year > 1840 && year < 2100 && luhnSum(codes, start, start + 10) % 10 === 0
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
