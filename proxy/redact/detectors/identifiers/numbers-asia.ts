// Numbers that Asian states outside mainland China, and Hong Kong, Macau and Taiwan, give.
// Sources: each authority's published specification; NRIC and KRX forms also occur without valid check digits.

import type { Codes } from './checksums.ts'
import { digitAt, isDate, isRepeated, numberAt, verhoeff, weightedSum, textOf } from './checksums.ts'
import { GOVERNMENT } from './label-words.ts'
import type { NumberRow } from './number-row.ts'

export const ASIAN_NUMBERS: readonly NumberRow[] = [
  {
    name: 'SingaporeNric',
    kind: 'NATIONAL_ID',
    placeholderWord: 'NRIC',
    bits: GOVERNMENT,
    words: 'nric fin singpass',
    forms: [
      { form: 'A9999999A', need: 'shape', check: nric },
      { form: 'A9999999A', need: 'alone', check: (codes) => 'STFGM'.includes(String.fromCharCode(codes[0] ?? 0)) },
    ],
    description: 'Singapore NRIC and FIN.',
    sample: 'NRIC S1234567D',
  },
  {
    name: 'SingaporeUen',
    kind: 'TAX_ID',
    placeholderWord: 'UEN',
    bits: GOVERNMENT,
    words: 'uen',
    forms: [
      { form: '99999999A', need: 'alone', check: uenBusiness },
      { form: '999999999A', need: 'alone', check: uenCompany },
      { form: 'A99AA9999A', need: 'shape', check: (codes) => 'RST'.includes(String.fromCharCode(codes[0] ?? 0)) },
    ],
    description: 'Singapore business registration numbers (UEN).',
    sample: 'UEN 201434292D',
  },
  {
    name: 'IndianAadhaar',
    kind: 'NATIONAL_ID',
    placeholderWord: 'AADHAAR',
    bits: GOVERNMENT,
    words: 'aadhaar aadhar uidai',
    forms: [{ form: '999999999999', need: 'alone', layouts: ['4-4-4'], joiners: ' -:', check: aadhaar }],
    description: 'Indian Aadhaar numbers (Verhoeff).',
    sample: 'Aadhaar 3123 4567 8909',
  },
  {
    name: 'IndianPan',
    kind: 'NATIONAL_ID',
    placeholderWord: 'PAN',
    bits: GOVERNMENT,
    words: 'pan',
    forms: [
      {
        form: 'AAAAA9999A',
        need: 'shape',
        check: (codes) => 'ABCFGHJLPT'.includes(String.fromCharCode(codes[3] ?? 0)),
      },
      { form: 'AAAAA9999A', need: 'alone' },
    ],
    description: 'Indian permanent account numbers.',
    sample: 'PAN ABCPE1234F',
  },
  {
    name: 'IndianGstin',
    kind: 'TAX_ID',
    placeholderWord: 'GSTIN',
    bits: GOVERNMENT,
    words: 'gstin gst',
    forms: [
      {
        form: '99AAAAA9999AXZX',
        need: 'shape',
        check: (codes) => {
          const state = numberAt(codes, 0, 2)
          return codes[12] !== 0x30 && ((state > 0 && state < 39) || state === 97 || state === 99)
        },
      },
    ],
    description: 'Indian GST identification numbers.',
    sample: 'GSTIN 27ABCDE1234F1Z5',
  },
  {
    name: 'IndianVoterId',
    kind: 'NATIONAL_ID',
    placeholderWord: 'VOTERID',
    bits: 0,
    words: 'voter epic',
    forms: [{ form: 'AAA9999999', need: 'label' }],
    description: 'Indian voter cards, behind a label.',
    sample: 'voter ID KSD1287349',
  },
  {
    name: 'KoreanRrn',
    kind: 'NATIONAL_ID',
    placeholderWord: 'RRN',
    bits: GOVERNMENT,
    words: 'rrn frn 주민등록번호 korean',
    forms: [
      { form: '9999999999999', need: 'shape', layouts: ['6-7'], isGrouped: true, joiners: '-', check: koreanDate },
      { form: '9999999999999', need: 'alone', check: koreanNumber },
      { form: '9999999999999', need: 'label', check: koreanDate },
    ],
    description: 'Korean resident and foreigner registration numbers.',
    sample: 'RRN 960121-1021413',
  },
  {
    name: 'KoreanBrn',
    kind: 'TAX_ID',
    placeholderWord: 'BRN',
    bits: GOVERNMENT,
    words: 'brn',
    forms: [{ form: '9999999999', need: 'alone', layouts: ['3-2-5'], joiners: '-', check: koreanBrn }],
    description: 'Korean business registration numbers.',
    sample: 'BRN 104-86-56659',
  },
  {
    name: 'JapaneseMyNumber',
    kind: 'NATIONAL_ID',
    placeholderWord: 'MYNUMBER',
    bits: GOVERNMENT,
    words: 'mynumber 個人番号 マイナンバー',
    forms: [{ form: '999999999999', need: 'alone', layouts: ['4-4-4'], joiners: ' -', check: myNumber }],
    description: 'Japanese individual numbers (My Number).',
    sample: '個人番号 123456789018',
  },
  {
    name: 'ThaiId',
    kind: 'NATIONAL_ID',
    placeholderWord: 'THAIID',
    bits: GOVERNMENT,
    words: 'tnin เลขบัตรประชาชน บัตรประชาชน thai',
    forms: [{ form: '9999999999999', need: 'alone', layouts: ['1-4-5-2-1'], joiners: '- ', check: thaiId }],
    description: 'Thai identity numbers (mod 11 and a province).',
    sample: 'Thai ID 1-2345-67890-12-1',
  },
  {
    name: 'PhilippineTin',
    kind: 'TAX_ID',
    placeholderWord: 'TIN',
    bits: 0,
    words: 'tin',
    forms: [
      { form: '999999999', need: 'label', layouts: ['3-3-3'], joiners: '-' },
      { form: '999999999999', need: 'label', layouts: ['3-3-3-3'], joiners: '-' },
    ],
    description: 'Philippine tax numbers, behind a label.',
    sample: 'TIN 123-456-789-000',
  },
  {
    name: 'TaiwanId',
    kind: 'NATIONAL_ID',
    placeholderWord: 'TWID',
    bits: GOVERNMENT,
    words: '身分證 身分证 统一编号 統一編號 台湾身份证',
    forms: [{ form: 'A999999999', need: 'alone', check: taiwanId }],
    description: 'Taiwanese identity and residence numbers.',
    sample: '身分證字號 A123456789',
  },
  {
    name: 'MacauId',
    kind: 'NATIONAL_ID',
    placeholderWord: 'MACAUID',
    bits: 0,
    words: '澳门身份证 澳門身份證 澳门居民 澳門居民',
    forms: [
      { form: '99999999', need: 'label', layouts: ['7-1'], check: (codes) => [1, 5, 7].includes(digitAt(codes, 0)) },
    ],
    description: 'Macau resident identity cards, behind a label.',
    sample: '澳门居民身份证 5215299-8',
  },
]

