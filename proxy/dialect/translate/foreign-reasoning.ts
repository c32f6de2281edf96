// Removes other vendors' reasoning from a request that goes out in its own dialect. A caller who was answered by
// another vendor before sends it back in our wrapping (signature.ts), and its dialect's own vendor would refuse the
// request for it. The only edit that a request without translation needs; found by one search of its bytes.
//
//   holdsForeignReasoning(bytes)  ->  withoutForeignReasoning(body, dialect)
import { Buffer } from 'node:buffer'
import { isObject, type JsonObject, type JsonValue } from '../neutral/json.ts'
import type { FormatName } from '../neutral/chat.ts'
import { WRAPPED_MARK } from '../neutral/signature.ts'

const WRAPPED_MARK_BYTES = Buffer.from(WRAPPED_MARK)

/** Cheap: asked for every request of a dialect that has signatures. */
export function holdsForeignReasoning(body: Buffer): boolean {
  return body.includes(WRAPPED_MARK_BYTES)
}

/** The same object without the blocks, parts and items that carry a wrapped signature. */
export function withoutForeignReasoning(body: JsonObject, format: FormatName): JsonObject {
  switch (format) {
    case 'Anthropic':
      return withList(body, 'messages', (message) =>
        unlessEmptied(message, withList(message, 'content', keepUnless('signature')), 'content'),
      )
    case 'OpenAIResponses':
      return withList(body, 'input', keepUnless('encrypted_content'))
    case 'Gemini':
      return withList(body, 'contents', (content) =>
        unlessEmptied(content, withList(content, 'parts', unsignedPart), 'parts'),
      )
    case 'OpenAIChat':
      return withList(body, 'messages', (message) => [
        withList(withoutReasoningText(message), 'tool_calls', unsignedCall),
      ])
    case 'Ollama':
    case 'Prompt':
      return body
  }
}

type Change = (item: JsonObject) => readonly JsonValue[]

function withList(holder: JsonObject, name: string, change: Change): JsonObject {
  const list = holder[name]
  if (!Array.isArray(list)) return holder
  return { ...holder, [name]: list.flatMap((item: JsonValue) => (isObject(item) ? change(item) : [item])) }
}

/** A turn of nothing but foreign reasoning goes as a whole: vendors refuse empty ones. */
function unlessEmptied(before: JsonObject, after: JsonObject, name: string): readonly JsonObject[] {
  const isEmpty = (list: JsonValue | undefined) => Array.isArray(list) && list.length === 0
  return isEmpty(after[name]) && !isEmpty(before[name]) ? [] : [after]
}

function isWrapped(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && value.startsWith(WRAPPED_MARK)
}

function keepUnless(name: string): Change {
  return (item) => (isWrapped(item[name]) ? [] : [item])
}

/** Thoughts go as a whole; of a call or a text only the signature was foreign. */
function unsignedPart(part: JsonObject): readonly JsonObject[] {
  const { thoughtSignature, ...rest } = part
  if (!isWrapped(thoughtSignature)) return [part]
  return part['thought'] === true ? [] : [rest]
}

/** Beside foreign signatures it is foreign too, and OpenAI knows no such member. */
function withoutReasoningText(message: JsonObject): JsonObject {
  const { reasoning_content: _reasoning, ...rest } = message
  return rest
}

/** The extension is Google's own, whose endpoint of this dialect needs what it signed itself. */
function unsignedCall(call: JsonObject): readonly JsonObject[] {
  const { extra_content: extra, ...rest } = call
  const google = isObject(extra) ? extra['google'] : undefined
  return isObject(google) && isWrapped(google['thought_signature']) ? [rest] : [call]
}
