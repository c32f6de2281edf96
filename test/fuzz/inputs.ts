// Bytes to throw at parsers: texts that are nearly right, changed in a few places, and bytes of no meaning at all.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { likely, scraps } from '../proxy/dialect/translate/strange.ts'

const REQUESTS = [
  '{"model":"m","messages":[{"role":"user","content":"hello"}],"stream":true,"max_tokens":12}',
  '{"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a\\ud83d"}]}]}',
  '{"contents":[{"parts":[{"text":"a"}]}],"generationConfig":{"maxOutputTokens":5},"requests":[{"model":"models/m"}]}',
  '{"prompt":"a","model_type":"m","user":"u","metadata":{"user_id":"u"}}',
  '{"model":"m","prompt":"a","options":{"num_predict":-1},"prompt_cache_key":"k"}',
]
const STREAMS = [
  'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: [DONE]\n\n',
  'event: message_start\r\ndata: {"type":"message_start"}\r\n\r\nevent: error\r\ndata: {"type":"error"}\r\n\r\n',
  ': comment\rdata:{"candidates":[{"finishReason":"STOP"}]}\r\rid: 7\rdata: a\rdata: b\r\r',
  '\u00ef\u00bb\u00bfdata: x\n\n',
  '[{"candidates":[{"content":{"parts":[{"text":"[{\\"}]"}]}}]}\n,\r\n{"error":{"code":429}}]\n',
  '{"message":{"content":"a"},"done":false}\n\n{"done":true,"done_reason":"stop"}\r\n{"error":"x"}',
]
const ERRORS = [
  '{"error":{"message":"no credit","type":"insufficient_quota","code":"insufficient_quota"}}',
  '[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"RetryInfo","retryDelay":"3.5s"}]}}]',
  '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
  '<html><title>502</title>',
  '{"error":"context length exceeded"}',
]

const bytesOf = (texts: readonly string[]) => fc.constantFrom(...texts).map((text) => Buffer.from(text, 'latin1'))

const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  '\n',
  '\r',
  '\r\n\r\n',
  'data:',
  '[DONE]',
  '\u0000',
  '\u00ff',
  '1e999',
]

interface Change {
  readonly at: number
  readonly remove: number
  readonly insert: string
}

const changes: fc.Arbitrary<readonly Change[]> = fc.array(
  fc.record({ at: fc.nat({ max: 400 }), remove: fc.nat({ max: 6 }), insert: fc.constantFrom('', ...TOKENS) }),
  { maxLength: 6 },
)

function changed(bytes: Buffer, edits: readonly Change[]): Buffer {
  return edits.reduce((text, { at, remove, insert }) => {
    const start = Math.min(at, text.length)
    return Buffer.concat([text.subarray(0, start), Buffer.from(insert, 'latin1'), text.subarray(start + remove)])
  }, bytes)
}

/** One of the texts, changed in a few places. */
export const nearly = (texts: readonly string[]) =>
  fc.tuple(bytesOf(texts), changes).map(([text, edits]) => changed(text, edits))
const meaningless = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
const randomJson = likely.map((value) => Buffer.from(JSON.stringify(value)))

export const requestBytes = fc.oneof(
  { weight: 6, arbitrary: nearly(REQUESTS) },
  { weight: 2, arbitrary: randomJson },
  meaningless,
)
export const errorBytes = fc.oneof(
  { weight: 6, arbitrary: nearly(ERRORS) },
  { weight: 2, arbitrary: randomJson },
  meaningless,
)
export const streamBytes = fc.oneof(
  { weight: 6, arbitrary: nearly(STREAMS) },
  {
    weight: 3,
    arbitrary: fc
      .array(
        fc.tuple(
          fc.constantFrom('data: ', 'event: x\ndata: ', ''),
          scraps,
          fc.constantFrom('\n\n', '\r\n\r\n', '\n', '\r\r'),
        ),
        { maxLength: 8 },
      )
      .map((events) => Buffer.from(events.flat().join(''))),
  },
  meaningless,
)

/** Sizes of pieces, used over and over. */
export const pieceSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })

export function inPieces(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const size = sizes[pieces.length % sizes.length] ?? 1
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}
