// The line reader: one event per line that is not blank, the same for every way to cut the bytes.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NdjsonReader } from '../../../proxy/dialect/ndjson.ts'
import { allSplits, cut, readAll, sizes } from './framing.ts'

test.each([
  ['one line is one event', '{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
  ['a CR before the LF belongs to the line end', '{"a":1}\r\n{"b":2}\r\n', ['{"a":1}', '{"b":2}']],
  ['blank lines and lines of space are skipped', '\n \t\n{"a":1}\n\r\n\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
  ['the last line needs no LF', '{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
  ['space before a line is not part of it', '  {"a":1}\n', ['{"a":1}']],
  ['characters of several bytes stay whole', '{"a":"grüße 👋"}\n', ['{"a":"grüße 👋"}']],
])('%s, wherever the bytes are cut', (_, stream, expected) => {
  for (const chunks of allSplits(Buffer.from(stream))) {
    expect(readAll(new NdjsonReader(), chunks).events.map(({ text }) => text)).toEqual(expected)
  }
})

test.each([
  [10, null],
  [11, 'event_too_large'],
])('a line of %i bytes against a bound of 10 gives %s', (length, fault) => {
  for (const chunks of allSplits(Buffer.from(`${'1'.repeat(length)}\n2\n`))) {
    const { events, fault: found } = readAll(new NdjsonReader(10), chunks)
    expect([events.length, found]).toEqual(fault === null ? [2, null] : [0, fault])
  }
})

test('any bytes, cut anywhere, give the events that the whole gives, and never throw', () => {
  const stream = fc.oneof(
    fc
      .array(fc.constantFrom('{"a":1}', '\n', '\r', ' ', 'é', '\r\n'), { maxLength: 40 })
      .map((parts) => Buffer.from(parts.join(''))),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  )
  fc.assert(
    fc.property(stream, sizes, (bytes, cuts) => {
      expect(readAll(new NdjsonReader(), cut(bytes, cuts))).toEqual(readAll(new NdjsonReader(), [bytes]))
    }),
    { numRuns: 2000 },
  )
})
