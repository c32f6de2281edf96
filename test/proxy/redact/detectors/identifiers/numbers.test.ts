// Numbers with a form: each kind's own sample, and for check digits a right number beside the same one with one
// character changed. Values are published examples or made for the test.

import { describe, expect, test } from 'vitest'

import { IDENTIFIER_DETECTORS } from '../../../../../proxy/redact/detectors/identifiers/rows.ts'
import { namesIn, strictNamesIn } from './finding.ts'

/** The right number, the same with a wrong check digit (or letter, date, region), a label when it needs one. */
const CHECKED: readonly (readonly [string, string, string, string?])[] = [
  ['ChineseId', '11010519491231002X', '110105194912310021'],
  ['ChineseId', '110105 19491231 002X', '110105 19491231 0021'],
  ['ChineseCreditCode', '91350100M000100Y43', '91350100M000100Y44'],
  ['Card', '4012888888881881', '4012888888881882'],
  ['Card', '3782-822463-10005', '3782-822463-10006'],
  ['Card', '6212 3456 7890 1232', '6212 3456 7890 1233'],
  ['Iban', 'DE89370400440532013000', 'DE89370400440532013001'],
  ['Iban', 'GB82 WEST 1234 5698 7654 32', 'GB82 WEST 1234 5698 7654 33'],
  ['UkNhsNumber', '943 476 5919', '943 476 5918', 'NHS number '],
  ['UkNationalInsurance', 'AB 12 34 56 C', 'BG 12 34 56 C'],
  ['UkDrivingLicence', 'MORGA753116SM9IJ', 'MORGA793116SM9IJ'],
  ['SpanishNif', '12345678Z', '12345678A'],
  ['SpanishNif', 'X1234567L', 'X1234567A'],
  ['ItalianFiscalCode', 'RSSMRA85T10A562S', 'RSSMRA85T10A562T', 'see '],
  ['ItalianVatNumber', '01333550323', '01333550324', 'partita IVA '],
  ['PolishPesel', '44051401458', '44051401459', 'PESEL '],
  ['PolishNip', '526-104-08-28', '526-104-08-29', 'NIP '],
  ['FinnishPersonalCode', '131052-308T', '131052-308U', 'it is '],
  ['SwedishPersonalNumber', '19910924-2397', '19910924-2398'],
  ['GermanTaxId', '86095742719', '86095742718', 'Steuer-ID '],
  ['GermanSocialSecurity', '15070649C103', '15070649C104'],
  ['GermanVatId', 'DE136695976', 'DE136695977'],
  ['GermanHealthInsurance', 'A123456780', 'A123456781', 'KVNR '],
  ['FrenchNir', '1 85 05 78 006 084 91', '1 85 05 78 006 084 92'],
  ['DutchBsn', '111222333', '111222334', 'BSN '],
  ['SwissAhv', '756.9217.0769.85', '756.9217.0769.84'],
  ['TurkishId', '10000000146', '10000000147', 'TC kimlik '],
  ['SingaporeNric', 'S1234567D', 'S1234567E', 'see '],
  ['IndianAadhaar', '3123 4567 8909', '3123 4567 8908', 'Aadhaar '],
  ['IndianGstin', '27ABCDE1234F1Z5', '45ABCDE1234F1Z5'],
  ['KoreanRrn', '960121-1021413', '961321-1021413'],
  ['JapaneseMyNumber', '123456789018', '123456789017', '個人番号 '],
  ['ThaiId', '1234567890121', '1234567890122', 'Thai ID '],
  ['SouthAfricanId', '8001015009087', '8001015009088', 'RSA ID '],
  ['CanadianSin', '130-692-544', '130-692-545', 'SIN '],
  ['AustralianTfn', '876 543 210', '876 543 211', 'TFN '],
  ['AustralianAbn', '51 824 753 556', '51 824 753 557', 'ABN '],
  ['AustralianMedicare', '2123 45670 1', '2123 45671 1', 'Medicare '],
  ['BrazilianCpf', '529.982.247-25', '529.982.247-26'],
  ['BrazilianCnpj', '11.222.333/0001-81', '11.222.333/0001-82'],
  ['UsSsn', '219-09-9998', '666-09-9998'],
  ['UsItin', '911-70-1234', '911-69-1234', 'ITIN '],
  ['UsNpi', '1245319599', '1245319598', 'NPI '],
  ['UsMedicare', '1EG4-TE5-MK73', '1EG4-SE5-MK73'],
  ['UsRoutingNumber', '121042882', '121042883', 'ABA routing '],
  ['UsDeaNumber', 'BB1388568', 'BB1388569', 'DEA '],
  ['TaiwanId', 'A123456789', 'A123456788', '身分證字號 '],
  ['HongKongId', 'A123456(3)', 'A123456(4)', 'HKID '],
  ['CryptoAddress', '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2', '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3'],
]

describe('a number with a check digit', () => {
  test.each(CHECKED)('%s %s is found in a sentence, %s is not', (name, right, wrong, label = 'here: ') => {
    expect(namesIn(`Well, ${label}${right} , thank you for your time.`)).toContain(`${name}:${right}`)
    expect(namesIn(`Well, ${label}${wrong} , thank you for your time.`)).not.toContain(`${name}:${wrong}`)
  })
})

describe('the sample of a row', () => {
  test.each(IDENTIFIER_DETECTORS.map((row) => [row.name, row.sample] as const))('%s fires in "%s"', (name, sample) => {
    expect(strictNamesIn(sample).map((found) => found.split(':')[0])).toContain(name)
  })

  test('has a placeholder word of capitals, and every name once', () => {
    expect(new Set(IDENTIFIER_DETECTORS.map((row) => row.name)).size).toBe(IDENTIFIER_DETECTORS.length)
    for (const row of IDENTIFIER_DETECTORS) expect(row.placeholderWord).toMatch(/^[A-Z]{2,12}$/)
  })
})

describe('a number without a check digit', () => {
  test.each([
    ['my passport is 533380006', 'Passport:533380006'],
    ['护照号 E12345678', 'ChinesePassport:E12345678'],
    ["driver's license number is D6101404", 'DriverLicence:D6101404'],
    ['加我QQ123456789', 'Qq:123456789'],
    ['加我微信：lina_2020 吧', 'WeChat:lina_2020'],
    ['BIC: DEUTDEFF500', 'Bic:DEUTDEFF500'],
    ['SWIFT code COBADEFFXXX', 'Bic:COBADEFFXXX'],
    ['军官证 南字第1234567号', 'MilitaryId:南字第1234567号'],
    ['社保号 3401112345678', 'GovernmentNumber:3401112345678'],
    ['bank account number 945456787654', 'BankAccount:945456787654'],
  ])('is found behind its label: %s', (text, expected) => {
    expect(namesIn(text)).toContain(expected)
  })

  test.each(['see 533380006 there', 'see E12345678 there', 'see D6101404 there', 'see 945456787654 there'])(
    'is not found without one: %s',
    (text) => {
      expect(namesIn(text)).toEqual([])
    },
  )
})

describe('a weak check digit', () => {
  test.each([
    ['alone in its text', '44051401458', null, true],
    ['in a sentence without a label', 'we counted 44051401458 of them in the end, after all those years', null, false],
    ['as the value of a JSON key that names it', '44051401458', 'pesel', true],
    ['as the value of a JSON key that says nothing', '44051401458', 'value', false],
    ['as the value of a JSON key that speaks against it', '44051401458', 'order_id', false],
  ])('%s: %s (key %s) -> %s', (_, text, key, isFound) => {
    expect(namesIn(text, key).length > 0).toBe(isFound)
  })
})
