// Heads of answers: what is read out of them, and what is refused because two parsers could read it in two ways.
import { describe, expect, test } from 'vitest'
import { HeaderNames, MAX_NAMES, readAnswerHead } from '../../../../proxy/upstream/wire/answer-head.ts'

const names = new HeaderNames()
const read = (...lines: readonly string[]) => readAnswerHead(lines.join('\r\n'), names)
const OK = 'HTTP/1.1 200 OK'

test('status, headers by lower-case name, and repeated ones as a list', () => {
  expect(read(OK, 'Content-Type: text/plain', 'x-a:1', 'X-A: \t2 \t', 'X-a:', 'x-b: caf\u00e9')).toEqual({
    status: 200,
    headers: { 'content-type': 'text/plain', 'x-a': ['1', '2', ''], 'x-b': 'caf\u00e9' },
    framing: 'close',
    isKeptAlive: false,
  })
})

test.each([
  ['a length', [OK, 'content-length: 5'], 5],
  ['chunks', [OK, 'Transfer-Encoding: Chunked'], 'chunked'],
  ['neither: the end of the connection', [OK], 'close'],
  ['status 204, whatever the length', ['HTTP/1.1 204 No Content', 'content-length: 5'], 0],
  ['status 304, whatever the length', ['HTTP/1.1 304', 'content-length: 5'], 0],
  ['an informational status', ['HTTP/1.1 103 Early Hints', 'link: </a>'], 0],
] as const)('the body ends by %s', (_, lines, framing) => {
  expect(read(...lines)?.framing).toBe(framing)
})

test.each([
  ['HTTP/1.1 stays open', 'HTTP/1.1 200 OK', null, true],
  ['HTTP/1.1 says close', 'HTTP/1.1 200 OK', 'Close', false],
  ['HTTP/1.1 says close among others', 'HTTP/1.1 200 OK', 'x-a, close', false],
  ['HTTP/1.1 says keep-alive', 'HTTP/1.1 200 OK', 'keep-alive', true],
  ['HTTP/1.0 closes', 'HTTP/1.0 200 OK', null, false],
  ['HTTP/1.0 says keep-alive', 'HTTP/1.0 200 OK', 'Keep-Alive', true],
] as const)('%s', (_, status, connection, isKeptAlive) => {
  const lines = connection === null ? [] : [`connection: ${connection}`]
  expect(read(status, 'content-length: 0', ...lines)?.isKeptAlive).toBe(isKeptAlive)
})

describe('refused:', () => {
  test.each([
    ['another protocol', ['SSH-2.0-OpenSSH']],
    ['HTTP/2', ['HTTP/2 200']],
    ['HTTP/1.2', ['HTTP/1.2 200 OK']],
    ['a status of two digits', ['HTTP/1.1 20 OK']],
    ['a status of four digits', ['HTTP/1.1 2000 OK']],
    ['a status below 100', ['HTTP/1.1 099 OK']],
    ['a status in another notation', ['HTTP/1.1 2e2 OK']],
    ['two lengths', [OK, 'content-length: 5', 'content-length: 5']],
    ['a list of lengths', [OK, 'content-length: 5, 5']],
    ['a signed length', [OK, 'content-length: +5']],
    ['a length in hexadecimal', [OK, 'content-length: 0x5']],
    ['an empty length', [OK, 'content-length:']],
    ['a length that no number holds', [OK, `content-length: ${'9'.repeat(16)}`]],
    ['a length and chunks', [OK, 'content-length: 5', 'transfer-encoding: chunked']],
    ['an unknown transfer coding', [OK, 'transfer-encoding: gzip, chunked']],
    ['two transfer codings', [OK, 'transfer-encoding: chunked', 'transfer-encoding: chunked']],
    ['a line that continues the one before', [OK, 'x-a: 1', ' folded']],
    ['a line without a colon', [OK, 'x-a']],
    ['a line without a name', [OK, ': 1']],
    ['white space before the colon', [OK, 'x-a : 1']],
    ['a name that is no token', [OK, 'x(a): 1']],
    ['a line feed alone', [OK, 'x-a: 1\nx-b: 2']],
    ['a carriage return alone', [OK, 'x-a: 1\rx-b: 2']],
    ['a zero byte', [OK, 'x-a: 1\0']],
    ['a line feed in the status line', ['HTTP/1.1 200 OK\nx-a: 1']],
  ])('%s', (_, lines) => {
    expect(read(...lines)).toBeNull()
  })
})

test('a header named after the prototype of objects does no harm', () => {
  const head = read(OK, '__proto__: a', '__proto__: b', 'constructor: c')
  expect(head?.headers).toMatchObject({})
  expect(Object.getPrototypeOf(head?.headers)).toBe(Object.prototype)
  expect(({} as Record<string, unknown>)['a']).toBeUndefined()
})

test('remembers only so many spellings of names', () => {
  const bounded = new HeaderNames()
  for (let count = 0; count <= MAX_NAMES; count += 1) expect(bounded.lower(`X-${count}`)).toBe(`x-${count}`)
  expect(bounded.lower('X-0')).toBe('x-0')
  expect(bounded.lower('x y')).toBeNull()
})
