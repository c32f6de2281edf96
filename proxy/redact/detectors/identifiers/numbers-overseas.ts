// Numbers of the Americas, Africa and Australia: states, tax offices, health services, banks' routing numbers.
// Sources: each authority's published specification.

import type { Codes } from './checksums.ts'
import { digitAt, isDate, isRepeated, luhn, luhnSum, numberAt, weighted, weightedSum } from './checksums.ts'
import { BANK, GOVERNMENT } from './label-words.ts'
import type { NumberRow } from './number-row.ts'

const MBI_FORM = '9AX9AX9AA99'

export const OVERSEAS_NUMBERS: readonly NumberRow[] = [
  {
    name: 'UsSsn',
    kind: 'US_SSN',
    placeholderWord: 'SSN',
    bits: 0,
    words: 'ssn social security ssns',
    forms: [
      { form: '999999999', need: 'shape', layouts: ['3-2-4'], isGrouped: true, joiners: '-', check: ssn },
      { form: '999999999', need: 'label', check: ssn },
      { form: '999999999', need: 'alone', layouts: ['3-2-4'], isGrouped: true, check: ssn },
    ],
    description: 'US social security numbers; written as one only behind a label.',
    sample: 'SSN 219-09-9998',
  },
  {
    name: 'UsItin',
    kind: 'NATIONAL_ID',
    placeholderWord: 'ITIN',
    bits: 0,
    words: 'itin taxpayer',
    forms: [
      { form: '999999999', need: 'shape', layouts: ['3-2-4'], isGrouped: true, check: itin },
      { form: '999999999', need: 'label', check: itin },
    ],
    description: 'US individual taxpayer numbers.',
    sample: 'ITIN 911-70-1234',
  },
  {
    name: 'UsNpi',
    kind: 'HEALTH_ID',
    placeholderWord: 'NPI',
    bits: 0,
    words: 'npi provider',
    forms: [{ form: '9999999999', need: 'alone', layouts: ['4-3-3', '3-3-4'], check: npi }],
    description: 'US national provider identifiers (Luhn with 80840 in front).',
    sample: 'NPI 1245319599',
  },
  {
    name: 'UsMedicare',
    kind: 'HEALTH_ID',
    placeholderWord: 'MBI',
    bits: GOVERNMENT,
    words: 'mbi medicare beneficiary',
    forms: [
      { form: MBI_FORM, need: 'shape', layouts: ['4-3-4'], isGrouped: true, check: mbi },
      { form: MBI_FORM, need: 'alone', check: mbi },
    ],
    description: 'US Medicare beneficiary identifiers.',
    sample: 'MBI 1EG4-TE5-MK73',
  },
  {
    name: 'UsRoutingNumber',
    kind: 'BANK_ACCOUNT',
    placeholderWord: 'ROUTING',
    bits: BANK,
    words: 'aba routing rtn',
    forms: [{ form: '999999999', need: 'alone', layouts: ['4-4-1'], check: routing }],
    description: 'US bank routing numbers (weights 3, 7, 1).',
    sample: 'ABA routing 121042882',
  },
  {
    name: 'UsDeaNumber',
    kind: 'HEALTH_ID',
    placeholderWord: 'DEA',
    bits: GOVERNMENT,
    words: 'dea medical prescriber',
    forms: [{ form: 'AX9999999', need: 'alone', check: dea }],
    description: 'US DEA registration numbers of prescribers.',
    sample: 'DEA number BB1388568',
  },
  {
    name: 'CanadianSin',
    kind: 'NATIONAL_ID',
    placeholderWord: 'SIN',
    bits: GOVERNMENT,
    words: 'sin nas',
    forms: [
      {
        form: '999999999',
        need: 'alone',
        layouts: ['3-3-3'],
        joiners: ' -',
        check: (codes, length) => digitAt(codes, 0) !== 8 && !isRepeated(codes, length) && luhn(codes, length),
      },
    ],
    description: 'Canadian social insurance numbers (Luhn).',
    sample: 'SIN 130-692-544',
  },
  {
    name: 'BrazilianCpf',
    kind: 'TAX_ID',
    placeholderWord: 'CPF',
    bits: GOVERNMENT,
    words: 'cpf',
    forms: [
      {
        form: '99999999999',
        need: 'shape',
        layouts: ['3-3-3-2'],
        joiners: '.-',
        isUneven: true,
        isGrouped: true,
        check: cpf,
      },
      { form: '99999999999', need: 'alone', check: cpf },
    ],
    description: 'Brazilian CPF (two check digits).',
    sample: 'CPF 529.982.247-25',
  },
  {
    name: 'BrazilianCnpj',
    kind: 'TAX_ID',
    placeholderWord: 'CNPJ',
    bits: GOVERNMENT,
    words: 'cnpj',
    forms: [
      {
        form: '99999999999999',
        need: 'shape',
        layouts: ['2-3-3-4-2'],
        joiners: './-',
        isUneven: true,
        isGrouped: true,
        check: cnpj,
      },
      { form: '99999999999999', need: 'alone', check: cnpj },
    ],
    description: 'Brazilian CNPJ (two check digits).',
    sample: 'CNPJ 11.222.333/0001-81',
  },
  {
    name: 'AustralianTfn',
    kind: 'TAX_ID',
    placeholderWord: 'TFN',
    bits: GOVERNMENT,
    words: 'tfn',
    forms: [
      {
        form: '999999999',
        need: 'alone',
        layouts: ['3-3-3'],
        joiners: ' ',
        check: weighted([1, 4, 3, 7, 5, 8, 6, 9, 10], 11),
      },
    ],
    description: 'Australian tax file numbers (mod 11).',
    sample: 'TFN 876 543 210',
  },
  {
    name: 'AustralianAbn',
    kind: 'TAX_ID',
    placeholderWord: 'ABN',
    bits: GOVERNMENT,
    words: 'abn',
    forms: [{ form: '99999999999', need: 'alone', layouts: ['2-3-3-3'], joiners: ' ', check: abn }],
    description: 'Australian business numbers (mod 89).',
    sample: 'ABN 51 824 753 556',
  },
  {
    name: 'AustralianAcn',
    kind: 'TAX_ID',
    placeholderWord: 'ACN',
    bits: GOVERNMENT,
    words: 'acn',
    forms: [{ form: '999999999', need: 'alone', layouts: ['3-3-3'], joiners: ' ', check: acn }],
    description: 'Australian company numbers.',
    sample: 'ACN 004 085 616',
  },
  {
    name: 'AustralianMedicare',
    kind: 'HEALTH_ID',
    placeholderWord: 'MEDICARE',
    bits: GOVERNMENT,
    words: 'medicare',
    forms: [
      { form: '9999999999', need: 'alone', layouts: ['4-5-1'], joiners: ' ', check: medicare },
      {
        form: '99999999999',
        need: 'label',
        layouts: ['4-5-1-1', '4-5-2'],
        joiners: ' -',
        isUneven: true,
        check: medicare,
      },
    ],
    description: 'Australian Medicare cards.',
    sample: 'Medicare 2123 45670 1',
  },
  {
    name: 'SouthAfricanId',
    kind: 'NATIONAL_ID',
    placeholderWord: 'ZAID',
    bits: GOVERNMENT,
    words: 'rsa refugee',
    forms: [{ form: '9999999999999', need: 'alone', layouts: ['6-4-2-1', '6-4-3'], check: southAfricanId }],
    description: 'South African identity numbers (Luhn and a birth date).',
    sample: 'RSA ID: 8001015009087',
  },
  {
    name: 'NigerianNin',
    kind: 'NATIONAL_ID',
    placeholderWord: 'NIN',
    bits: 0,
    words: 'nin',
    forms: [{ form: '99999999999', need: 'label', check: verhoeffFree }],
    description: 'Nigerian national identity numbers, behind a label.',
    sample: 'NIN 34567890126',
  },
]

