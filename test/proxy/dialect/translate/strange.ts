// What a caller or a provider should never send, for the tests that look for a crash: values of wrong types in any place
// of a body, random JSON with likely names, scraps of streams in any order; and what must be true of every outcome.
import fc from 'fast-check'
import { parseJson, writeJson } from '../../../../proxy/dialect/neutral/json-text.ts'
import type { JsonValue } from '../../../../proxy/dialect/neutral/json.ts'
import type { FormatName } from '../../../../proxy/dialect/neutral/chat.ts'
import { translateRequest } from '../../../../proxy/dialect/translate/translate-request.ts'

const HEADER_SAFE = /^[\w.[\]?-]{1,120}$/

/** What is wrong with the outcome; nothing, whatever the body was. */
export function wrongs(body: unknown, from: FormatName, to: FormatName): string[] {
  const parsed = parseJson(writeJson(body as JsonValue))
  const value = parsed.kind === 'fault' ? {} : parsed.value
  const translated = translateRequest(value, { from, to, model: 'claude-sonnet-4-5' })
  if (translated.kind === 'refused') return /^.{3,4000}\.$/s.test(translated.sentence) ? [] : [translated.sentence]
  const text = writeJson(translated.body).toString()
  const isSound = text.startsWith('{') && text.isWellFormed()
  return [...translated.dropped.filter((name) => !HEADER_SAFE.test(name)), ...(isSound ? [] : [text])]
}

export const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    1.5,
    1e308,
    '',
    '\u0000',
    [],
    {},
    [[]],
    [null],
    { type: 'text' },
    { text: 1 },
    '__proto__',
    'https://',
    'data:image/png;base64,',
  ),
)

/** Replaces one value somewhere inside, chosen by numbers. */
export function mutated(value: unknown, path: readonly number[], by: unknown): unknown {
  const [step, ...rest] = path
  if (typeof value !== 'object' || value === null || step === undefined) return by
  const names = Object.keys(value)
  const chosen = names[step % Math.max(names.length, 1)]
  if (chosen === undefined) return by
  const inner = mutated((value as Record<string, unknown>)[chosen], rest, by)
  if (Array.isArray(value)) return value.map((item: unknown, at) => (String(at) === chosen ? inner : item))
  return { ...value, [chosen]: inner }
}

export const paths = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 7 })

const NAMES = [
  'model messages role content type text image_url url tools function name parameters tool_calls arguments input system',
  'tool_use_id contents parts functionCall functionResponse inlineData data mimeType generationConfig stopSequences',
  'prompt options stop format images thinking source input_text output call_id summary __proto__ constructor',
]
  .join(' ')
  .split(' ')

export const likely: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small', maxDepth: 5 }, strange, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 5, noNullPrototype: true }),
})).object

export const scraps = fc.constantFrom(
  '[DONE]',
  '{}',
  '[]',
  'null',
  '{"error":"x"}',
  '{"error":{"message":"x","code":429}}',
  '{"type":"ping"}',
  '{"type":"error"}',
  '{"type":"message_start"}',
  '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f"}}',
  '{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"a"}}',
  '{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{"}}',
  '{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"b"}}',
  '{"type":"content_block_stop","index":0}',
  '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1e400}}',
  '{"type":"message_stop"}',
  '{"choices":[{"delta":{"role":"assistant"}}]}',
  '{"choices":[{"delta":{"content":"a"}}]}',
  '{"choices":"x"}',
  '{"choices":[{"delta":{"content":7}}]}',
  '{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{"}}]}}]}',
  '{"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"}"}}]}}]}',
  '{"choices":[{"delta":{},"finish_reason":"stop"}]}',
  '{"candidates":[{"content":{"parts":[{"text":"a"},{"functionCall":{"name":"f","args":{"a":1}}}]}}]}',
  '{"candidates":[{"finishReason":"STOP"}]}',
  '{"promptFeedback":{"blockReason":"SAFETY"}}',
  '{"message":{"content":"a"},"done":false}',
  '{"message":{"tool_calls":[{"function":{"name":"f"}}]}}',
  '{"done":true}',
  '{"type":"response.created","response":{}}',
  '{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","call_id":"c"}}',
  '{"type":"response.output_text.delta","output_index":0,"delta":"a"}',
  '{"type":"response.output_item.done","output_index":0}',
  '{"type":"response.completed","response":{}}',
  '{"type":"response.failed","response":{"error":{"code":"server_error"}}}',
  '{"type":"response.reasoning_summary_text.delta","delta":"r"}',
  '{"text":"a"}',
)
export const garbage = fc.array(fc.oneof({ weight: 5, arbitrary: scraps }, fc.json({ maxDepth: 3 }), fc.string()), {
  maxLength: 14,
})
