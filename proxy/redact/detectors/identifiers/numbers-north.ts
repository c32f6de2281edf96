// Numbers that the United Kingdom, Poland, Finland and Sweden give, and British driving licences.
// Sources: each authority's published specification; check digits as in ISO 7064, ISO 7812 or the formula named.

import type { Codes } from './checksums.ts'
import { digitAt, isDate, isRepeated, luhn, luhnSum, numberAt, textOf, weightedSum } from './checksums.ts'
import { DRIVER, GOVERNMENT, LICENCE } from './label-words.ts'
import type { NumberRow } from './number-row.ts'

const HETU_CHECKS = '0123456789ABCDEFHJKLMNPRSTUVWXY'

export const NORTHERN_NUMBERS: readonly NumberRow[] = [
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
]

function nhs(codes: Codes, length: number): boolean {
  return !isRepeated(codes, length) && weightedSum(codes, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
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

/** Months 21-32 are of the 2000s, 81-92 of the 1800s. */
function pesel(codes: Codes): boolean {
  const month = numberAt(codes, 2, 4)
  return isDate(numberAt(codes, 4, 6), month % 20) && weightedSum(codes, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0
}

function weightedDigit(weights: readonly number[], modulus: number) {
  return (codes: Codes) => weightedSum(codes, weights) % modulus === digitAt(codes, weights.length)
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