/** No area 000, 666 or 900 to 999, no group 00, no serial 0000; three numbers known from advertisements. */
function ssn(codes: Codes): boolean {
  const area = numberAt(codes, 0, 3)
  const whole = numberAt(codes, 0, 9)
  if (area === 0 || area === 666 || area > 899 || isRepeated(codes, 9)) return false
  if (whole === 78_051_120 || whole === 123_456_789 || whole === 987_654_321) return false
  return numberAt(codes, 3, 5) > 0 && numberAt(codes, 5, 9) > 0
}

/** Area 9xx, group 50-65, 70-88, 90-92, 94-99. */
function itin(codes: Codes): boolean {
  const group = numberAt(codes, 3, 5)
  return digitAt(codes, 0) === 9 && group > 49 && !(group > 65 && group < 70) && group !== 89 && group !== 93
}

function npi(codes: Codes): boolean {
  const first = digitAt(codes, 0)
  return (first === 1 || first === 2) && !isRepeated(codes, 9) && (luhnSum(codes, 0, 10) + 24) % 10 === 0
}

/** CMS: letters without S, L, O, I, B, Z; the first digit is not 0. */
function mbi(codes: Codes): boolean {
  for (let index = 0; index < 11; index++) if ('SLOIBZ'.includes(String.fromCharCode(codes[index] ?? 0))) return false
  return digitAt(codes, 0) > 0
}

