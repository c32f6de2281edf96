// Pieces of a body, joined: the same bytes, and few Buffers however small the pieces are.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Chunks, PIECES_PER_BLOCK } from '../../proxy/chunks.ts'

function joined(pieces: readonly Buffer[]): Chunks {
  const chunks = new Chunks()
  for (const piece of pieces) chunks.push(piece)
  return chunks
}

test('any pieces make the bytes that they are cut from', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 40 }), (parts) => {
      const pieces = parts.map((part) => Buffer.from(part))
      expect(joined(pieces).whole().equals(Buffer.concat(pieces))).toBe(true)
    }),
  )
})

test.each([0, 1, PIECES_PER_BLOCK - 1, PIECES_PER_BLOCK, PIECES_PER_BLOCK + 1, 3 * PIECES_PER_BLOCK])(
  'the bytes are whole on both sides of a block: %i pieces',
  (count) => {
    const pieces = Array.from({ length: count }, (_, index) => Buffer.of(index % 251))
    expect(joined(pieces).whole().equals(Buffer.concat(pieces))).toBe(true)
  },
)

test('a body sent byte by byte is held in few Buffers', () => {
  const pieces = Array.from({ length: 100_000 }, () => Buffer.from('x'))
  expect(joined(pieces).count).toBeLessThan(100_000 / PIECES_PER_BLOCK + PIECES_PER_BLOCK)
})

test('a body of one piece is not copied', () => {
  const piece = Buffer.from('{"model":"m"}')
  expect(joined([piece]).whole()).toBe(piece)
})
