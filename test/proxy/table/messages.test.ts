// Lines and messages of the push protocol.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineSplitter, parseFromOperator, parseFromProxy, toLine } from '../../../proxy/table/messages.ts'

const lines = ['{"type":"heartbeat"}', 'zwölf Böxkämpfer', '模型路由 🚦', 'x']
const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))

test('lines come out whole wherever two chunks meet, inside a character too', () => {
  for (let cut = 0; cut <= bytes.length; cut++) {
    const splitter = new LineSplitter(1_000)
    const out = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((chunk) => splitter.push(chunk).lines)
    expect(out).toEqual(lines)
  }
})

test('lines come out whole however the stream is cut', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\n')))
  fc.assert(
    fc.property(texts, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (wanted, sizes) => {
      const whole = Buffer.from(wanted.map((text) => `${text}\n`).join(''))
      const splitter = new LineSplitter(10_000)
      const out: string[] = []
      for (let from = 0; from < whole.length;) {
        const to = from + (sizes.next().value ?? 1)
        out.push(...splitter.push(whole.subarray(from, to)).lines)
        from = to
      }
      expect(out).toEqual(wanted)
    }),
  )
})

test.each([
  { length: 10, isTooLong: false },
  { length: 11, isTooLong: true },
])('a line of $length bytes under a limit of 10: too long is $isTooLong', ({ length, isTooLong }) => {
  const whole = new LineSplitter(10)
  expect(whole.push(Buffer.from(`${'x'.repeat(length)}\n`)).isTooLong).toBe(isTooLong)
  const pieces = new LineSplitter(10)
  const results = Array.from({ length }, () => pieces.push(Buffer.from('x')).isTooLong)
  expect(results.at(-1)).toBe(isTooLong)
})

test('lines before one that is too long still come out', () => {
  expect(new LineSplitter(5).push(Buffer.from('one\ntwo\nthree!\n'))).toEqual({
    lines: ['one', 'two'],
    isTooLong: true,
  })
})

test('empty lines are left out', () => {
  expect(new LineSplitter(5).push(Buffer.from('\n\na\n\n')).lines).toEqual(['a'])
})

test('a message survives its line', () => {
  const message = { type: 'keys', version: 'v', entries: [{ id: 'a', value: 'line\nbreak' }] } as const
  expect(parseFromOperator(toLine({ ...message, entries: [...message.entries] }).trim())).toEqual({
    kind: 'message',
    message,
  })
})

test.each([
  ['something that is not JSON', '{"type":', /^not a JSON line: /],
  ['a type of another time', '{"type":"lease"}', /^type: /],
  ['a field of another kind', '{"type":"ack","version":1,"nonce":"n"}', /^version: /],
])('%s is a fault with a reason', (_what, line, reason) => {
  const parsed = parseFromProxy(line)
  expect(parsed).toMatchObject({ kind: 'fault', reason: expect.stringMatching(reason) })
})

test('a fault does not quote a key', () => {
  const parsed = parseFromOperator('{"type":"keys","version":"v","entries":[{"id":1,"value":"sk-1"}]}')
  expect(parsed.kind).toBe('fault')
  expect(JSON.stringify(parsed)).not.toContain('sk-1')
  const broken = parseFromOperator('{"type":"keys","version":"v","entries":[{"id":"a","value":"sk-1"')
  expect(JSON.stringify(broken)).not.toContain('sk-1')
})
