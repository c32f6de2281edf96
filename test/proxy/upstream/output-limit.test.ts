// The clamp of output tokens: every spelling of every dialect, both sides of the limit, and that no other byte changes.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { spliceAll } from '../../../proxy/json/splice.ts'
import type { DialectName } from '../../../proxy/table/schema.ts'
import { asksForLimit, clampsOf, outputLimitOf } from '../../../proxy/upstream/output-limit.ts'

const LIMIT = 8192

function clamped(text: string, dialect: DialectName, limit = LIMIT): { body: string; notes: readonly string[] } {
  const body = Buffer.from(text)
  const clamps = clampsOf(body, { dialect, limit })
  const edits = clamps.map(({ edit }) => edit)
  return { body: spliceAll(body, edits).toString(), notes: clamps.map(({ note }) => note) }
}

type Spelling = readonly [dialect: DialectName, path: string, write: (value: string) => string]

const spellings: readonly Spelling[] = [
  ['OpenAI', 'max_tokens', (value) => `{"model":"m","max_tokens":${value},"n":1}`],
  ['OpenAI', 'max_completion_tokens', (value) => `{ "max_completion_tokens" : ${value} , "model":"m"}`],
  ['OpenAI', 'max_output_tokens', (value) => `{"input":"max_tokens\\":9","max_output_tokens":${value}}`],
  ['Anthropic', 'max_tokens', (value) => `{"max_tokens":${value},"messages":[{"max_tokens":99999}]}`],
  ['Gemini', 'generationConfig.maxOutputTokens', (value) => `{"generationConfig":{"maxOutputTokens":${value}}}`],
  ['Gemini', 'generation_config.max_output_tokens', (value) => `{"generation_config":{"max_output_tokens":${value}}}`],
  ['Ollama', 'options.num_predict', (value) => `{"options":{"seed":1,"num_predict":${value}},"max_tokens":99999}`],
  ['Prompt', 'max_tokens', (value) => `{"prompt":"p","max_tokens":${value}}`],
]

describe.each(spellings)('%s says %s', (dialect, path, write) => {
  it.each(['8193', '100000', '1e6', '99999.0', '12345678901234567890'])('%s is brought to the limit', (asked) => {
    expect(clamped(write(asked), dialect)).toEqual({
      body: write(String(LIMIT)),
      notes: [`${path}=${LIMIT};asked=${asked}`],
    })
  })

  it.each(['8192', '1', '0', '-1', '-2', 'null', '"100000"', 'true', '[100000]', '{}'])('%s stays', (asked) => {
    expect(clamped(write(asked), dialect)).toEqual({ body: write(asked), notes: [] })
  })

  test('every other byte stays, whatever stands around the number', () => {
    const space = fc.stringMatching(/^[ \t\n\r]{0,3}$/)
    fc.assert(
      fc.property(fc.json(), fc.nat(), space, fc.integer({ min: 1 }), (value, asked, around, limit) => {
        const wholeOf = (number: number) => `{"x":${value},${write(`${around}${number}${around}`).slice(1)}`
        expect(clamped(wholeOf(asked), dialect, limit).body).toBe(wholeOf(Math.min(asked, limit)))
      }),
    )
  })
})

test('both of two numbers are brought to the limit, in the order in which they stand', () => {
  const text = '{"max_completion_tokens":9000,"max_tokens":9001}'
  expect(clamped(text, 'OpenAI')).toEqual({
    body: '{"max_completion_tokens":8192,"max_tokens":8192}',
    notes: ['max_completion_tokens=8192;asked=9000', 'max_tokens=8192;asked=9001'],
  })
})

test.each([
  ['8192', '4096', ['max_tokens=8192;asked=9000', 'thinking.budget_tokens=4096;asked=8192']],
  ['8191', '8191', ['max_tokens=8192;asked=9000']],
])("Anthropic's thinking budget of %s stays below the limit: %s", (budget, sent, notes) => {
  const write = (limit: number, thinking: string) =>
    `{"max_tokens":${limit},"thinking":{"type":"enabled","budget_tokens":${thinking}}}`
  expect(clamped(write(9000, budget), 'Anthropic')).toEqual({ body: write(8192, sent), notes })
  expect(clamped(write(8192, budget), 'Anthropic')).toEqual({ body: write(8192, budget), notes: [] })
})

test('what is no JSON object is left to those who judge it', () => {
  for (const text of ['', '[]', '{"max_tokens":', 'null']) expect(clamped(text, 'OpenAI').body).toBe(text)
})

test.each([
  ['{"max_tokens":5}', true],
  ['{"max_tokens":null}', false],
  ['{"model":"m"}', false],
] as const)('%s asks for a limit of its own: %s', (text, isAsked) => {
  expect(asksForLimit(Buffer.from(text), 'OpenAI')).toBe(isAsked)
})

test("a limit is that of the target's model, or of the caller's own where the target has none", () => {
  const target = { provider: 'p', dialect: 'OpenAI', url: 'http://a.test', outputLimits: { big: 9, small: 3 } } as const
  expect(outputLimitOf({ ...target, model: 'small' }, 'big')).toBe(3)
  expect(outputLimitOf(target, 'big')).toBe(9)
  expect([outputLimitOf(target, 'other'), outputLimitOf(target, 'constructor')]).toEqual([null, null])
})
