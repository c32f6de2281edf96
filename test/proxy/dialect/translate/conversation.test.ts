// Conversations that change their provider between turns: what one vendor signed comes back to it, and to nobody else.
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { parseJson, writeJson } from '../../../../proxy/dialect/neutral/json-text.ts'
import { isObject, type JsonObject, type JsonValue } from '../../../../proxy/dialect/neutral/json.ts'
import type { FormatName } from '../../../../proxy/dialect/neutral/chat.ts'
import {
  holdsForeignReasoning,
  withoutForeignReasoning,
} from '../../../../proxy/dialect/translate/foreign-reasoning.ts'
import { translateAnswer } from '../../../../proxy/dialect/translate/translate-answer.ts'
import { translateRequest } from '../../../../proxy/dialect/translate/translate-request.ts'
import { testContext } from './arbitrary.ts'

const gemini: JsonObject = {
  candidates: [
    {
      content: {
        role: 'model',
        parts: [
          { text: 'Look it up.', thought: true },
          { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'R2VtaW5p' },
        ],
      },
      finishReason: 'STOP',
    },
  ],
}
const anthropic: JsonObject = {
  content: [
    { type: 'thinking', thinking: 'Look it up.', signature: 'QW50aA==' },
    { type: 'redacted_thinking', data: 'aGlkZGVu' },
    { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } },
  ],
  stop_reason: 'tool_use',
}

function answerFor(to: FormatName, from: FormatName, provided: JsonObject): JsonObject {
  const answer = translateAnswer(writeJson(provided), { from, to }, testContext())
  if (answer.kind !== 'answer') throw new Error(answer.kind)
  const parsed = parseJson(answer.body)
  return parsed.kind === 'json' && isObject(parsed.value) ? parsed.value : {}
}

const list = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : [])

/** The caller's next request: it sends back what it was answered, as it was, with the tool's result. */
const NEXT: Readonly<Partial<Record<FormatName, (answer: JsonObject) => JsonObject>>> = {
  OpenAIChat: (answer) => {
    const [choice] = list(answer['choices'])
    const message = isObject(choice) ? (choice['message'] ?? null) : null
    const [call] = isObject(message) ? list(message['tool_calls']) : []
    const id = isObject(call) ? (call['id'] ?? null) : null
    return { messages: [{ role: 'user', content: 'q' }, message, { role: 'tool', tool_call_id: id, content: 'r' }] }
  },
  Anthropic: (answer) => {
    const content = list(answer['content'])
    const use = content.find((block) => isObject(block) && block['type'] === 'tool_use')
    const id = isObject(use) ? (use['id'] ?? null) : null
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'r' }] }
    return { max_tokens: 9, messages: [{ role: 'user', content: 'q' }, { role: 'assistant', content }, result] }
  },
  OpenAIResponses: (answer) => {
    const output = list(answer['output'])
    const call = output.find((item) => isObject(item) && item['type'] === 'function_call')
    const id = isObject(call) ? (call['call_id'] ?? null) : null
    return {
      input: [{ role: 'user', content: 'q' }, ...output, { type: 'function_call_output', call_id: id, output: 'r' }],
    }
  },
  Gemini: (answer) => {
    const [candidate] = list(answer['candidates'])
    const content = isObject(candidate) ? (candidate['content'] ?? null) : null
    const result = { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: 'r' } } }] }
    return { contents: [{ role: 'user', parts: [{ text: 'q' }] }, content, result] }
  },
}

function nextRequest(caller: FormatName, provider: FormatName, provided: JsonObject): JsonObject {
  return NEXT[caller]?.(answerFor(caller, provider, provided)) ?? {}
}

function bodyText(caller: FormatName, to: FormatName, request: JsonObject, model: string): string {
  const translated = translateRequest(request, { from: caller, to, model })
  if (translated.kind === 'refused') throw new Error(translated.sentence)
  return JSON.stringify(translated.body)
}

test.each<FormatName>(['OpenAIChat', 'Anthropic', 'OpenAIResponses'])(
  'a call that Gemini signed comes back to Gemini signed, through a caller of %s',
  (caller) => {
    const request = nextRequest(caller, 'Gemini', gemini)
    expect(bodyText(caller, 'Gemini', request, 'gemini-3-pro')).toContain(
      '{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"R2VtaW5p"}',
    )
    expect(bodyText(caller, caller === 'Anthropic' ? 'OpenAIChat' : 'Anthropic', request, 'm')).not.toMatch(
      /R2VtaW5p|bW9kZWxyb3V0ZS/,
    )
  },
)

test.each<FormatName>(['OpenAIResponses', 'Gemini'])(
  'thinking that Anthropic signed comes back to Anthropic whole, through a caller of %s',
  (caller) => {
    const request = nextRequest(caller, 'Anthropic', anthropic)
    const body = bodyText(caller, 'Anthropic', request, 'claude-opus-4-5')
    expect(body).toContain('{"type":"thinking","thinking":"Look it up.","signature":"QW50aA=="}')
    expect(body).toContain('aGlkZGVu')
    expect(bodyText(caller, 'OpenAIChat', request, 'm')).not.toMatch(/Look it up|QW50aA|aGlkZGVu/)
  },
)

test('a call that nobody signed goes to Gemini 3 with the value that turns its check off, and to older ones without', () => {
  const request = nextRequest('Anthropic', 'Ollama', {
    message: { tool_calls: [{ function: { name: 'f', arguments: {} } }] },
    done: true,
  })
  expect(bodyText('Anthropic', 'Gemini', request, 'gemini-3-pro')).toContain('skip_thought_signature_validator')
  expect(bodyText('Anthropic', 'Gemini', request, 'gemini-2.5-flash')).not.toContain('thoughtSignature')
})

test.each<readonly [FormatName, FormatName, JsonObject]>([
  ['OpenAIChat', 'Gemini', gemini],
  ['Anthropic', 'Gemini', gemini],
  [
    'Anthropic',
    'Ollama',
    {
      message: {
        thinking: 'Nobody signed this.',
        content: 'a',
        tool_calls: [{ function: { name: 'f', arguments: {} } }],
      },
      done: true,
    },
  ],
  ['OpenAIResponses', 'Anthropic', anthropic],
  ['Gemini', 'Anthropic', anthropic],
])(
  '%s, after an answer of %s, goes out in its own dialect without the foreign blocks',
  (caller, provider, provided) => {
    const request = nextRequest(caller, provider, provided)
    expect(holdsForeignReasoning(writeJson(request))).toBe(true)
    const clean = withoutForeignReasoning(request, caller)
    expect(holdsForeignReasoning(writeJson(clean))).toBe(false)
    expect(JSON.stringify(clean)).not.toMatch(/Look it up|Nobody signed/)
    expect(JSON.stringify(clean)).toMatch(/"f"/)
  },
)

test('a request with its own vendor’s signatures is left as it is', () => {
  const request = {
    messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 't', signature: 'QW50aA==' }, 7, null] }],
  }
  expect(holdsForeignReasoning(Buffer.from(JSON.stringify(request)))).toBe(false)
  expect(withoutForeignReasoning(request, 'Anthropic')).toEqual(request)
  const signedByGoogle = {
    messages: [{ tool_calls: [{ id: 'a', extra_content: { google: { thought_signature: 'R2Vt' } } }] }],
  }
  expect(withoutForeignReasoning(signedByGoogle, 'OpenAIChat')).toEqual(signedByGoogle)
})
