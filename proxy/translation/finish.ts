// Why an answer ended, in the words of no dialect: found by a search of its bytes, which takes a fraction of what
// reading their structure does. Where a policy may follow from what was found (a filter, a limit), or a name stands in
// them more than once, the structure decides: what a tool is called with may look like a reason. Pure.
import { Buffer } from 'node:buffer'
import type { FormatName, StopReason } from '../dialect/neutral/chat.ts'
import { READ_STOPS as ANTHROPIC_STOPS } from '../dialect/translate/anthropic/names.ts'
import { READ_STOPS as GEMINI_STOPS } from '../dialect/translate/gemini/names.ts'
import { READ_STOPS as OLLAMA_STOPS } from '../dialect/translate/ollama/names.ts'
import { STOP_REASONS as OPENAI_STOPS } from '../dialect/translate/openai-chat/names.ts'
import type { StreamFormat } from '../dialect/stream-format.ts'
import type { FinishReason, Place, Span } from '../exchange.ts'
import { readString, scanElements, scanMembers } from '../json/scan.ts'
import type { DialectName } from '../table/schema.ts'
import { targetFormat } from './formats.ts'

interface FinishReader {
  /** Its member of the reason; null: the search alone is never enough. */
  readonly name: Buffer | null
  /** Null: the object does not say that the answer ends. */
  readonly inObject: (data: Buffer, span: Span) => FinishReason | null
  /** Null: nothing in these bytes says so. */
  readonly inTail: (tail: Buffer) => FinishReason | null
}

const FINISH_REASON = Buffer.from('"finish_reason"')
const STOP_REASON = Buffer.from('"stop_reason"')
const GEMINI_REASON = Buffer.from('"finishReason"')
const BLOCK_REASON = Buffer.from('"blockReason"')
const FUNCTION_CALL = Buffer.from('"functionCall"')
const DONE_REASON = Buffer.from('"done_reason"')
const DONE = Buffer.from('"done":true')
const TOOL_CALLS = Buffer.from('"tool_calls"')
const INCOMPLETE = Buffer.from('"incomplete_details"')
const REASON = Buffer.from('"reason"')

const READERS: Readonly<Record<FormatName, FinishReader>> = {
  OpenAIChat: {
    name: FINISH_REASON,
    inObject: ofChoices,
    inTail: (tail) => wordIn(tail, FINISH_REASON, OPENAI_STOPS),
  },
  OpenAIResponses: { name: null, inObject: ofResponse, inTail: inResponseTail },
  Anthropic: { name: STOP_REASON, inObject: ofMessage, inTail: (tail) => wordIn(tail, STOP_REASON, ANTHROPIC_STOPS) },
  Gemini: { name: GEMINI_REASON, inObject: ofCandidates, inTail: inGeminiTail },
  Ollama: { name: DONE_REASON, inObject: ofLine, inTail: inOllamaTail },
  // The end of the body is all that says it.
  Prompt: { name: null, inObject: () => null, inTail: () => null },
}

/** Reasons from which nothing follows but a count. */
const HARMLESS: ReadonlySet<FinishReason | null> = new Set(['stop', 'tool', 'unknown'])

/** What a target answers in; null: an operation whose answers no model has written. */
export function finishFormatOf({ operation, dialect }: Place, target: DialectName): FormatName | null {
  if (operation !== 'Chat' && operation !== 'Completion' && operation !== 'Response') return null
  const isOwn = target === 'OpenAI' && dialect.name === 'OpenAI'
  return isOwn && operation === 'Response' ? 'OpenAIResponses' : targetFormat(target).name
}

export const FORMAT_OF_STREAM: Readonly<Record<StreamFormat['name'], FormatName>> = {
  'openai-chat': 'OpenAIChat',
  'openai-responses': 'OpenAIResponses',
  anthropic: 'Anthropic',
  'gemini-sse': 'Gemini',
  'gemini-array': 'Gemini',
  ollama: 'Ollama',
  prompt: 'Prompt',
}

export function finishOfWhole(body: Buffer, format: FormatName): FinishReason | null {
  const { name, inTail, inObject } = READERS[format]
  const found = name === null ? null : inTail(body)
  const isSure = name !== null && HARMLESS.has(found) && body.indexOf(name) === body.lastIndexOf(name)
  return isSure ? found : inObject(body, { start: 0, end: body.length })
}

