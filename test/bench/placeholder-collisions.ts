// Ten million different values, and whether two of them have the same placeholder. Outside of CI: half a minute and
// 80 MB. `node test/bench/placeholder-collisions.ts [COUNT]`; ends with 1 when there is a collision.
import { createHmac } from 'node:crypto'
import { CODE_ALPHABET, Codes } from '../../proxy/redact/placeholder/placeholder.ts'

const count = Number(process.argv[2] ?? 10_000_000)
const codes = new Codes(createHmac('sha256', 'a key').update('a conversation').digest())
const numbers = new BigUint64Array(count)
const digits = new Map(Array.from(CODE_ALPHABET).map((letter, value) => [letter, BigInt(value)]))

for (let index = 0; index < count; index += 1) {
  let bits = 0n
  for (const letter of codes.of(`person${index}@example.com`)) bits = (bits << 5n) | (digits.get(letter) ?? 0n)
  // The last of the 65 bits is always 0.
  numbers[index] = bits >> 1n
}
numbers.sort()
let collisions = 0
for (let index = 1; index < count; index += 1) if (numbers[index] === numbers[index - 1]) collisions += 1
process.stdout.write(`${count} values, ${collisions} collisions\n`)
if (collisions > 0) process.exitCode = 1
