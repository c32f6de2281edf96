// Check digits. Each function reads the first `length` codes of a number without its separators, upper-case ASCII,
// and says whether its check digits are right. Shapes and dates are judged elsewhere.

/** ASCII codes of the number, letters upper case. Only the first `length` of them are the number's. */
export type Codes = Uint8Array
export type Check = (codes: Codes, length: number) => boolean

const ZERO = 0x30

export function digitAt(codes: Codes, index: number): number {
  return (codes[index] ?? ZERO) - ZERO
}

/** The number that the digits in [start, end) write. */
export function numberAt(codes: Codes, start: number, end: number): number {
  let value = 0
  for (let index = start; index < end; index++) value = value * 10 + digitAt(codes, index)
  return value
}

/** ISO/IEC 7812-1. */
export function luhn(codes: Codes, length: number): boolean {
  return luhnSum(codes, 0, length) % 10 === 0
}

export function luhnSum(codes: Codes, start: number, end: number): number {
  let sum = 0
  for (let index = end - 1, isDoubled = false; index >= start; index--, isDoubled = !isDoubled) {
    const digit = digitAt(codes, index)
    sum += isDoubled ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum
}

/** All digits times their weights, to be divided by `modulus` with `rest` left. */
export function weighted(weights: readonly number[], modulus: number, rest = 0): Check {
  return (codes) => weightedSum(codes, weights) % modulus === rest
}

export function weightedSum(codes: Codes, weights: readonly number[]): number {
  let sum = 0
  for (let index = 0; index < weights.length; index++) sum += digitAt(codes, index) * (weights[index] ?? 0)
  return sum
}

/** The last digit is `modulus` less the weighted rest of those before it; rests that give 10 or more are `overflow`. */
export function complement(weights: readonly number[], modulus: number, overflow = 0): Check {
  return (codes) => {
    const check = (modulus - (weightedSum(codes, weights) % modulus)) % modulus
    return digitAt(codes, weights.length) === (check > 9 ? overflow : check)
  }
}

/** ISO 7064 MOD 11-2 over 18 characters, the last may be X (GB 11643). */
export function mod11x2(codes: Codes, length: number): boolean {
  let sum = 0
  for (let index = 0; index < length - 1; index++) sum = ((sum + digitAt(codes, index)) * 2) % 11
  const check = (12 - sum) % 11
  return codes[length - 1] === (check === 10 ? 0x58 : ZERO + check)
}

/** ISO 7064 MOD 11,10 over digits. */
export function mod11x10(codes: Codes, length: number): boolean {
  return hybridFrom(codes, 0, length)
}

export function hybridFrom(codes: Codes, start: number, end: number): boolean {
  let product = 10
  for (let index = start; index < end - 1; index++) {
    const sum = (digitAt(codes, index) + product) % 10
    product = ((sum === 0 ? 10 : sum) * 2) % 11
  }
  return (11 - product) % 10 === digitAt(codes, end - 1)
}

/** ISO 13616: the first four characters moved behind the rest, letters as 10 to 35, rest 1. */
export function iban97(codes: Codes, length: number): boolean {
  let rest = 0
  for (let index = 0; index < length; index++) {
    const code = codes[(index + 4) % length] ?? ZERO
    rest = code >= 0x41 ? (rest * 100 + code - 55) % 97 : (rest * 10 + code - ZERO) % 97
  }
  return rest === 1
}

const VERHOEFF_PRODUCT = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
]
const VERHOEFF_PERMUTATION = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
]

export function verhoeff(codes: Codes, length: number): boolean {
  let check = 0
  for (let index = 0; index < length; index++) {
    const permuted = VERHOEFF_PERMUTATION[index % 8]?.charCodeAt(digitAt(codes, length - 1 - index)) ?? ZERO
    check = (VERHOEFF_PRODUCT[check]?.charCodeAt(permuted - ZERO) ?? ZERO) - ZERO
  }
  return check === 0
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether a day exists; the 29th of February in leap years only, when the year is known. */
export function isDate(day: number, month: number, year?: number): boolean {
  if (day < 1 || day > (DAYS[month - 1] ?? 0)) return false
  return month !== 2 || day < 29 || year === undefined || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))
}

/** Whether every digit is the first one: test data, never somebody's number. */
export function isRepeated(codes: Codes, length: number): boolean {
  for (let index = 1; index < length; index++) if (codes[index] !== codes[0]) return false
  return true
}

/** The first `length` codes as text; for forms that a small expression says best. */
export function textOf(codes: Codes, length: number): string {
  return String.fromCharCode(...codes.subarray(0, length))
}