/** Null: the event does not say that the answer ends. */
export function finishOfEvent(data: Buffer, format: FormatName): FinishReason | null {
  const { inTail, inObject } = READERS[format]
  const found = inTail(data)
  return found === null || HARMLESS.has(found) ? found : inObject(data, { start: 0, end: data.length })
}

/** Of the last bytes of a stream, or of an answer that was too long to be held. */
export function finishOfTail(tail: Buffer, format: FormatName): FinishReason | null {
  return READERS[format].inTail(tail)
}

const BY_STOP: Readonly<Record<StopReason, FinishReason>> = {
  end: 'stop',
  stopSequence: 'stop',
  length: 'length',
  contextLength: 'length',
  toolUse: 'tool',
  contentFilter: 'filter',
  pause: 'stop',
  other: 'unknown',
}

type Words = Readonly<Record<string, StopReason>>

function byWord(word: string | null, words: Words): FinishReason {
  const stop = word !== null && Object.hasOwn(words, word) ? words[word] : undefined
  if (stop !== undefined) return BY_STOP[stop]
  // `error` of several gateways, MALFORMED_FUNCTION_CALL and its like of Gemini.
  return word !== null && /^error$|^MALFORMED|^UNEXPECTED/.test(word) ? 'error' : 'unknown'
}

/** Of several choices in one answer, the one that matters most to its reader. */
const WORST_FIRST: readonly FinishReason[] = ['filter', 'error', 'length', 'tool', 'unknown', 'stop']

function worst(one: FinishReason | null, other: FinishReason | null): FinishReason | null {
  return WORST_FIRST.find((reason) => reason === one || reason === other) ?? null
}

function ofChoices(data: Buffer, span: Span): FinishReason | null {
  const [choices] = membersOf(data, span, ['choices'])
  let reason: FinishReason | null = null
  for (const choice of elementsOf(data, choices)) {
    const [finish] = membersOf(data, choice, ['finish_reason'])
    if (isText(data, finish)) reason = worst(reason, byWord(readString(data, finish), OPENAI_STOPS))
  }
  return reason
}

/** A whole message has the reason itself, the event message_delta has it one level down. */
function ofMessage(data: Buffer, span: Span): FinishReason | null {
  const [whole, delta] = membersOf(data, span, ['stop_reason', 'delta'])
  const reason = whole ?? (delta === undefined ? undefined : membersOf(data, delta, ['stop_reason'])[0])
  return isText(data, reason) ? byWord(readString(data, reason), ANTHROPIC_STOPS) : null
}

/** A blocked prompt has no candidates. */
function ofCandidates(data: Buffer, span: Span): FinishReason | null {
  const [candidates, feedback] = membersOf(data, span, ['candidates', 'promptFeedback'])
  let reason: FinishReason | null = null
  for (const candidate of elementsOf(data, candidates)) {
    const [finish, content] = membersOf(data, candidate, ['finishReason', 'content'])
    if (!isText(data, finish)) continue
    const told = byWord(readString(data, finish), GEMINI_STOPS)
    reason = worst(reason, told === 'stop' && holdsCall(data, content) ? 'tool' : told)
  }
  if (reason !== null || feedback === undefined) return reason
  return isText(data, membersOf(data, feedback, ['blockReason'])[0]) ? 'filter' : null
}

function holdsCall(data: Buffer, content: Span | undefined): boolean {
  const [parts] = content === undefined ? [] : membersOf(data, content, ['parts'])
  for (const part of elementsOf(data, parts)) if (membersOf(data, part, ['functionCall'])[0] !== undefined) return true
  return false
}

/** The last line of a stream, or a whole answer. Servers of before say `done` alone. */
function ofLine(data: Buffer, span: Span): FinishReason | null {
  const [done, reason, message] = membersOf(data, span, ['done', 'done_reason', 'message'])
  if (done === undefined || data[done.start] !== LOWER_T) return null
  const told = isText(data, reason) ? byWord(readString(data, reason), OLLAMA_STOPS) : 'stop'
  const [calls] = message === undefined ? [] : membersOf(data, message, ['tool_calls'])
  return told === 'stop' && elementsOf(data, calls).next().done === false ? 'tool' : told
}

