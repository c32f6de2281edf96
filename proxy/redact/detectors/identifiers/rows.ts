// The rows of the identifier family in the detector table: those of numbers with a form are made of their tables, the
// rest stand here. What each reader accepts stands with the reader.

import type { DetectorKind, DetectorRow } from '../detection.ts'
import type { NumberRow } from './number-row.ts'
import { NUMBER_ROWS } from './numbers.ts'

interface OtherRow {
  readonly name: string
  readonly kind: DetectorKind
  readonly placeholderWord: string
  readonly description: string
  readonly sample: string
  readonly languages?: readonly string[]
  readonly isStrict?: boolean
}

const LABEL_LANGUAGES = ['zh', 'en', 'de', 'fr', 'es', 'it', 'nl', 'pl']

const OTHERS: readonly OtherRow[] = [
  {
    name: 'Email',
    kind: 'EMAIL',
    placeholderWord: 'EMAIL',
    description: 'E-mail addresses, with internationalised domains and +tags.',
    sample: 'write to li.na+work@mail.example.org today',
  },
  {
    name: 'Phone',
    kind: 'PHONE',
    placeholderWord: 'PHONE',
    languages: LABEL_LANGUAGES,
    description: 'Phone numbers: E.164, Chinese mobiles and landlines in every written form, others by form or label.',
    sample: '手机 138-1234-5678',
  },
  {
    name: 'Iban',
    kind: 'IBAN',
    placeholderWord: 'IBAN',
    description: 'IBAN: MOD 97 and the length of the country.',
    sample: 'DE89 3704 0044 0532 0130 00',
  },
  {
    name: 'IpAddress',
    kind: 'IP',
    placeholderWord: 'IP',
    description: 'IPv4 and IPv6 addresses with their prefix length.',
    sample: 'connect to 203.0.113.77',
  },
  {
    name: 'MacAddress',
    kind: 'MAC',
    placeholderWord: 'MAC',
    description: 'MAC addresses with colons, hyphens or points.',
    sample: 'eth0 00:1A:2B:3C:4D:5E',
  },
  {
    name: 'CryptoAddress',
    kind: 'CRYPTO',
    placeholderWord: 'WALLET',
    description: 'Bitcoin and kindred addresses (Base58Check, Bech32), Ethereum addresses.',
    sample: 'send to 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2',
  },
  {
    name: 'ChinesePlate',
    kind: 'PLATE',
    placeholderWord: 'PLATE',
    description: 'Chinese number plates, new energy included.',
    sample: '车牌 粤B12345',
  },
  {
    name: 'VehiclePlate',
    kind: 'PLATE',
    placeholderWord: 'PLATE',
    languages: LABEL_LANGUAGES,
    description: 'Number plates of other countries, behind a label.',
    sample: 'licence plate KA12345',
  },
  {
    name: 'HongKongId',
    kind: 'NATIONAL_ID',
    placeholderWord: 'HKID',
    description: 'Hong Kong identity cards with the check character in brackets.',
    sample: '香港身份证 A123456(3)',
  },
  {
    name: 'Passport',
    kind: 'PASSPORT',
    placeholderWord: 'PASSPORT',
    languages: LABEL_LANGUAGES,
    description: 'Passport numbers of six to ten characters, behind a label.',
    sample: 'passport C01X00T47',
  },
  {
    name: 'Permit',
    kind: 'PASSPORT',
    placeholderWord: 'PERMIT',
    languages: ['zh'],
    description: 'Numbers of travel permits of other forms, behind a label.',
    sample: '往来台湾通行证 TT12345678',
  },
  {
    name: 'DriverLicence',
    kind: 'DRIVER_LICENSE',
    placeholderWord: 'LICENCE',
    languages: LABEL_LANGUAGES,
    description: 'Driving licence numbers, behind a label.',
    sample: "my driver's license number is D6101404",
  },
  {
    name: 'MilitaryId',
    kind: 'NATIONAL_ID',
    placeholderWord: 'MILITARYID',
    languages: ['zh'],
    description: 'Chinese military and police officers’ cards.',
    sample: '军官证 南字第1234567号',
  },
  {
    name: 'GovernmentNumber',
    kind: 'NATIONAL_ID',
    placeholderWord: 'IDNUMBER',
    languages: LABEL_LANGUAGES,
    description: 'Numbers that a label says a state, a tax office or a health service gave, whatever their form.',
    sample: '社保号 3401112345678',
  },
  {
    name: 'BankAccount',
    kind: 'BANK_ACCOUNT',
    placeholderWord: 'ACCOUNT',
    languages: LABEL_LANGUAGES,
    description: 'Bank account numbers, behind a label.',
    sample: 'bank account number 945456787654',
  },
  {
    name: 'Qq',
    kind: 'SOCIAL',
    placeholderWord: 'QQ',
    description: 'QQ numbers, behind a label.',
    sample: '加我QQ 123456789',
  },
  {
    name: 'WeChat',
    kind: 'SOCIAL',
    placeholderWord: 'WECHAT',
    description: 'WeChat names, behind a label.',
    sample: '微信号：lina_2020',
  },
  {
    name: 'Date',
    kind: 'DATE',
    placeholderWord: 'DATE',
    isStrict: true,
    description: 'Calendar dates of any meaning.',
    sample: 'on 2024-02-29 we met',
  },
  {
    name: 'LongNumber',
    kind: 'OTHER',
    placeholderWord: 'NUMBER',
    isStrict: true,
    description: 'Numbers of eight digits or more that no other detector knows.',
    sample: 'see 7712345678901234',
  },
]

export const IDENTIFIER_DETECTORS: readonly DetectorRow[] = [...NUMBER_ROWS, ...OTHERS].map(toRow)

function toRow(row: NumberRow | OtherRow): DetectorRow {
  return {
    name: row.name,
    family: 'identifiers',
    kind: row.kind,
    profiles: row.isStrict === true ? ['Strict'] : ['Standard', 'Strict'],
    placeholderWord: row.placeholderWord,
    isOneWay: false,
    ...(row.languages === undefined ? {} : { languages: row.languages }),
    description: row.description,
    sample: row.sample,
  }
}
