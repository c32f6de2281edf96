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
import { garbage } from './strange.ts'
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
