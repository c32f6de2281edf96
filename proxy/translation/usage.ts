// How many tokens an answer says that it took, whatever its dialect calls them: the object is found by a search of the
// answer's bytes and only it is read. A text cannot look like it, because the quotes in a text are escaped. Pure.
//
//   OpenAIChat, OpenAIResponses   "usage":{...}            the last one; chunks before it have null
//   Anthropic                     "usage":{...}            each one replaces what it names of those before it
//   Gemini                        "usageMetadata":{...}    the last one
//   Ollama                        members of the last line
//   Prompt                        says nothing
import { Buffer } from 'node:buffer'
import type { FormatName, Usage } from '../dialect/neutral/chat.ts'
import { Reading, type Field } from '../dialect/neutral/field.ts'
import type { JsonValue } from '../dialect/neutral/json.ts'
import { countUsage, toNeutral, type AnthropicUsage } from '../dialect/translate/anthropic/answer.ts'
import { readUsage as readGemini } from '../dialect/translate/gemini/answer.ts'
import { readUsage as readOpenAIChat } from '../dialect/translate/openai-chat/answer.ts'
import { readUsage as readOpenAIResponses } from '../dialect/translate/openai-responses/answer.ts'

/** No provider's is longer; what is, is none. */
export const MAX_USAGE_BYTES = 4096
/** Objects of one answer that are looked at, from the last one backwards. */
const MAX_LOOKED_AT = 8

const USAGE = Buffer.from('"usage"')
const USAGE_METADATA = Buffer.from('"usageMetadata"')
const INPUT_COUNT = Buffer.from('"prompt_eval_count"')
const OUTPUT_COUNT = Buffer.from('"eval_count"')

type FindUsage = (bytes: Buffer) => Usage | null

const FINDERS: Readonly<Record<FormatName, FindUsage>> = {
  // Embeddings are told as chats are.
  OpenAIChat: (bytes) => lastOf(bytes, USAGE, readOpenAIChat),
  OpenAIResponses: (bytes) => lastOf(bytes, USAGE, readOpenAIResponses),
  Anthropic: cumulative,
  Gemini: (bytes) => lastOf(bytes, USAGE_METADATA, readGemini),
  Ollama: ofLastLine,
  Prompt: () => null,
}

/** Of a whole answer, or of the parts of a stream that can hold it: its front (Anthropic's) and its end. */
export function usageOf(bytes: Buffer, format: FormatName): Usage | null {
  return FINDERS[format](bytes)
}

function lastOf(bytes: Buffer, name: Buffer, read: (usage: Field) => Usage | null): Usage | null {
  for (const field of objectsFromTheEnd(bytes, name)) {
    const usage = read(field)
    if (usage !== null) return usage
  }
  return null
}

function cumulative(bytes: Buffer): Usage | null {
  let counted: AnthropicUsage | null = null
  for (const field of [...objectsFromTheEnd(bytes, USAGE)].toReversed()) counted = countUsage(field, counted)
  return counted === null ? null : toNeutral(counted)
}

function* objectsFromTheEnd(bytes: Buffer, name: Buffer): Generator<Field> {
  let at = bytes.lastIndexOf(name)
  for (let looked = 0; at !== -1 && looked < MAX_LOOKED_AT; looked += 1) {
    const object = objectBehind(bytes, at + name.length)
    if (object !== null) yield new Reading().root(object)
    at = at === 0 ? -1 : bytes.lastIndexOf(name, at - 1)
  }
}

const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const COLON = 0x3a
const SPACE = 0x20

/** The object after a name and a colon; null: it is none, or it is not there whole. */
function objectBehind(bytes: Buffer, after: number): JsonValue | null {
  let at = after
  while (at < bytes.length && ((bytes[at] ?? 0) <= SPACE || bytes[at] === COLON)) at += 1
  if (bytes[at] !== OPEN_BRACE) return null
  const end = endOfObject(bytes, at)
  return end === null ? null : parsed(bytes.toString('utf8', at, end))
}

/** Strings in it are names of tiers and regions, without braces; one with a brace makes it unreadable, and no usage. */
function endOfObject(bytes: Buffer, start: number): number | null {
  let depth = 0
  for (let at = start; at < bytes.length && at - start < MAX_USAGE_BYTES; at += 1) {
    if (bytes[at] === OPEN_BRACE) depth += 1
    else if (bytes[at] === CLOSE_BRACE) depth -= 1
    if (depth === 0) return at + 1
  }
  return null
}

function parsed(text: string): JsonValue | null {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    // Not what it seemed to be: the answer does not say what it took.
    return null
  }
}

function ofLastLine(bytes: Buffer): Usage | null {
  const inputTokens = numberBehind(bytes, INPUT_COUNT)
  const outputTokens = numberBehind(bytes, OUTPUT_COUNT)
  if (inputTokens === null && outputTokens === null) return null
  return { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 }
}

const NUMBER = /^\s{0,8}:\s{0,8}(\d{1,12})/
const NUMBER_BYTES = 32

function numberBehind(bytes: Buffer, name: Buffer): number | null {
  const at = bytes.lastIndexOf(name)
  if (at === -1) return null
  const from = at + name.length
  const digits = NUMBER.exec(bytes.toString('latin1', from, from + NUMBER_BYTES))?.[1]
  return digits === undefined ? null : Number(digits)
}
