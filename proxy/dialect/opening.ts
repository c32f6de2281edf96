// What the first events of a stream are: the part before the commit point. A call may still go to another target while
// all that has come is preamble, because nothing of it is lost when it is thrown away:
//
//   preamble   a role, an id, a ping, an empty text: says nothing yet
//   content    text, a tool call, a reason to finish, and whatever is not known: from here on it is the caller's
//   error      the provider gave up after status 200
//
// Reads offsets and builds nothing; asked for the few events before the commit point alone.
import type { Buffer } from 'node:buffer'
import type { Span } from '../exchange.ts'
import { readString, scanElements, scanMembers } from '../json/scan.ts'
import type { SourceEvent } from './framing.ts'

export type OpeningPart = 'preamble' | 'content' | 'error'
export type ReadOpening = (event: SourceEvent) => OpeningPart

/** By the format that the provider streams in. */
export const OPENINGS = {
  'openai-chat': readOpenAi,
  'openai-completions': readOpenAi,
  'openai-responses': readOpenAi,
  anthropic: readAnthropic,
  'gemini-sse': readGemini,
  'gemini-array': readGemini,
  ollama: readOllama,
  prompt: readPrompt,
} as const satisfies Readonly<Record<string, ReadOpening>>

type Names = readonly string[]

const ENVELOPE: Names = ['error', 'type', 'choices', 'item']
const CHOICE: Names = ['finish_reason', 'text', 'delta']
/** Members of a delta that say something. */
const DELTA: Names = [
  'content',
  'tool_calls',
  'function_call',
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'audio',
  'images',
]

/** Events of the responses format that precede any output. */
const RESPONSES_PREAMBLE: ReadonlySet<string> = new Set([
  'keepalive',
  'response.created',
  'response.queued',
  'response.in_progress',
  'response.content_part.added',
  'response.reasoning_summary_part.added',
])

/** Chat completions, completions and responses. */
function readOpenAi({ data }: SourceEvent): OpeningPart {
  const members = membersOf(data, wholeOf(data), ENVELOPE)
  // `[DONE]`, or a form that is not known.
  if (members === null) return 'content'
  const [error, type, choices, item] = members
  if (isTelling(data, error)) return 'error'
  if (type !== undefined) return readResponsesEvent(data, type, item)
  if (choices === undefined) return 'preamble'
  for (const choice of scanElements(data, choices)) {
    const [finishReason, text, delta] = membersOf(data, choice, CHOICE) ?? []
    if (isTelling(data, finishReason) || isTelling(data, text)) return 'content'
    if (holdsTelling(data, delta, DELTA)) return 'content'
  }
  return 'preamble'
}

function readResponsesEvent(data: Buffer, type: Span, item: Span | undefined): OpeningPart {
  const name = readString(data, type)
  if (name === null) return 'content'
  if (name === 'error' || name === 'response.failed') return 'error'
  if (name === 'response.output_item.added') return readOutputItem(data, item)
  return RESPONSES_PREAMBLE.has(name) ? 'preamble' : 'content'
}

/** A message and reasoning begin empty; a tool call does not. */
function readOutputItem(data: Buffer, item: Span | undefined): OpeningPart {
  const kind = item === undefined ? null : textOf(data, item, 'type')
  return kind === 'message' || kind === 'reasoning' ? 'preamble' : 'content'
}

/** Blocks of text and of thinking begin empty; a tool call does not. */
function readAnthropic({ data }: SourceEvent): OpeningPart {
  const [type, block] = membersOf(data, wholeOf(data), ['type', 'content_block']) ?? []
  switch (type === undefined ? null : readString(data, type)) {
    case 'error':
      return 'error'
    case 'ping':
    case 'message_start':
      return 'preamble'
    case 'content_block_start': {
      const kind = block === undefined ? null : textOf(data, block, 'type')
      return kind === 'text' || kind === 'thinking' ? 'preamble' : 'content'
    }
    default:
      return 'content'
  }
}

const GEMINI: Names = ['error', 'candidates', 'promptFeedback']

/** Chunks with nothing but numbers and empty texts come first; a blocked prompt has no candidates. */
function readGemini({ data }: SourceEvent): OpeningPart {
  const members = membersOf(data, wholeOf(data), GEMINI)
  if (members === null) return 'content'
  const [error, candidates, feedback] = members
  if (isTelling(data, error)) return 'error'
  if (holdsTelling(data, feedback, ['blockReason'])) return 'content'
  if (candidates === undefined) return 'preamble'
  for (const candidate of scanElements(data, candidates)) {
    const [reason, content] = membersOf(data, candidate, ['finishReason', 'content']) ?? []
    if (isTelling(data, reason)) return 'content'
    const [parts] = (content && membersOf(data, content, ['parts'])) ?? []
    if (parts !== undefined && holdsTellingPart(data, parts)) return 'content'
  }
  return 'preamble'
}

const PART: Names = ['text', 'functionCall', 'inlineData', 'executableCode', 'codeExecutionResult', 'fileData']

function holdsTellingPart(data: Buffer, parts: Span): boolean {
  for (const part of scanElements(data, parts)) if (holdsTelling(data, part, PART)) return true
  return false
}

function readOllama({ data }: SourceEvent): OpeningPart {
  const members = membersOf(data, wholeOf(data), ['error', 'done', 'message', 'response', 'thinking'])
  if (members === null) return 'content'
  const [error, done, message, response, thinking] = members
  if (isTelling(data, error)) return 'error'
  const isDone = done !== undefined && data[done.start] === LOWER_T
  const isTold = isTelling(data, response) || isTelling(data, thinking)
  return isDone || isTold || holdsTelling(data, message, OLLAMA_MESSAGE) ? 'content' : 'preamble'
}

const OLLAMA_MESSAGE: Names = ['content', 'thinking', 'tool_calls', 'images']

function readPrompt({ data }: SourceEvent): OpeningPart {
  const members = membersOf(data, wholeOf(data), ['error', 'text'])
  if (members === null) return 'content'
  if (isTelling(data, members[0])) return 'error'
  return members[1] === undefined || isTelling(data, members[1]) ? 'content' : 'preamble'
}

function textOf(data: Buffer, span: Span, name: string): string | null {
  const [value] = membersOf(data, span, [name]) ?? []
  return value === undefined ? null : readString(data, value)
}

function wholeOf(data: Buffer): Span {
  return { start: 0, end: data.length }
}

function membersOf(data: Buffer, span: Span, names: Names): readonly (Span | undefined)[] | null {
  return scanMembers(data, span, names)
}

function holdsTelling(data: Buffer, span: Span | undefined, names: Names): boolean {
  const members = span === undefined ? null : membersOf(data, span, names)
  return members?.some((member) => isTelling(data, member)) === true
}

const LOWER_N = 0x6e
const LOWER_T = 0x74

/** Neither absent, null, an empty text, an empty list nor an empty object. */
function isTelling(data: Buffer, span: Span | undefined): boolean {
  return span !== undefined && span.end - span.start > 2 && data[span.start] !== LOWER_N
}
