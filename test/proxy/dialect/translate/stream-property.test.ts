// Streams of any answer, between any two dialects, cut anywhere: the caller reads what it would have read without
// streaming. And streams of any garbage: the caller gets a whole stream with one end, or one error.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FORMATS } from '../../../../proxy/dialect/neutral/carries.ts'
import { formatOf } from '../../../../proxy/dialect/translate/formats.ts'
import { parseJson, parseReply, writeJson } from '../../../../proxy/dialect/neutral/json-text.ts'
import { isObject } from '../../../../proxy/dialect/neutral/json.ts'
import type { ChatAnswer, FormatName } from '../../../../proxy/dialect/neutral/chat.ts'
import { translateAnswer } from '../../../../proxy/dialect/translate/translate-answer.ts'
import { StreamTranslator } from '../../../../proxy/dialect/translate/stream-translator.ts'
import { cut, sizes } from '../framing.ts'
import { answers, FUZZ_FACTOR, sorted, testContext } from './arbitrary.ts'
import { eventsOf, foldBytes, framingOf, readStream, translateStream, writeStream } from './streams.ts'

const chats = FORMATS.filter((format) => format !== 'Prompt')
const pairs = chats.flatMap((from) => chats.filter((to) => to !== from).map((to) => [from, to] as const))

function readWhole(format: FormatName, bytes: Buffer): ChatAnswer | null {
  const parsed = parseReply(bytes)
  return parsed.kind === 'json' && isObject(parsed.value)
    ? formatOf(format).readAnswer(parsed.value, testContext())
    : null
}

/** Ids differ between two answers, and JSON text in its spelling. */
function comparable(answer: ChatAnswer | null): unknown {
  if (answer === null) return null
  const parts = answer.parts.map((part) => {
    if (part.kind !== 'toolCall') return part
    return { ...part, id: '', argumentsText: sorted(JSON.parse(part.argumentsText)) }
  })
  return sorted({ ...answer, id: '', parts })
}

test.each(pairs)('%s -> %s: a stream says what the answer without streaming says', (from, to) => {
  fc.assert(
    fc.property(answers, sizes, fc.boolean(), (answer, cuts, isArray) => {
      const context = testContext({ geminiFraming: isArray ? 'jsonArray' : 'sse' })
      const provided = writeStream(from, eventsOf(answer), context)
      const streamed = foldBytes(to, translateStream(cut(provided, cuts), { from, to }, context), context)
      const whole = translateAnswer(writeJson(formatOf(from).writeAnswer(answer, context)), { from, to }, context)
      expect(whole.kind).toBe('answer')
      const read = whole.kind === 'answer' ? readWhole(to, whole.body) : null
      expect(streamed.kind === 'answer' ? comparable(streamed.answer) : streamed).toEqual(comparable(read))
    }),
    { numRuns: 30 },
  )
})

test.each(chats)('%s: an answer written and read back is the same answer', (format) => {
  fc.assert(
    fc.property(answers, (answer) => {
      const written = writeJson(formatOf(format).writeAnswer(answer, testContext()))
      const { usage } = readWhole(format, written) ?? {}
      const read = comparable(readWhole(format, written)) as object
      const expected = comparable(answer) as object
      expect({ ...read, usage: null }).toEqual({ ...expected, usage: null })
      expect(usage).toMatchObject(answer.usage ?? {})
    }),
    { numRuns: 100 },
  )
})

const scraps = fc.constantFrom(
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
const garbage = fc.array(fc.oneof({ weight: 5, arbitrary: scraps }, fc.json({ maxDepth: 3 }), fc.string()), {
  maxLength: 14,
})

test.each(FORMATS)('%s: whatever the provider sends, callers get one whole stream with one end', (from) => {
  fc.assert(
    fc.property(garbage, fc.constantFrom(...FORMATS), fc.boolean(), (texts, to, isArray) => {
      const context = testContext({ geminiFraming: isArray ? 'jsonArray' : 'sse', wantsStreamUsage: isArray })
      const translator = new StreamTranslator({ from, to }, context)
      const bytes = Buffer.concat([
        ...texts.flatMap((text) => [...translator.push({ name: null, data: Buffer.from(text) })]),
        ...translator.end(),
      ])
      expect(translator.hasEnded).toBe(true)
      const framing = framingOf(to, context)
      const events = [...framing.push(bytes), ...framing.end()]
      expect(framing.fault).toBe(null)
      const unparsed = events.filter(({ data }) => data.toString() !== '[DONE]' && parseJson(data).kind === 'fault')
      expect(unparsed).toEqual([])
      const ends = readStream(to, bytes, context).filter(({ kind }) => kind === 'end' || kind === 'error')
      expect(ends).toHaveLength(1)
      expect(translator.push({ name: null, data: Buffer.from('{"text":"late"}') })).toEqual([])
    }),
    { numRuns: 250 * FUZZ_FACTOR },
  )
})