const RESPONSE: readonly string[] = ['status', 'incomplete_details', 'output', 'response', 'type']

/** The last event of a stream holds the whole response. */
function ofResponse(data: Buffer, span: Span): FinishReason | null {
  const [status, details, output, response, type] = membersOf(data, span, RESPONSE)
  if (type !== undefined && response !== undefined) return ofResponse(data, response)
  switch (status === undefined ? null : readString(data, status)) {
    case 'completed':
      return holdsFunctionCall(data, output) ? 'tool' : 'stop'
    case 'incomplete':
      return incomplete(data, details)
    case 'failed':
    case 'cancelled':
      return 'error'
    default:
      return null
  }
}

function incomplete(data: Buffer, details: Span | undefined): FinishReason {
  const [reason] = details === undefined ? [] : membersOf(data, details, ['reason'])
  return reason === undefined ? 'unknown' : byIncompleteWord(readString(data, reason))
}

function byIncompleteWord(word: string | null): FinishReason {
  if (word === 'max_output_tokens') return 'length'
  return word === 'content_filter' ? 'filter' : 'unknown'
}

/** Calls that the caller has to answer; those of built-in tools are the provider's own. */
const CALLER_CALLS: ReadonlySet<string | null> = new Set(['function_call', 'custom_tool_call'])

function holdsFunctionCall(data: Buffer, output: Span | undefined): boolean {
  for (const item of elementsOf(data, output)) {
    const [type] = membersOf(data, item, ['type'])
    if (type !== undefined && CALLER_CALLS.has(readString(data, type))) return true
  }
  return false
}

function inGeminiTail(tail: Buffer): FinishReason | null {
  const told = wordIn(tail, GEMINI_REASON, GEMINI_STOPS)
  if (told === null) return tail.includes(BLOCK_REASON) ? 'filter' : null
  return told === 'stop' && tail.includes(FUNCTION_CALL) ? 'tool' : told
}

function inOllamaTail(tail: Buffer): FinishReason | null {
  const told = wordIn(tail, DONE_REASON, OLLAMA_STOPS) ?? (tail.includes(DONE) ? 'stop' : null)
  return told === 'stop' && tail.includes(TOOL_CALLS) ? 'tool' : told
}

const RESPONSE_END = /"type": ?"response\.(completed|incomplete|failed)"/

/** The last event repeats the whole answer; its type comes first in it. */
function inResponseTail(tail: Buffer): FinishReason | null {
  const text = tail.toString('latin1')
  switch (RESPONSE_END.exec(text)?.[1]) {
    case 'completed':
      return /"type": ?"(?:function_call|custom_tool_call)"/.test(text) ? 'tool' : 'stop'
    case 'incomplete':
      return byIncompleteWord(lastWordIn(tail.subarray(tail.indexOf(INCOMPLETE)), REASON))
    case 'failed':
      return 'error'
    default:
      return null
  }
}

function wordIn(tail: Buffer, name: Buffer, words: Words): FinishReason | null {
  const word = lastWordIn(tail, name)
  return word === null ? null : byWord(word, words)
}

const VALUE = /^\s{0,8}:\s{0,8}"([^"\\]{1,64})"/
const MAX_VALUE_BYTES = 96

/** The last member of this name whose value is a text: chunks before it have null. */
function lastWordIn(tail: Buffer, name: Buffer): string | null {
  for (let at = tail.lastIndexOf(name); at !== -1; at = at === 0 ? -1 : tail.lastIndexOf(name, at - 1)) {
    const from = at + name.length
    const word = VALUE.exec(tail.toString('latin1', from, from + MAX_VALUE_BYTES))?.[1]
    if (word !== undefined) return word
  }
  return null
}

const QUOTE = 0x22
const LOWER_T = 0x74
const NO_MEMBERS: readonly (Span | undefined)[] = []

function membersOf(data: Buffer, span: Span, names: readonly string[]): readonly (Span | undefined)[] {
  return scanMembers(data, span, names) ?? NO_MEMBERS
}

function* elementsOf(data: Buffer, list: Span | undefined): Generator<Span> {
  if (list !== undefined) yield* scanElements(data, list)
}

function isText(data: Buffer, span: Span | undefined): span is Span {
  return span !== undefined && data[span.start] === QUOTE
}
