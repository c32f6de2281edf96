// The reader of growing JSON arrays: the elements that JSON.parse would give, as soon as each is complete.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonArrayReader } from '../../../proxy/dialect/json-array.ts'
import { allSplits, cut, readAll, sizes } from './framing.ts'

const texts = (chunks: readonly Buffer[]) => readAll(new JsonArrayReader(), chunks).events.map(({ text }) => text)

test.each([
  [
    'objects over several lines',
    '[{\n  "a": [1, 2]\n}\n,\r\n{"b": {"c": "]}"}}\n]\n',
    ['{\n  "a": [1, 2]\n}', '{"b": {"c": "]}"}}'],
  ],
  ['brackets, commas and quotes inside strings', '[{"a":"[{,\\"}]"},"x\\\\",3]', ['{"a":"[{,\\"}]"}', '"x\\\\"', '3']],
  ['numbers, words, strings and arrays', '[1, true ,"a",null,[2,[3]]]', ['1', 'true', '"a"', 'null', '[2,[3]]']],
  ['an empty array', ' [ ] ', []],
  ['a byte order mark', '\ufeff[1]', ['1']],
  ['one object without an array around it', '{"error": {"code": 429}}\n', ['{"error": {"code": 429}}']],
  ['a cut element, which its reader will find to be cut', '[{"a":1},{"b":', ['{"a":1}', '{"b":']],
])('reads %s, wherever the bytes are cut', (_, stream, expected) => {
  for (const chunks of allSplits(Buffer.from(stream))) expect(texts(chunks)).toEqual(expected)
})

test('an element comes out with its last byte, and the closing bracket is noticed', () => {
  const reader = new JsonArrayReader()
  expect(reader.push(Buffer.from('[{"a":1}'))).toHaveLength(1)
  expect(reader.isComplete).toBe(false)
  expect(reader.push(Buffer.from(',{"b":1}]'))).toHaveLength(1)
  expect(reader.isComplete).toBe(true)
})

test.each([
  ['[{"a":12345}]', 'event_too_large'],
  ['[{"a":1234}]', null],
  ['<html>', 'not_an_array'],
  ['"text"', 'not_an_array'],
])('%s against a bound of 10 bytes gives %s', (stream, fault) => {
  for (const chunks of allSplits(Buffer.from(stream))) {
    expect(readAll(new JsonArrayReader(10), chunks).fault).toBe(fault)
  }
})

test('the elements of any JSON array are read back, however it is printed and cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue({ maxDepth: 4 }), { maxLength: 6 }),
      fc.constantFrom(0, 2),
      sizes,
      (values, indent, cuts) => {
        const read = texts(cut(Buffer.from(JSON.stringify(values, null, indent)), cuts))
        expect(read.map((text) => JSON.stringify(JSON.parse(text)))).toEqual(
          values.map((value) => JSON.stringify(value)),
        )
      },
    ),
    { numRuns: 1000 },
  )
})

test('any bytes, cut anywhere, give the events that the whole gives, and never throw', () => {
  const stream = fc.oneof(
    fc
      .array(fc.constantFrom('[', ']', '{', '}', '"', '\\', ',', ' ', '1', 'é'), { maxLength: 40 })
      .map((parts) => Buffer.from(parts.join(''))),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  )
  fc.assert(
    fc.property(stream, sizes, (bytes, cuts) => {
      expect(readAll(new JsonArrayReader(), cut(bytes, cuts))).toEqual(readAll(new JsonArrayReader(), [bytes]))
    }),
    { numRuns: 2000 },
  )
})
