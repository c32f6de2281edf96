// Golden pairs: payloads as the vendors document them, translated into every other dialect. The inputs are written by
// hand; the outputs (`vitest -u` renews them) are read by a person before they are committed.
import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FORMATS } from '../../../../proxy/dialect/neutral/carries.ts'
import { parseJson, writeJson } from '../../../../proxy/dialect/neutral/json-text.ts'
import { isObject, type JsonValue } from '../../../../proxy/dialect/neutral/json.ts'
import type { FormatName } from '../../../../proxy/dialect/neutral/chat.ts'
import { translateAnswer, translateError } from '../../../../proxy/dialect/translate/translate-answer.ts'
import { translateRequest } from '../../../../proxy/dialect/translate/translate-request.ts'
import { testContext } from './arbitrary.ts'
import { translateStream } from './streams.ts'

const FOLDER = join(import.meta.dirname, '../../../golden/dialects')

const MODELS: Readonly<Record<FormatName, string>> = {
  OpenAIChat: 'gpt-4.1',
  OpenAIResponses: 'gpt-5.1',
  Anthropic: 'claude-opus-4-8',
  Gemini: 'gemini-3-pro-preview',
  Ollama: 'llama3.2',
  Prompt: 'small',
}

function inputs(kind: string, ending: string): readonly string[] {
  return readdirSync(join(FOLDER, kind))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
}

function readInput(path: string): { readonly from: FormatName; readonly body: JsonValue } {
  const parsed = parseJson(readFileSync(path))
  if (parsed.kind === 'fault' || !isObject(parsed.value)) throw new Error(`${path} is not JSON`)
  const from = FORMATS.find(
    (format) =>
      isObject(parsed.kind === 'json' ? parsed.value : null) && format === (parsed.value as { from?: JsonValue }).from,
  )
  if (from === undefined) throw new Error(`${path} names no format`)
  return { from, body: parsed.value['body'] ?? null }
}

function pretty(value: JsonValue): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

test.each(inputs('requests', '.in.json'))('the request %s', async (name) => {
  const { from, body } = readInput(join(FOLDER, 'requests', `${name}.in.json`))
  const targets = FORMATS.filter((to) => to !== from)
  const translated = targets.map((to) => {
    const { kind, ...result } = translateRequest(body, { from, to, model: MODELS[to] })
    return [to, { kind, ...result } as unknown as JsonValue] as const
  })
  await expect(pretty(Object.fromEntries(translated))).toMatchFileSnapshot(join(FOLDER, 'requests', `${name}.out.json`))
})

test.each(inputs('answers', '.in.json'))('the answer %s', async (name) => {
  const { from, body } = readInput(join(FOLDER, 'answers', `${name}.in.json`))
  const targets = FORMATS.filter((to) => to !== from)
  const translated = targets.map((to) => {
    const result = translateAnswer(writeJson(body), { from, to }, testContext())
    if (result.kind === 'unreadable') return [to, result.kind] as const
    const parsed = parseJson(result.body)
    const written = parsed.kind === 'json' ? parsed.value : null
    return [to, result.kind === 'error' ? { status: result.status, body: written } : written] as const
  })
  await expect(pretty(Object.fromEntries(translated))).toMatchFileSnapshot(join(FOLDER, 'answers', `${name}.out.json`))
})

const STREAM_FORMATS: readonly (readonly [string, FormatName])[] = [
  ['openai-chat', 'OpenAIChat'],
  ['openai-responses', 'OpenAIResponses'],
  ['anthropic', 'Anthropic'],
  ['gemini', 'Gemini'],
  ['ollama', 'Ollama'],
  ['prompt', 'Prompt'],
]

test.each(inputs('streams', '.in.txt'))('the stream %s', async (name) => {
  const from = STREAM_FORMATS.find(([prefix]) => name.startsWith(prefix))?.[1] ?? 'Prompt'
  const bytes = readFileSync(join(FOLDER, 'streams', `${name}.in.txt`))
  const texts = STREAM_FORMATS.filter(([, to]) => to !== from).map(([prefix, to]) => {
    const written = translateStream([bytes], { from, to }, testContext()).toString()
    return `===== ${prefix} =====\n${written.replaceAll('\r\n', '\n')}`
  })
  await expect(texts.join('\n')).toMatchFileSnapshot(join(FOLDER, 'streams', `${name}.out.txt`))
})

test('errors of every vendor, told in every dialect', async () => {
  const errors: readonly (readonly [FormatName, number, string])[] = [
    [
      'OpenAIChat',
      429,
      '{"error":{"message":"Rate limit reached for gpt-4.1 in organization org-1 on tokens per min.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}',
    ],
    [
      'OpenAIChat',
      429,
      '{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}',
    ],
    [
      'OpenAIChat',
      400,
      '{"error":{"message":"This model\'s maximum context length is 128000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}',
    ],
    [
      'Anthropic',
      529,
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_7"}',
    ],
    [
      'Anthropic',
      400,
      '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}',
    ],
    ['Anthropic', 401, '{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}'],
    [
      'Gemini',
      429,
      '[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}}]',
    ],
    [
      'Gemini',
      400,
      '{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}',
    ],
    ['Ollama', 404, '{"error":"model \\"llama9\\" not found"}'],
    ['Prompt', 503, '<html><body>Service Unavailable</body></html>'],
  ]
  const told = errors.map(([from, status, body]) => {
    const targets = FORMATS.filter((to) => to !== from).map((to) => {
      const error = translateError({ status, body: Buffer.from(body) }, { from, to })
      return [to, `${error.status} ${error.body.toString()}`] as const
    })
    return { from, error: `${status} ${body}`, told: Object.fromEntries(targets) }
  })
  await expect(pretty(told)).toMatchFileSnapshot(join(FOLDER, 'errors.out.json'))
})
