// The decoder on its own: any text in any stack of codings, cut anywhere, comes out as it went in, or as one fault.
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { MAX_CODINGS, readCodings, type Coding } from '../../../proxy/encoding/codings.ts'
import { Decoder, type DecodingFault } from '../../../proxy/encoding/decoder.ts'
import { decodeSmall, MAX_SMALL_BYTES } from '../../../proxy/encoding/small-body.ts'

const compress: Readonly<Record<Coding, (bytes: Buffer) => Buffer>> = {
  gzip: gzipSync,
  br: brotliCompressSync,
  deflate: deflateSync,
  zstd: zstdCompressSync,
}
const codings = fc.array(fc.constantFrom<Coding[]>('gzip', 'br', 'deflate', 'zstd'), { minLength: 1, maxLength: 3 })

/** `applied` in the order in which a header names them. */
function encode(bytes: Buffer, applied: readonly Coding[]): Buffer {
  return applied.reduce((encoded, coding) => compress[coding](encoded), bytes)
}

function decode(chunks: readonly Buffer[], applied: readonly Coding[], limitBytes?: number) {
  const decoded: Buffer[] = []
  return new Promise<Buffer | DecodingFault>((resolve) => {
    const sink = {
      write: (chunk: Buffer) => void decoded.push(chunk),
      end: () => resolve(Buffer.concat(decoded)),
      fail: resolve,
      drain: () => {},
    }
    const decoder = new Decoder(applied.toReversed(), sink, limitBytes)
    for (const chunk of chunks) decoder.write(chunk)
    decoder.end()
  })
}

/** Cut at each of these, in thousandths of the length. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const offsets = places.map((place) => Math.floor((bytes.length * place) / 1000)).toSorted((a, b) => a - b)
  return [...offsets, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : offsets[index - 1], end))
}

test('what was encoded comes out as it went in, wherever it is cut', async () => {
  const places = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), codings, places, async (bytes, applied, at) => {
      const text = Buffer.from(bytes)
      expect(await decode(cut(encode(text, applied), at), applied)).toEqual(text)
    }),
    { numRuns: 150 },
  )
})

test('any other bytes are a fault or some text, never a crash', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), codings, async (bytes, applied) => {
      const result = await decode([Buffer.from(bytes)], applied)
      expect(typeof result === 'string' ? result : 'text').toMatch(/^(corrupt|text)$/)
    }),
    { numRuns: 300 },
  )
})

describe('a limit', () => {
  it.each<Coding>(['gzip', 'br', 'deflate', 'zstd'])('of %s holds from its first byte too many on', async (coding) => {
    const bytes = Buffer.alloc(10_000, 'x')
    expect(await decode([encode(bytes, [coding])], [coding], 10_000)).toEqual(bytes)
    expect(await decode([encode(bytes, [coding])], [coding], 9_999)).toBe('too large')
  })
})

test('a body that is cut at any byte is a fault', async () => {
  for (const coding of ['gzip', 'br', 'deflate', 'zstd'] as const) {
    const whole = encode(Buffer.from('{"model":"m","messages":[]}'), [coding])
    for (let end = 1; end < whole.length; end += 1) {
      expect(await decode([whole.subarray(0, end)], [coding])).toBe('corrupt')
    }
  }
})

test('a body of no bytes is empty, whatever its header says', async () => {
  expect(await decode([], ['gzip'])).toEqual(Buffer.alloc(0))
})

describe('a content-encoding', () => {
  it.each([
    [undefined, []],
    ['', []],
    ['identity', []],
    ['GZIP', ['gzip']],
    ['x-gzip', ['gzip']],
    ['gzip, identity , br', ['br', 'gzip']],
    [
      ['deflate', 'zstd'],
      ['zstd', 'deflate'],
    ],
    ['compress', null],
    ['gzip, unknown', null],
    ['__proto__', null],
    [Array.from({ length: MAX_CODINGS + 1 }, () => 'gzip').join(), null],
  ])('%j is undone in the order %j', (header, expected) => {
    expect(readCodings(header)).toEqual(expected)
  })
})

describe('a small body', () => {
  it.each<Coding>(['gzip', 'br', 'deflate', 'zstd'])('in %s is decoded at once', (coding) => {
    const error = Buffer.from('{"error":{"code":"insufficient_quota"}}')
    expect(decodeSmall(encode(error, [coding, coding]), `${coding}, ${coding}`)).toEqual(error)
  })

  it.each([
    ['is longer than what is looked at', gzipSync(Buffer.alloc(MAX_SMALL_BYTES + 1)), 'gzip'],
    ['is cut', gzipSync(Buffer.from('{}')).subarray(0, 9), 'gzip'],
    ['is in an unknown coding', Buffer.from('{}'), 'compress'],
  ])('that %s stays as it came', (_, body, contentEncoding) => {
    expect(decodeSmall(body, contentEncoding)).toBe(body)
  })
})
