// The credential scanner against a table of texts, and every written form of its tables against carriers.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CREDENTIAL_KINDS } from '../../../../../proxy/redact/detectors/credentials/kinds.ts'
import { CREDENTIAL_DETECTORS } from '../../../../../proxy/redact/detectors/credentials/rows.ts'
import { unitsOf } from '../../../../../proxy/redact/detectors/text/units.ts'
import { scanCredentials } from '../../../../../proxy/redact/detectors/credentials/scan.ts'
import { exampleOf } from '../../../../../proxy/redact/detectors/credentials/template.ts'
import { LABELLED_VENDORS } from '../../../../../proxy/redact/detectors/credentials/vendors.ts'
import type { Detection } from '../../../../../proxy/redact/detectors/detection.ts'
import { withoutOverlaps } from '../../../../../proxy/redact/detectors/detect.ts'
import { NO_SECRETS, SECRETS } from './cases.ts'

function find(text: string, isEnabled: (name: string) => boolean = () => true): readonly Detection[] {
  const found: Detection[] = []
  scanCredentials(unitsOf(text), found, { isEnabled, label: null })
  return withoutOverlaps(text, found)
}

function valuesOf(text: string): string[] {
  return find(text).map(({ start, end }) => text.slice(start, end))
}

/** What stands round a value; none of these texts has the secret labelled. */
const CARRIERS: Readonly<Record<string, (value: string) => string>> = {
  bare: (value) => value,
  sentence: (value) => `see ${value} here`,
  quotes: (value) => `VALUES ('acme', '${value}');`,
  code: (value) => `use \`${value}\` instead`,
  chinese: (value) => `请看${value}，谢谢`,
  json: (value) => `{"a":"${value}"}`,
  escaped: (value) => `"line\\n${value}\\nnext"`,
  element: (value) => `<v>${value}</v>`,
  header: (value) => `X-Thing: ${value}\r\nAccept: */*`,
}

describe('the credential scanner', () => {
  test.each(SECRETS)('finds exactly the secret of %j', (marked) => {
    const text = marked.replaceAll(/[⟦⟧]/g, '')
    expect(valuesOf(text)).toEqual([...marked.matchAll(/⟦([^⟧]*)⟧/g)].map(([, value]) => value))
  })

  test.each(NO_SECRETS)('finds nothing in %j', (text) => {
    expect(find(text).map(({ type, start, end }) => [type, text.slice(start, end)])).toEqual([])
  })

  const forms = CREDENTIAL_KINDS.flatMap(({ name, templates }) => templates.map((template) => ({ name, template })))

  test.each(forms)('finds $name written $template, whatever stands round it', ({ template }) => {
    const misses: string[] = []
    for (let seed = 1; seed <= 5; seed++) {
      const value = exampleOf(template, seed)
      for (const [carrier, write] of Object.entries(CARRIERS)) {
        const text = write(value)
        const start = text.indexOf(value)
        const isFound = find(text).some((one) => one.start <= start && one.end >= start + value.length)
        if (!isFound) misses.push(`${carrier}: ${value}`)
      }
    }
    // One of the five made-up values may by chance hold no digit, or begin with signs that no vendor writes there.
    expect(misses.slice(Object.keys(CARRIERS).length)).toEqual([])
  })

  test.each(
    LABELLED_VENDORS.flatMap(({ words, templates }) =>
      templates.map((template) => ({ word: words[0] ?? '', template })),
    ),
  )('finds a value of the form $template behind the name $word', ({ word, template }) => {
    const isFound = Array.from({ length: 6 }, (_, seed) => exampleOf(template, seed + 1)).map(
      (value) => valuesOf(`${word}_token = "${value}"`)[0] === value,
    )
    expect(isFound.filter(Boolean).length).toBeGreaterThanOrEqual(5)
  })

  test('finds a private key to its end, in lines, in one escaped line, and cut off', () => {
    const body = exampleOf('{alnum:64}', 9)
    const whole = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n${body}\n-----END OPENSSH PRIVATE KEY-----`
    expect(valuesOf(`a\n${whole}\nb`)).toEqual([whole])
    expect(valuesOf(`{"private_key":"${whole.replaceAll('\n', '\\n')}\\n"}`)).toEqual([whole.replaceAll('\n', '\\n')])
    expect(valuesOf(`-----BEGIN RSA PRIVATE KEY-----\n${body}`)).toEqual([`-----BEGIN RSA PRIVATE KEY-----\n${body}`])
  })

  const key = exampleOf('{alnum:32}', 5)
  const fields: readonly (readonly [label: string, text: string, found: readonly string[]])[] = [
    ['password', 'hunter2x', ['hunter2x']],
    ['密码', 'abc12345', ['abc12345']],
    ['apiToken', key, [key]],
    ['X-Api-Key', key, [key]],
    ['connection', 'redis://:p4ssw0rd!@cache.test/0', [':p4ssw0rd!']],
    ['etag', key, []],
    ['password', 'string', []],
    ['pass"word', 'a', []],
    ['password', 'hunter2x is my password', []],
  ]

  test.each(fields)('reads the field %j with the text %j', (label, text, expected) => {
    const found: Detection[] = []
    scanCredentials(unitsOf(text), found, { isEnabled: () => true, label })
    expect(found.map(({ start, end }) => text.slice(start, end))).toEqual(expected)
  })

  test('tells nothing of a detector that the rule does not want', () => {
    const text = `API_TOKEN=${exampleOf('{alnum:32}', 5)} password=hunter2x`
    expect(find(text, (name) => name === 'Password').map(({ type }) => type)).toEqual(['Password'])
  })

  test('names only detectors of its table, and its rows have names of their own', () => {
    const names = CREDENTIAL_DETECTORS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const seen = SECRETS.flatMap((text) => find(text.replaceAll(/[⟦⟧]/g, '')).map(({ type }) => type))
    expect(seen.filter((type) => !names.includes(type))).toEqual([])
  })

  test('keeps private keys from ever being restored', () => {
    expect(CREDENTIAL_DETECTORS.filter(({ isOneWay }) => isOneWay).map(({ name }) => name)).toEqual([
      'PrivateKey',
      'AgeSecretKey',
    ])
  })

  const hostile = [
    '密码：“',
    'a1b2c3d4=',
    'curl -u ',
    'token="abc12345',
    'kind: Secret\ndata:\n a: b\n',
    '://a:',
    'eyJ.eyJ.',
    'sk-ant-api03-',
    '12345678:',
    'A1/',
  ]

  test('reads 64 KiB made of any of these in time that grows with their length alone', () => {
    const texts = hostile.map((piece) => piece.repeat(Math.ceil(65_536 / piece.length)))
    for (const text of texts) find(text)
    const started = process.cpuUsage()
    for (const text of texts) scanCredentials(unitsOf(text), [], { isEnabled: () => true, label: null })
    // Some 3 ms each on a free core; a quadratic reader needs half a minute.
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(3_000)
  })

  test('never throws, and finds whole places of the text in any text', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        'password=',
        'token: "',
        '-----BEGIN PRIVATE KEY-----',
        'kind: Secret\ndata:\n  a: ',
        '://',
        'a:b@',
        'Basic ',
        '-u ',
        '密码：',
        '\\n',
        '==',
        'eyJ',
        'ghp_',
      ),
      fc.integer({ min: 1, max: 9999 }).map((seed) => exampleOf('{any64:1-40}', seed)),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        for (const { start, end } of find(text)) expect(start >= 0 && start < end && end <= text.length).toBe(true)
        expect(text.length).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 600 },
    )
  })
})
