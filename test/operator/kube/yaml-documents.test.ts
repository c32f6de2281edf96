// Yaml read as kubectl reads it: the expected values are what kubectl 1.36 makes of the same text.
import { describe, expect, test } from 'vitest'
import { MAX_YAML_ALIASES, MAX_YAML_BYTES, parseYamlDocuments } from '../../../operator/kube/yaml-documents.ts'

function valueOf(text: string): unknown {
  const parsed = parseYamlDocuments(`value: ${text}\n`)
  if (parsed.kind === 'fault') throw new Error(parsed.message)
  return (parsed.documents[0] as { value: unknown }).value
}

describe('scalars', () => {
  test.each([
    ['0644', 420],
    ['0o17', 15],
    ['0x1f', 31],
    ['1_000', 1000],
    ['1e3', 1000],
    ['.5', 0.5],
    ['10:30', '10:30'],
    ['2020-01-01', '2020-01-01'],
    ['yes', true],
    ['off', false],
    ['"yes"', 'yes'],
    ['~', null],
    ['', null],
  ])('%s is %j', (text, expected) => {
    expect(valueOf(text)).toEqual(expected)
  })
})

describe('documents', () => {
  test('may use merge keys and anchors', () => {
    const text = 'base: &base { a: 1, b: 2 }\nmore:\n  <<: *base\n  b: 3\n'
    expect(parseYamlDocuments(text)).toMatchObject({ documents: [{ more: { a: 1, b: 3 } }] })
  })

  test.each([
    ['an empty file', ''],
    ['comments alone', '# nothing\n'],
    ['separators alone', '---\n---\n'],
  ])('are none in %s', (_, text) => {
    expect(parseYamlDocuments(text)).toEqual({ kind: 'documents', documents: [] })
  })

  test('may be many, with a separator at the end', () => {
    expect(parseYamlDocuments('a: 1\n---\nb: 2\n---\n')).toEqual({ kind: 'documents', documents: [{ a: 1 }, { b: 2 }] })
  })
})

describe('faults', () => {
  test.each([
    ['a key that is given twice', 'a: 1\na: 2\n', 2],
    ['a bracket that is not closed', 'a: 1\nb: [1,\n', 3],
    ['an unknown tag', 'a: !!js/function x\n', 1],
  ])('name the line of %s', (_, text, line) => {
    expect(parseYamlDocuments(text)).toMatchObject({ kind: 'fault', line })
  })

  test('stop a file that multiplies itself by aliases', () => {
    const aliases = Array.from({ length: MAX_YAML_ALIASES + 1 }, () => '*a').join(', ')
    expect(parseYamlDocuments(`a: &a x\nb: [${aliases}]\n`)).toMatchObject({ kind: 'fault' })
  })

  test('stop a text over the limit and take one at it', () => {
    const text = `# ${'x'.repeat(MAX_YAML_BYTES - 2)}`
    expect(parseYamlDocuments(text)).toMatchObject({ kind: 'documents' })
    expect(parseYamlDocuments(`${text}x`)).toMatchObject({ kind: 'fault', line: null })
  })
})