function routing(codes: Codes): boolean {
  const prefix = numberAt(codes, 0, 2)
  const isGiven = prefix < 13 || (prefix > 20 && prefix < 33) || (prefix > 60 && prefix < 73) || prefix === 80
  return isGiven && !isRepeated(codes, 9) && weightedSum(codes, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0
}

/** Registrant code, then a letter of the name or 9; odd digits plus twice the even ones. */
function dea(codes: Codes): boolean {
  const registrant = 'ABCDEFGHJKLMPRSTUX'.includes(String.fromCharCode(codes[0] ?? 0))
  const second = codes[1] ?? 0
  if (!registrant || (second < 0x41 && second !== 0x39)) return false
  const odd = digitAt(codes, 2) + digitAt(codes, 4) + digitAt(codes, 6)
  const even = digitAt(codes, 3) + digitAt(codes, 5) + digitAt(codes, 7)
  return (odd + 2 * even) % 10 === digitAt(codes, 8)
}

function cpf(codes: Codes, length: number): boolean {
  if (isRepeated(codes, length)) return false
  const first = ((weightedSum(codes, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10
  const second = ((weightedSum(codes, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10
  return first === digitAt(codes, 9) && second === digitAt(codes, 10)
}

function cnpj(codes: Codes, length: number): boolean {
  if (isRepeated(codes, length)) return false
  const first = weightedSum(codes, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11
  const second = weightedSum(codes, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11
  return (first < 2 ? 0 : 11 - first) === digitAt(codes, 12) && (second < 2 ? 0 : 11 - second) === digitAt(codes, 13)
}

/** One less in the first place, then weights mod 89. */
function abn(codes: Codes): boolean {
  return digitAt(codes, 0) > 0 && (weightedSum(codes, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 === 0
}

function acn(codes: Codes): boolean {
  return (10 - (weightedSum(codes, [8, 7, 6, 5, 4, 3, 2, 1]) % 10)) % 10 === digitAt(codes, 8)
}

function medicare(codes: Codes): boolean {
  const first = digitAt(codes, 0)
  return first > 1 && first < 7 && weightedSum(codes, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === digitAt(codes, 8)
}

/** Birth date, sequence, 0 citizen, 1 resident or 2 refugee. */
function southAfricanId(codes: Codes, length: number): boolean {
  return digitAt(codes, 10) < 3 && isDate(numberAt(codes, 4, 6), numberAt(codes, 2, 4)) && luhn(codes, length)
}

function verhoeffFree(codes: Codes, length: number): boolean {
  return !isRepeated(codes, length)
}
