// Which custom patterns are let through, and what the others are told.
import { describe, expect, test } from 'vitest'
import type { Detection } from '../../../../../proxy/redact/detectors/detection.ts'
import { unitsOf } from '../../../../../proxy/redact/detectors/text/units.ts'
import { createPatternScanner } from '../../../../../proxy/redact/detectors/patterns/scan.ts'
import { checkPattern } from '../../../../../proxy/redact/detectors/patterns/syntax.ts'

const GOOD: readonly (readonly [pattern: string, text: string, found: readonly string[]])[] = [
  ['EMP-\\d{6}', 'EMP-123456 and EMP-12345', ['EMP-123456']],
  ['\\bPRJ-[A-Z]{2,5}-\\d{3,8}\\b', 'PRJ-AB-123, XPRJ-AB-123', ['PRJ-AB-123']],
  ['(?i)project\\s+(?:falcon|eagle)', 'Project  FALCON, project owl', ['Project  FALCON']],
  ['工号[:：]?\\s*\\d{5,8}', '工号：12345，工号 1234', ['工号：12345']],
  ['(?:客户|合同)编号[A-Z0-9-]{6,20}', '合同编号AB-12345', ['合同编号AB-12345']],
  ['[\\w.+-]+@corp\\.example', 'a.b@corp.example c@other.example', ['a.b@corp.example']],
  ['"ticket":\\s*"[^"]+"', '{"ticket": "A 1"}', ['"ticket": "A 1"']],
  ['^Confidential:.*$', 'Confidential: all', ['Confidential: all']],
  ['VIP客户.{1,10}先生', 'VIP客户王小明先生您好', ['VIP客户王小明先生']],
  ['[a-z]+#secret', 'x#secret y', ['x#secret']],
  ['a+?b|a+', 'aab aa', ['aab', 'aa']],
]

const REFUSED: readonly (readonly [pattern: string, reason: string])[] = [
  ['', 'the pattern is empty'],
  ['x'.repeat(1025), 'the pattern is longer than 1024 characters'],
  ['(\\d+)\\1', 'backreferences are not supported: they cannot run in linear time (at character 6)'],
  ['(?=x)y', 'lookahead and lookbehind are not supported: they cannot run in linear time (at character 1)'],
  ['a(?<!x)y', 'lookahead and lookbehind are not supported: they cannot run in linear time (at character 2)'],
  ['(?<name>x)', 'only `(?:` groups, and `(?i)` at the very start, are supported (at character 1)'],
  ['(a+)+', 'an unbounded repeat stands inside another (at character 2)'],
  ['a\\d+\\d*b', 'two unbounded repeats of the same characters are adjacent (at character 5)'],
  ['.*x?.*y', 'two unbounded repeats of the same characters are adjacent (at character 5)'],
  ['(a|b?){2}', 'what is repeated can be empty (at character 1)'],
  ['a|', 'it matches the empty text'],
  ['\\d*', 'it matches the empty text'],
  ['x{2000}', 'a count is larger than 1000 (at character 2)'],
  ['x{3,2}', 'a count’s most is less than its least (at character 2)'],
  ['x{', 'a `{` opens no count; write `\\{` (at character 2)'],
  ['x**', 'a repeat is repeated (at character 1)'],
  ['*x', 'nothing stands before `*` (at character 1)'],
  ['[a', 'a class is not closed (at character 1)'],
  ['[]', 'a class is empty (at character 1)'],
  ['[b-a]', 'a range ends before it starts (at character 5)'],
  ['[[:alpha:]]', '`[:class:]` names are not supported (at character 3)'],
  ['(a', 'a group is not closed (at character 3)'],
  ['a)', 'a `)` closes no group (at character 2)'],
  ['a\\', 'the pattern ends with a lone `\\` (at character 3)'],
  ['\\p{Han}+', 'Unicode classes are not supported; write a range, such as [\\u4e00-\\u9fff] (at character 1)'],
  ['\\x4', 'an escape needs 2 hexadecimal digits (at character 3)'],
  ['\\q', '`\\q` is not supported (at character 1)'],
  [`${'('.repeat(40)}a${')'.repeat(40)}`, 'groups are nested deeper than 32 (at character 33)'],
  ['((x{100}){100}){100}', 'written out it has more than 4000 steps; use smaller counts'],
  ['[ab]*a[ab]{14}', 'it needs more than 2000 states; use smaller counts, or parts that do not overlap'],
  ['a*b|a', 'behind a match it may read more than 128 characters in vain; make its end certain'],
  ['[^\\s]+#secret', 'behind a match it may read more than 128 characters in vain; make its end certain'],
  ['foo(.*bar)?', 'behind a match it may read more than 128 characters in vain; make its end certain'],
]

function find(patterns: readonly string[], text: string): Detection[] {
  const found: Detection[] = []
  createPatternScanner(patterns)(unitsOf(text), found, { isEnabled: () => true, label: null })
  return found
}

describe('custom patterns', () => {
  test.each(GOOD)('%j finds its matches', (pattern, text, found) => {
    expect(checkPattern(pattern)).toEqual({ kind: 'ok' })
    expect(find([pattern], text).map(({ start, end }) => text.slice(start, end))).toEqual(found)
  })

  test.each(REFUSED)('%j is refused with the reason', (pattern, reason) => {
    expect(checkPattern(pattern)).toEqual({ kind: 'refused', reason })
    expect(() => createPatternScanner([pattern])).toThrow(TypeError)
  })

  test('several patterns each find theirs', () => {
    expect(
      find(['A\\d', 'B\\d'], 'B1 A2')
        .map(({ start }) => start)
        .toSorted((a, b) => a - b),
    ).toEqual([0, 3])
  })

  test('read 64 KiB that were made to be slow in steps that grow with the text alone', () => {
    const texts = ['a', 'aaaaab', '1-', ' ', '张', 'a.a@'].map((unit) => unit.repeat(65_536 / unit.length))
    const patterns = ['[\\w.+-]+@[\\w-]+\\.[a-z]{2,}', 'a+b', '\\w{1,100}#', '(?:a|a)+c', '\\b[a-z]{3,40}\\b']
    const scan = createPatternScanner(patterns)
    for (const text of texts) scan(unitsOf(text), [], { isEnabled: () => true, label: null })
    const started = process.cpuUsage()
    for (const text of texts) scan(unitsOf(text), [], { isEnabled: () => true, label: null })
    const { user } = process.cpuUsage(started)
    // 5 patterns over 6 texts of 64 KiB; a quadratic engine needs minutes.
    expect(user / 1000).toBeLessThan(1_500)
  })
})
