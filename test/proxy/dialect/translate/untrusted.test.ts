// Requests from outside: whatever stands in them, the translation answers with a request or with a refusal that names
// the field, and never throws.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FORMATS } from '../../../../proxy/dialect/neutral/carries.ts'
import { formatOf } from '../../../../proxy/dialect/translate/formats.ts'
import { parseJson, writeJson } from '../../../../proxy/dialect/neutral/json-text.ts'
import type { JsonValue } from '../../../../proxy/dialect/neutral/json.ts'
import type { FormatName } from '../../../../proxy/dialect/neutral/chat.ts'
import { settle } from '../../../../proxy/dialect/translate/settle.ts'
import { translateRequest } from '../../../../proxy/dialect/translate/translate-request.ts'
import { FUZZ_FACTOR, requests } from './arbitrary.ts'
import { likely, mutated, paths, strange, wrongs } from './strange.ts'

test.each(FORMATS)('%s: a request with anything in any place is translated or refused by name', (from) => {
  const settings = { from: 'OpenAIChat', to: from } as const
  fc.assert(
    fc.property(
      requests,
      fc.array(fc.tuple(paths, strange), { maxLength: 3 }),
      fc.constantFrom(...FORMATS),
      (request, changes, to) => {
        const settled = settle(request, settings)
        if (settled.kind === 'refused') return
        const { body } = formatOf(from).writeRequest(settled.request, { model: 'm' })
        const wrong = changes.reduce<unknown>((value, [path, by]) => mutated(value, path, by), body)
        expect(wrongs(wrong, from, to)).toEqual([])
      },
    ),
    { numRuns: 250 * FUZZ_FACTOR },
  )
})

test.each(FORMATS)('%s: random JSON with likely names is translated or refused by name', (from) => {
  fc.assert(
    fc.property(likely, fc.constantFrom(...FORMATS), (body, to) => {
      expect(wrongs(body, from, to)).toEqual([])
    }),
    { numRuns: 250 * FUZZ_FACTOR },
  )
})

const refusals: readonly { name: string; from: FormatName; body: JsonValue; field: string; says: RegExp }[] = [
  {
    name: 'a body that is no object',
    from: 'OpenAIChat',
    body: [1],
    field: '',
    says: /^The body must be a JSON object\.$/,
  },
  {
    name: 'messages that are no list',
    from: 'OpenAIChat',
    body: { messages: 'hi' },
    field: 'messages',
    says: /must be an array/,
  },
  { name: 'no messages', from: 'Anthropic', body: { messages: [] }, field: 'messages', says: /at least one message/ },
  {
    name: 'a role of no dialect',
    from: 'OpenAIChat',
    body: { messages: [{ role: 'god', content: '' }] },
    field: 'messages[0].role',
    says: /must be one of/,
  },
  {
    name: 'text that is a number',
    from: 'Anthropic',
    body: { messages: [{ role: 'user', content: [{ type: 'text', text: 7 }] }] },
    field: 'messages[0].content[0].text',
    says: /must be a string/,
  },
  {
    name: 'a temperature that is text',
    from: 'Gemini',
    body: { contents: [{ parts: [{ text: '' }] }], generationConfig: { temperature: 'hot' } },
    field: 'generationConfig.temperature',
    says: /must be a number/,
  },
  {
    name: 'a limit that is no whole number',
    from: 'Ollama',
    body: { messages: [{ role: 'user', content: '' }], options: { num_predict: 1.5 } },
    field: 'options.num_predict',
    says: /whole number/,
  },
  {
    name: 'content of an unknown kind',
    from: 'OpenAIResponses',
    body: { input: [{ role: 'user', content: [{ type: 'input_smell' }] }] },
    field: 'input[0].content[0].type',
    says: /cannot be translated/,
  },
  {
    name: 'a result without its call',
    from: 'OpenAIChat',
    body: { messages: [{ role: 'tool', tool_call_id: 'x', content: '' }] },
    field: 'messages',
    says: /tool result without the call/,
  },
]

test.each(refusals)('$name is refused by name', ({ from, body, field, says }) => {
  const translated = translateRequest(body, { from, to: from === 'Anthropic' ? 'OpenAIChat' : 'Anthropic', model: 'm' })
  expect(translated).toMatchObject({ kind: 'refused', field })
  expect(translated.kind === 'refused' && translated.sentence).toMatch(says)
})

test('all faults are told at once, each with its path', () => {
  const body = {
    messages: [{ role: 'user', content: 7 }],
    temperature: 'x',
    tools: [{ type: 'function', function: {} }],
  }
  const translated = translateRequest(body, { from: 'OpenAIChat', to: 'Anthropic', model: 'm' })
  expect(translated.kind === 'refused' && translated.sentence.match(/`[^`]+`/g)).toEqual([
    '`tools[0].function.name`',
    '`messages[0].content`',
    '`temperature`',
  ])
})

test.each([
  ['half of a character', '{"messages":[{"content":"\\ud83d"}]}', /^messages\[0\]\.content$/, /half of a character/],
  ['half of a character in a name', '{"a":{"\\udc00":1}}', /^a\.\?$/, /half of a character/],
  ['deep nesting', `{"a":${'['.repeat(300)}${']'.repeat(300)}}`, /^a(?:\[0\]){1,}/, /deeper than 256/],
  ['very deep nesting', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /./, /deeper than 256/],
  ['no JSON', '{"a":', /^$/, /not valid JSON/],
])('text with %s is a fault with its path', (_, text, path, sentence) => {
  const parsed = parseJson(Buffer.from(text))
  expect(parsed.kind === 'fault' && parsed.path).toMatch(path)
  expect(parsed.kind === 'fault' && parsed.sentence).toMatch(sentence)
})

test.each([
  ['12345678901234567890', '12345678901234567890'],
  ['-0.1234567890123456789', '-0.1234567890123456789'],
  ['1e400', '1e400'],
  ['1E-400', '1E-400'],
  ['1e3', '1000'],
  ['100000000000000000000000', '1e+23'],
  ['0.1', '0.1'],
  ['1.0', '1'],
])('the number %s is written as %s, exactly the same number', (number, same) => {
  const parsed = parseJson(Buffer.from(`{"a":[${number}, {"b": ${number}}]}`))
  const written = parsed.kind === 'json' ? writeJson(parsed.value).toString() : ''
  expect(written).toBe(`{"a":[${same},{"b":${same}}]}`)
})

test('a number out of range where a parameter stands is refused by name', () => {
  const parsed = parseJson(Buffer.from('{"messages":[{"role":"user","content":"a"}],"max_tokens":1e400}'))
  const body = parsed.kind === 'json' ? parsed.value : null
  expect(translateRequest(body, { from: 'OpenAIChat', to: 'Anthropic', model: 'm' })).toMatchObject({
    kind: 'refused',
    field: 'max_tokens',
  })
})

test('a hundred thousand messages are translated in a moment', () => {
  const messages = Array.from({ length: 100_000 }, (_, at) => ({
    role: at % 2 === 0 ? 'user' : 'assistant',
    content: 'x',
  }))
  const before = process.cpuUsage()
  const translated = translateRequest({ messages }, { from: 'OpenAIChat', to: 'Anthropic', model: 'm' })
  expect(translated.kind).toBe('request')
  // Of the processor, so that a busy machine is no reason to fail.
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(5000)
})
