// What a UTF-16 code unit can be to an identifier: one table of flags for the readers and one of triggers for the
// pass over the text (scan.ts). Both cover every code unit, so that reading one never branches on its script.

import type { Units } from '../text/units.ts'

export const DIGIT = 1
export const LETTER = 2
export const HEX = 4
export const HAN_DIGIT = 8
/** Letters of other alphabets (accented Latin, Greek, Cyrillic…), not Han, kana or hangul. */
export const OTHER_LETTER = 16
export const HAN = 32
/** What may stand between two groups of one number. */
export const JOINER = 64
/** Marks in the local parts of addresses people use; others that mail allows stand between a key and an address. */
export const LOCAL_MARK = 128

/** ASCII digit or letter, or a full-width one. */
export const ALPHANUMERIC = DIGIT | LETTER

export const NO_TRIGGER = 0
export const DIGIT_TRIGGER = 1
export const AT_TRIGGER = 2
export const COLON_TRIGGER = 3
export const PLATE_TRIGGER = 5
export const LABEL_TRIGGER = 6
export const HAN_DIGIT_TRIGGER = 7
/** Triggers from here on are rare starts, which scan.ts reads behind all others. */
export const NAME_TRIGGER = 8
export const MAC_TRIGGER = 9

const FULL_WIDTH = 0xfee0
/** Index is the digit; the second row is the form that banks write, the third what people say on the phone. */
const HAN_DIGITS = ['零一二三四五六七八九', '〇壹贰叁肆伍陆柒捌玖', '○幺两弎㐅伍陸漆捌玖']
/** First characters of mainland plates. */
const PLATE_CHARACTERS = '京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼'
const JOINERS = ' -.:_/\u00a0\u2010\u2011\u2013\uff0d\u3000'
const LOCAL_MARKS = '._%+-'

export const FLAGS = flagTable()
export const TRIGGERS = triggerTable()

/** The ASCII form, upper case, of an ASCII or full-width letter or digit; of a Han digit its ASCII digit. */
export function plainCode(code: number): number {
  const ascii = code >= 0xff01 && code <= 0xff5e ? code - FULL_WIDTH : code
  if (ascii >= 0x61 && ascii <= 0x7a) return ascii - 0x20
  return ascii < 0x80 ? ascii : hanDigitCode(ascii)
}

/** Of a code unit past the end, or of a lone surrogate: none. */
export function flagsAt(text: Units, index: number): number {
  return FLAGS[text.codes[index] ?? 0] ?? 0
}

function hanDigitCode(code: number): number {
  const character = String.fromCharCode(code)
  for (const row of HAN_DIGITS) {
    const digit = row.indexOf(character)
    if (digit >= 0) return 0x30 + digit
  }
  return code
}

function flagTable(): Uint8Array {
  const flags = new Uint8Array(0x10000)
  fill(flags, [0xc0, 0x1fff], OTHER_LETTER)
  fill(flags, [0x3400, 0x9fff], HAN)
  for (const base of [0, FULL_WIDTH]) {
    fill(flags, [base + 0x30, base + 0x39], DIGIT | HEX)
    fill(flags, [base + 0x41, base + 0x5a], LETTER)
    fill(flags, [base + 0x61, base + 0x7a], LETTER)
  }
  fill(flags, [0x41, 0x46], LETTER | HEX)
  fill(flags, [0x61, 0x66], LETTER | HEX)
  for (const code of codesOf(HAN_DIGITS.join(''))) flags[code] = HAN_DIGIT | HAN
  for (const code of codesOf(JOINERS)) flags[code] = JOINER
  for (const code of codesOf(LOCAL_MARKS)) flags[code] = (flags[code] ?? 0) | LOCAL_MARK
  flags[0xd7] = 0
  flags[0xf7] = 0
  return flags
}

function triggerTable(): Uint8Array {
  const triggers = new Uint8Array(0x10000)
  fill(triggers, [0x30, 0x39], DIGIT_TRIGGER)
  fill(triggers, [0x30 + FULL_WIDTH, 0x39 + FULL_WIDTH], DIGIT_TRIGGER)
  for (const code of codesOf('@＠')) triggers[code] = AT_TRIGGER
  for (const code of codesOf(':')) triggers[code] = COLON_TRIGGER
  for (const code of codesOf(PLATE_CHARACTERS)) triggers[code] = PLATE_TRIGGER
  for (const code of codesOf('微')) triggers[code] = LABEL_TRIGGER
  for (const code of codesOf('BSWwv')) triggers[code] = NAME_TRIGGER
  for (const code of codesOf('-')) triggers[code] = MAC_TRIGGER
  for (const code of codesOf(HAN_DIGITS.join(''))) triggers[code] = HAN_DIGIT_TRIGGER
  return triggers
}

function fill(table: Uint8Array, [first, last]: readonly [number, number], value: number): void {
  for (let code = first; code <= last; code++) table[code] = value
}

function codesOf(characters: string): number[] {
  return Array.from(characters, (character) => character.charCodeAt(0))
}
