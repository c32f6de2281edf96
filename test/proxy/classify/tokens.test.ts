// The estimate of tokens: near OpenAI's own tokenizer for every kind of text, pictures by their makers' rules, families
// by names of models, and bounded for long calls.
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { expect, test } from 'vitest'
import { createClassifier } from '../../../proxy/classify/classifier.ts'
import { factsOf } from '../../../proxy/classify/call-facts.ts'
import { TokenEstimator } from '../../../proxy/classify/tokens/estimate.ts'
import { familyOf } from '../../../proxy/classify/tokens/families.ts'
import { tokensOfPicture } from '../../../proxy/classify/tokens/pictures.ts'
import type { Call } from '../../../proxy/exchange.ts'
import { CHAT, chatOf, readCall } from './call.ts'

const deps = { classifier: createClassifier(), estimator: new TokenEstimator() }
const tokensOf = (call: Call, model = 'gpt-4o') => factsOf(call, deps).promptTokens(model)

const TEXTS = {
  English:
    'Yesterday the committee met for the third time this year. The chair asked everybody to write a friendly summary ' +
    'of what had been said, and to mention that the next meeting would be held in the old town hall on the first of May. ',
  Chinese:
    '昨天委员会今年第三次开会。主席请大家写一份友好的摘要，说明会上讨论的内容，并提到下次会议将于五月一日在旧市政厅举行。',
  code: 'export function total(items: readonly Item[]): number {\n  return items.reduce((sum, { price, count }) => sum + price * count, 0)\n}\n',
  JSON: '{"name": "modelroute", "version": "1.2.3", "private": true, "scripts": {"test": "vitest run", "lint": "oxlint"}}\n',
}

test.each(Object.keys(TEXTS) as (keyof typeof TEXTS)[])(
  '%s is estimated within 20 %% of what the tokenizer counts',
  (kind) => {
    const text = TEXTS[kind]
    for (const times of [3, 40]) {
      const whole = text.repeat(times)
      const ratio = (tokensOf(chatOf(whole)) - 7) / countTokens(whole)
      expect(ratio).toBeGreaterThan(0.8)
      expect(ratio).toBeLessThan(1.2)
    }
  },
)

test('what is read of a long call stands for the whole', () => {
  const short = tokensOf(chatOf(TEXTS.English.repeat(100)))
  const long = tokensOf(chatOf(TEXTS.English.repeat(10_000)))
  expect(long / short).toBeGreaterThan(95)
  expect(long / short).toBeLessThan(105)
})

test('many turns count each, and their roles with them', () => {
  const turns = Array.from({ length: 200 }, () => 'Hello there, how are you today?')
  const tokens = tokensOf(chatOf(...turns))
  expect(tokens).toBeGreaterThan(200 * 10)
  expect(tokens).toBeLessThan(200 * 14)
})

test('tools and their arguments cost tokens, ids do not', () => {
  const messages = [{ role: 'user', content: 'hi' }]
  const parameters = { type: 'object', properties: { city: { type: 'string', description: 'Name of the city.' } } }
  const tools = [{ type: 'function', function: { name: 'weather', description: 'What it is like.', parameters } }]
  const [plain, withTools] = [{ messages }, { messages, tools }].map((each) =>
    tokensOf(readCall(CHAT, { model: 'm', ...each })),
  )
  expect(withTools).toBeGreaterThan((plain ?? 0) + 25)
  const others = readCall(CHAT, { model: 'm', messages, user: 'x'.repeat(9000), seed: 1 })
  expect(tokensOf(others)).toBe(plain)
})

/** A picture of this size by its head alone. */
function png(width: number, height: number): string {
  const head = Buffer.alloc(24)
  head.writeUInt32BE(0x89504e47, 0)
  head.writeUInt32BE(width, 16)
  head.writeUInt32BE(height, 20)
  return `data:image/png;base64,${head.toString('base64')}`
}

const seeing = (url: string) =>
  readCall(CHAT, { model: 'm', messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] })

test.each([
  ['gpt-4o', 512, 512, 255],
  ['gpt-4o', 1024, 1024, 765],
  ['gpt-4o', 2048, 4096, 1105],
  ['claude-sonnet-4', 1000, 1000, 1334],
  ['gemini-2.5-flash', 300, 300, 258],
  ['gemini-2.5-flash', 1536, 768, 516],
])('%s takes a picture of %d by %d for %d tokens, as its maker documents', (model, width, height, tokens) => {
  expect(tokensOfPicture(familyOf(model), { width, height })).toBe(tokens)
  const around = tokensOf(seeing(png(width, height)), model) - tokens
  expect(around).toBeGreaterThanOrEqual(0)
  expect(around).toBeLessThan(10)
})

test('a picture behind a link counts as one of 1024 by 1024', () => {
  expect(tokensOf(seeing('https://example.com/cat'))).toBe(tokensOf(seeing(png(1024, 1024))))
})

test.each([
  ['gpt-4o-mini', 'o200k'],
  ['gpt-5', 'o200k'],
  ['o3', 'o200k'],
  ['gpt-4-turbo', 'cl100k'],
  ['text-embedding-3-small', 'cl100k'],
  ['claude-opus-4', 'claude'],
  ['models/gemini-2.5-pro', 'gemini'],
  ['meta-llama/Llama-3.3-70B', 'llama'],
  ['deepseek-r1-distill-llama-70b', 'llama'],
  ['Qwen/Qwen3-32B', 'qwen'],
  ['deepseek-chat', 'deepseek'],
  ['codestral-latest', 'mistral'],
  ['auto', 'o200k'],
])('%s is counted as %s', (model, family) => {
  expect(familyOf(model)).toBe(family)
})
