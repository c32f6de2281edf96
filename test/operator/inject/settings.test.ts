// Every setting on both sides of its bounds, and the words it is compared with.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_EDITS, MAX_WORD_LENGTH, nearestWord } from '../../../operator/inject/nearest.ts'
import { parseQuantity } from '../../../operator/inject/quantity.ts'
import { readSettings } from '../../../operator/inject/settings.ts'

const subject = { kind: 'Pod', namespace: 'shop', name: 'chat' } as const
const read = (name: string, text: string) => readSettings({ [`modelroute.dev/${name}`]: text }, subject)

describe('readSettings', () => {
  test.each([
    ['inject', 'true', true],
    ['inject', ' false ', false],
    ['containers', 'app', ['app']],
    ['containers', 'app, helper,app', ['app', 'helper']],
    ['port', '1024', 1024],
    ['port', '65535', 65_535],
    ['admin-port', '1024', 1024],
    ['proxy-cpu', '10m', '10m'],
    ['proxy-cpu', '64', '64'],
    ['proxy-cpu', '0.01', '0.01'],
    ['proxy-cpu-limit', '1.5', '1.5'],
    ['proxy-memory', '64Mi', '64Mi'],
    ['proxy-memory', '64Gi', '64Gi'],
    ['proxy-memory', '1e9', '1e9'],
    ['proxy-memory-limit', '96Mi', '96Mi'],
    [
      'proxy-image',
      'registry.example.com:5000/team/modelroute@sha256:0123',
      'registry.example.com:5000/team/modelroute@sha256:0123',
    ],
    ['dialects', 'OpenAI', ['OpenAI']],
    ['dialects', ' ollama,Anthropic , anthropic', ['Anthropic', 'Ollama']],
    ['log-level', 'debug', 'debug'],
    ['drain-seconds', '0', 0],
    ['drain-seconds', '3600', 3600],
  ])('takes %s = %j', (name, text, value) => {
    expect(read(name, text)).toEqual({ settings: { [name]: value }, findings: [] })
  })

  test.each([
    ['inject', ''],
    ['inject', 'True'],
    ['containers', ''],
    ['containers', 'App'],
    ['containers', 'a'.repeat(64)],
    ['port', '1023'],
    ['port', '65536'],
    ['port', '4141.0'],
    ['port', '1e4'],
    ['proxy-cpu', '9m'],
    ['proxy-cpu', '65'],
    ['proxy-cpu', '-1'],
    ['proxy-memory', '63Mi'],
    ['proxy-memory', '65Gi'],
    ['proxy-memory', '100 Mi'],
    ['proxy-memory', '100MB'],
    ['proxy-memory-limit', '95Mi'],
    ['proxy-image', ''],
    ['proxy-image', 'a'.repeat(513)],
    ['dialects', ''],
    ['dialects', 'OpenAI,Prompt'],
    ['dialects', 'Claude'],
    ['log-level', 'INFO'],
    ['drain-seconds', '3601'],
    ['drain-seconds', 'NaN'],
  ])('refuses %s = %j with a sentence that names both', (name, text) => {
    const { settings, findings } = read(name, text)
    expect(settings).toEqual({})
    expect(findings).toMatchObject([{ severity: 'error', path: `modelroute.dev/${name}`, reason: 'InvalidAnnotation' }])
    expect(findings[0]?.message).toMatch(/^Annotation modelroute\.dev\/\S+ has the value ".*"; it must be .+\.$/)
  })

  test('cuts a long value in its sentence', () => {
    expect(read('port', '9'.repeat(500)).findings[0]?.message.length).toBeLessThan(150)
  })

  test('passes over annotations of others, and those the webhook writes itself', () => {
    const annotations = { 'example.com/port': 'x', 'modelroute.dev/copied': 'x', 'modelroute.dev/operator-ca': 'x' }
    expect(readSettings(annotations, subject)).toEqual({ settings: {}, findings: [] })
  })

  test.each(['constructor', '__proto__', 'toString'])('knows no setting %s', (name) => {
    expect(read(name, 'x')).toMatchObject({ settings: {}, findings: [{ reason: 'UnknownAnnotation' }] })
  })

  test('never throws, whatever keys and values there are', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('inject', 'port', 'proxy-cpu', 'containers'))
    fc.assert(
      fc.property(key, fc.string({ size: 'medium' }), (name, text) => {
        const { settings, findings } = read(name, text)
        expect(Object.keys(settings).length + findings.length).toBe(1)
      }),
    )
  })
})

describe('nearestWord', () => {
  const known = ['inject', 'drain-seconds', 'port']

  test.each([
    ['injct', 'inject'],
    ['Inject', 'inject'],
    ['drain_second', 'drain-seconds'],
    ['prot', 'port'],
    ['colour', null],
    ['po', null],
    ['', null],
    ['drain-seconds'.repeat(7), null],
  ])('%j -> %j', (word, nearest) => {
    expect(nearestWord(word, known)).toBe(nearest)
  })

  test('guesses up to its number of edits and not beyond', () => {
    const word = 'abcdefghij'
    expect(nearestWord(word.slice(MAX_EDITS), [word])).toBe(word)
    expect(nearestWord(word.slice(MAX_EDITS + 1), [word])).toBeNull()
    expect(nearestWord('x'.repeat(MAX_WORD_LENGTH + 1), ['x'.repeat(MAX_WORD_LENGTH)])).toBeNull()
    expect(nearestWord('x'.repeat(MAX_WORD_LENGTH), ['x'.repeat(MAX_WORD_LENGTH + 1)])).not.toBeNull()
  })
})

describe('parseQuantity', () => {
  test.each([
    ['1', 1],
    ['250m', 0.25],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['128974848', 128_974_848],
    ['129e6', 129e6],
    ['1k', 1000],
    ['1K', null],
    ['Mi', null],
    ['1 Mi', null],
    ['-1', null],
    ['1e', null],
    ['0x10', null],
    ['', null],
    ['1MiB', null],
    ['9'.repeat(19), null],
  ])('%j -> %j', (text, value) => {
    expect(parseQuantity(text)).toBe(value)
  })
})
