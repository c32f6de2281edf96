// Lines and bodies, cut at every place where a network may cut them.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeLines, MAX_BODY_BYTES, MAX_WATCH_LINE_BYTES, readText } from '../../../operator/kube/body.ts'

async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

async function linesOf(parts: readonly Uint8Array[]): Promise<string[]> {
  const lines: string[] = []
  for await (const line of decodeLines(chunks(...parts))) lines.push(line)
  return lines
}

describe('decodeLines', () => {
  test('gives the same lines wherever two cuts fall, within a character too', async () => {
    const expected = ['{"a":"ä€😀"}', '', '{"b":1}']
    const bytes = Buffer.from(`${expected.join('\n')}\n`)
    for (let first = 0; first <= bytes.length; first += 1) {
      for (let second = first; second <= bytes.length; second += 1) {
        const parts = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]
        expect(await linesOf(parts)).toEqual(expected)
      }
    }
  })

  test('gives the same lines for any text in any pieces', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''))),
      fc.array(fc.nat(40)),
      async (expected, cuts) => {
        const bytes = Buffer.from(expected.map((line) => `${line}\n`).join(''))
        const parts: Uint8Array[] = []
        let start = 0
        for (const length of cuts) {
          parts.push(bytes.subarray(start, start + length))
          start += length
        }
        expect(await linesOf([...parts, bytes.subarray(start)])).toEqual(expected)
      },
    )
    await fc.assert(property)
  })

  test('calls half a line at the end an error', async () => {
    await expect(linesOf([Buffer.from('one\ntw')])).rejects.toThrow('ended within a line')
  })

  test('gives up on a line that does not end', async () => {
    const endless = Array.from({ length: 10 }, () => Buffer.alloc(1024 * 1024, 'x'))
    await expect(linesOf(endless)).rejects.toThrow(`longer than ${MAX_WATCH_LINE_BYTES} bytes`)
  })
})

test('readText gives up on a body that does not end', async () => {
  const parts = Array.from({ length: 65 }, () => new Uint8Array(1024 * 1024))
  await expect(readText(chunks(...parts))).rejects.toThrow(`larger than ${MAX_BODY_BYTES} bytes`)
  expect(await readText(chunks(Buffer.from('{"a":'), Buffer.from('1}')))).toBe('{"a":1}')
})
