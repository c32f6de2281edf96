// Addresses of crypto currencies, each a token of its own: Bitcoin and its kin in Base58Check and Bech32, Ethereum in
// hexadecimal. Checksums decide but for Ethereum, whose length and prefix do.

import { hash } from 'node:crypto'

import type { Reader } from './reader.ts'
import { addFinding } from './reader.ts'

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const BASE58_VALUES = Uint8Array.from({ length: 128 }, (_, code) => BASE58.indexOf(String.fromCharCode(code)))
const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const BECH32_GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
const BECH32_REST = 1
const BECH32M_REST = 0x2bc830a3
/** Version byte, 20 bytes, 4 of checksum. */
const ADDRESS_BYTES = 25
export const MAX_ADDRESS = 64

/** Offset behind the address that the token [start, end) is; -1 when it is none. */
export function readCryptoAddress(reader: Reader, start: number, end: number): number {
  const length = end - start
  if (length < 26 || length > MAX_ADDRESS) return -1
  const token = reader.text.slice(start, end)
  if (!isAddress(token)) return -1
  return addFinding(reader, { start, end, type: 'CryptoAddress', evidence: 'checksum' })
}

function isAddress(token: string): boolean {
  if (token.startsWith('0x')) return /^0x[\da-fA-F]{40}$/.test(token) && /[1-9a-fA-F]{3}/.test(token)
  if (/^(?:bc1|tb1|ltc1)/i.test(token)) return isBech32(token)
  return /^[13LMDTXt][1-9A-HJ-NP-Za-km-z]{24,34}$/.test(token) && isBase58Check(token)
}

function isBase58Check(token: string): boolean {
  const bytes = decodeBase58(token)
  if (bytes === null) return false
  const sum = sha256(sha256(bytes.subarray(0, 21)))
  return sum.subarray(0, 4).equals(bytes.subarray(21))
}

function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer')
}

/** Null when it is not a version byte, a hash and a checksum. */
function decodeBase58(token: string): Uint8Array | null {
  const bytes = new Uint8Array(ADDRESS_BYTES)
  for (let at = 0; at < token.length; at++) {
    let carry = BASE58_VALUES[token.charCodeAt(at)] ?? 0
    for (let index = ADDRESS_BYTES - 1; index >= 0; index--) {
      carry += (bytes[index] ?? 0) * 58
      bytes[index] = carry & 0xff
      carry >>= 8
    }
    if (carry !== 0) return null
  }
  return bytes
}

/** BIP 173 and BIP 350. */
function isBech32(token: string): boolean {
  if (token !== token.toLowerCase() && token !== token.toUpperCase()) return false
  const lower = token.toLowerCase()
  const split = lower.lastIndexOf('1')
  let rest = 1
  for (const value of bech32Values(lower, split)) {
    if (value < 0) return false
    rest = bech32Step(rest, value)
  }
  return rest === BECH32_REST || rest === BECH32M_REST
}

function bech32Values(lower: string, split: number): number[] {
  const prefix = Array.from(lower.slice(0, split), (character) => character.charCodeAt(0))
  const values = Array.from(lower.slice(split + 1), (character) => BECH32.indexOf(character))
  return [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...values]
}

function bech32Step(rest: number, value: number): number {
  const top = rest >>> 25
  let next = ((rest & 0x1ffffff) << 5) ^ value
  for (let bit = 0; bit < 5; bit++) if (((top >> bit) & 1) === 1) next ^= BECH32_GENERATORS[bit] ?? 0
  return next >>> 0
}