/** Weights 2, 7, 6, 5, 4, 3, 2; T and G add 4, M adds 3. */
function nric(codes: Codes): boolean {
  const prefix = String.fromCharCode(codes[0] ?? 0)
  let sum = prefix === 'T' || prefix === 'G' ? 4 : prefix === 'M' ? 3 : 0
  for (let index = 1; index < 8; index++) sum += digitAt(codes, index) * ([2, 7, 6, 5, 4, 3, 2][index - 1] ?? 0)
  const letters = 'ST'.includes(prefix) ? 'JZIHGFEDCBA' : 'FG'.includes(prefix) ? 'XWUTRQPNMLK' : 'XWUTRQPNJLK'
  return 'STFGM'.includes(prefix) && codes[8] === letters.charCodeAt(sum % 11)
}

function uenBusiness(codes: Codes): boolean {
  const rest = weightedSum(codes, [10, 4, 9, 3, 8, 2, 7, 1]) % 11
  return codes[8] === 'XMKECAWLJDB'.charCodeAt(rest)
}

function uenCompany(codes: Codes): boolean {
  const year = numberAt(codes, 0, 4)
  const rest = weightedSum(codes, [10, 8, 6, 4, 9, 7, 5, 3, 1]) % 11
  return year > 1900 && year < 2100 && codes[9] === 'ZKCMDNERGWH'.charCodeAt(rest)
}

function aadhaar(codes: Codes, length: number): boolean {
  return digitAt(codes, 0) > 1 && !isRepeated(codes, length) && verhoeff(codes, length)
}

/** A birth date and a sex and century digit; the last digit is no check digit since October 2020. */
function koreanDate(codes: Codes): boolean {
  const sex = digitAt(codes, 6)
  return sex > 0 && sex < 9 && isDate(numberAt(codes, 4, 6), numberAt(codes, 2, 4))
}

/** With a check digit: residents' 11 less the rest, foreigners' 13 less it. */
function koreanNumber(codes: Codes): boolean {
  const rest = weightedSum(codes, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11
  const base = digitAt(codes, 6) > 4 ? 13 : 11
  return koreanDate(codes) && (base - rest) % 10 === digitAt(codes, 12)
}

function koreanBrn(codes: Codes, length: number): boolean {
  const sum = weightedSum(codes, [1, 3, 7, 1, 3, 7, 1, 3, 5]) + Math.floor((digitAt(codes, 8) * 5) / 10)
  return !isRepeated(codes, length) && (10 - (sum % 10)) % 10 === digitAt(codes, 9)
}

function myNumber(codes: Codes, length: number): boolean {
  const rest = weightedSum(codes, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
  return !isRepeated(codes, length) && (rest < 2 ? 0 : 11 - rest) === digitAt(codes, 11)
}

/** The second and third digit are a province. */
function thaiId(codes: Codes): boolean {
  const first = digitAt(codes, 0)
  const isProvince = /^.(?:1\d|2[0-7]|3\d|4\d|5[0-8]|6[0-7]|7[0-7]|8[0-6]|9[0-6])/.test(textOf(codes, 3))
  const sum = weightedSum(codes, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
  return first > 0 && first < 9 && isProvince && (11 - (sum % 11)) % 10 === digitAt(codes, 12)
}

const TAIWAN_LETTERS = 'ABCDEFGHJKLMNPQRSTUVXYWZIO'

/** The letter as a number from 10; then 1 or 2, or 8 or 9 for residents. */
function taiwanId(codes: Codes): boolean {
  const letter = TAIWAN_LETTERS.indexOf(String.fromCharCode(codes[0] ?? 0)) + 10
  let sum = Math.floor(letter / 10) + (letter % 10) * 9
  for (let index = 1; index < 9; index++) sum += digitAt(codes, index) * (9 - index)
  return [1, 2, 8, 9].includes(digitAt(codes, 1)) && (sum + digitAt(codes, 9)) % 10 === 0
}
