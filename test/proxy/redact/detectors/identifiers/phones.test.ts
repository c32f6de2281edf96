// Phone numbers: every written form of a Chinese mobile in every surrounding, other countries' forms, labels.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { namesIn } from './finding.ts'

const mobile = fc
  .tuple(fc.constantFrom('13', '14', '15', '16', '17', '18', '19'), fc.stringMatching(/^\d{9}$/))
  .map(([prefix, rest]) => prefix + rest)
  .filter((digits) => new Set(digits.slice(1)).size > 1)

const wide = (digits: string) => digits.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
const han = (digits: string) => digits.replace(/\d/g, (digit) => '零一二三四五六七八九'.charAt(Number(digit)))
const grouped = (digits: string, joiner: string) =>
  [digits.slice(0, 3), digits.slice(3, 7), digits.slice(7)].join(joiner)

const FORMS: Readonly<Record<string, (digits: string) => string>> = {
  bare: (digits) => digits,
  dashed: (digits) => grouped(digits, '-'),
  spaced: (digits) => grouped(digits, ' '),
  dotted: (digits) => grouped(digits, '.'),
  plus: (digits) => `+86${digits}`,
  'plus and spaces': (digits) => `+86 ${grouped(digits, ' ')}`,
  'plus and hyphens': (digits) => `+86-${grouped(digits, '-')}`,
  'double zero': (digits) => `0086 ${digits}`,
  bracketed: (digits) => `(86)${digits}`,
  'full width': wide,
  Han: han,
}

const CARRIERS: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => `请打${value}找我`,
  (value) => `（${value}）`,
  (value) => `contact=${value} status=ok`,
  (value) => `{"q":"${value}"}`,
  (value) => `| 编号 | ${value} |`,
  (value) => `第一行\n${value}\n第三行`,
  (value) => `Call me back: ${value} thanks`,
  (value) => `张三/${value}/北京`,
]

describe('a Chinese mobile number', () => {
  test.each(Object.entries(FORMS))('written %s is found whole in every surrounding', (_, write) => {
    fc.assert(
      fc.property(mobile, fc.constantFrom(...CARRIERS), (digits, carry) => {
        const value = write(digits)
        expect(namesIn(carry(value))).toEqual([`Phone:${value}`])
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['13812345678haha', 'Phone:13812345678'],
    ['电话13812345678转801', 'Phone:13812345678转801'],
    ['line one\\n13812345678', 'Phone:13812345678'],
  ])('is found in %s', (text, expected) => {
    expect(namesIn(text)).toEqual([expected])
  })
})

describe('a phone number of another form', () => {
  test.each([
    ['ring +44 20 7946 0958 now', '+44 20 7946 0958'],
    ['ring +1 (415) 555-0132 now', '+1 (415) 555-0132'],
    ['ring (415) 555-0132 now', '(415) 555-0132'],
    ['ring 415.555.0132x45 now', '415.555.0132x45'],
    ['fax +46 (0)8 928 571 38 please', '+46 (0)8 928 571 38'],
    ['座机 010-62345678', '010-62345678'],
    ['座机 (0755)86543210', '(0755)86543210'],
    ['number 090-1234-5678', '090-1234-5678'],
    ['Phone: 60-56-85-91', '60-56-85-91'],
    ['you can call me on 01.84.17.61.18', '01.84.17.61.18'],
    ['Telefon 0301 234567', '0301 234567'],
    ['téléphone : 06 12 34 56 78', '06 12 34 56 78'],
    ['416 60 039 office', '416 60 039'],
  ])('%s', (text, value) => {
    expect(namesIn(text)).toEqual([`Phone:${value}`])
  })

  test.each([
    'about 60-56-85-91 of them',
    'meet on 22.11.2026, call then',
    'call at 10:30',
    'rows 416 60 039 there',
    'f(1, 5550132)',
  ])('is not seen in %s', (text) => {
    expect(namesIn(text)).toEqual([])
  })
})
