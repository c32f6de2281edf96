// Short questions of one turn, with the same instructions and parameters, as one structured request
// (chat-questions.ts), where the rule's owner has asked for it. In the caller's dialect both ways; another target's is
// the pipeline's work.
//
// Never: streams, tools, images, several answers, formats of the answer, stop sequences, seeds, earlier turns, parts of
// a request that no reader knows, calls in which something was masked, texts that are long.
import { Buffer } from 'node:buffer'
import type { AnswerPart, ChatAnswer, ChatRequest, FormatName, Turn, Usage } from '../dialect/neutral/chat.ts'
import type { Feature } from '../dialect/neutral/features.ts'
import type { AnswerContext } from '../dialect/neutral/format.ts'
import { parseJson, parseReply, writeJson } from '../dialect/neutral/json-text.ts'
import { isObject } from '../dialect/neutral/json.ts'
import { formatOf } from '../dialect/translate/formats.ts'
import { readRequest } from '../dialect/translate/translate-request.ts'
import type { Call } from '../exchange.ts'
import { callerFormat } from '../translation/formats.ts'
import { answersIn, FRAME_TOKENS, INSTRUCTIONS, mostTokensOf, newMarks, questionOf } from './chat-questions.ts'
import type { Batchable, BatchForm, BatchPart, Circumstances, FormDeps } from './form.ts'
import { tokensOfText } from './input-list.ts'
import { sharesOf } from './shares.ts'

/** Of a request that may share one. */
const MAX_REQUEST_BYTES = 64 * 1024

/** What a request may ask for beside its question. */
const ALLOWED: ReadonlySet<Feature> = new Set<Feature>([
  'frequencyPenalty',
  'maxTokens',
  'minP',
  'presencePenalty',
  'reasoningEffort',
  'systemText',
  'temperature',
  'topK',
  'topP',
  'user',
])

export const chatQuestions: BatchForm = { name: 'chat', read, write, split }

function read(call: Call, { attempts, rule, isMasked }: Circumstances, { random }: FormDeps): Batchable | null {
  const format = formatFor(call)
  const isTold = attempts.every(({ target }) => target.dialect !== 'Prompt')
  if (format === null || isMasked || !isTold || call.received.body.length > MAX_REQUEST_BYTES) return null
  const request = requestOf(call.received.body, format)
  const question = request === null ? null : questionIn(request)
  if (request === null || question === null) return null
  const tokens = tokensOfText(Buffer.from(question))
  if (tokens > (rule.chat?.maxQuestionTokens ?? 0)) return null
  const marks = newMarks(random)
  const instructions = request.turns.slice(0, -1)
  const { sampling, reasoning = null, user = null } = request
  return {
    form: chatQuestions,
    sameness: JSON.stringify([instructions, sampling, reasoning, user]),
    items: [questionOf(question, marks)],
    tokens: [tokens + FRAME_TOKENS],
    answersPerItem: 1,
    marks,
    maxTokens: sampling.maxTokens ?? null,
  }
}

function formatFor({ received: { place } }: Call): FormatName | null {
  const format = place.operation === 'Chat' ? callerFormat(place) : null
  return format === 'Prompt' ? null : format
}

/** Null: something in it belongs to this call alone, or cannot be read. */
function requestOf(body: Buffer, format: FormatName): ChatRequest | null {
  const parsed = parseJson(body)
  const read = parsed.kind === 'fault' ? null : readRequest(parsed.value, format)
  if (read === null || read.kind === 'refused') return null
  const { request } = read
  const { found, unknown, tools, outputFormat, sampling } = request
  const isPlain = [...found.keys()].every((feature) => ALLOWED.has(feature)) && unknown.length === 0
  const isFree = tools.length === 0 && outputFormat === undefined
  const isShared = sampling.seed === undefined && (sampling.stop ?? []).length === 0
  return isPlain && isFree && isShared ? request : null
}

/** Null: there is more than instructions and one text. */
function questionIn({ turns }: ChatRequest): string | null {
  const last = turns.at(-1)
  const before = turns.slice(0, -1)
  const isInstructed = before.every((turn) => turn.role !== 'user' && turn.role !== 'assistant' && isText(turn))
  if (last?.role !== 'user' || !isText(last) || !isInstructed) return null
  const text = last.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('\n')
  return text.trim() === '' ? null : text
}

function isText({ parts }: Turn): boolean {
  return parts.length > 0 && parts.every((part) => part.kind === 'text' && part.signature === undefined)
}

function write(parts: readonly Batchable[], call: Call) {
  const { place, body } = call.received
  const format = formatFor(call)
  const request = format === null ? null : requestOf(body, format)
  if (format === null || request === null) throw new Error('a call that cannot be merged was put into a batch')
  const questions = parts.flatMap(({ items }) => items.map(String)).join(',')
  const { maxTokens } = request.sampling
  const instructions: Turn = { role: 'system', parts: [{ kind: 'text', text: INSTRUCTIONS }] }
  const asked: Turn = { role: 'user', parts: [{ kind: 'text', text: `{"questions":[${questions}]}` }] }
  const merged: ChatRequest = {
    ...request,
    turns: [...request.turns.slice(0, -1), instructions, asked],
    outputFormat: { kind: 'jsonObject' },
    sampling: {
      ...request.sampling,
      ...(maxTokens !== undefined && { maxTokens: parts.length * (maxTokens + FRAME_TOKENS) + FRAME_TOKENS }),
    },
  }
  const written = formatOf(format).writeRequest(merged, { model: call.model })
  return { place, body: writeJson(written.body) }
}

function split(body: Buffer, parts: readonly BatchPart[], deps: FormDeps): readonly (Buffer | null)[] | null {
  const [first] = parts
  const format = first === undefined ? null : formatFor(first.call)
  const parsed = parseReply(body)
  if (first === undefined || format === null || parsed.kind === 'fault' || !isObject(parsed.value)) return null
  const answer = formatOf(format).readAnswer(parsed.value, contextOf(first.call, deps))
  const text = answer === null ? null : textIn(answer.parts)
  if (answer === null || text === null) return null
  const marks = parts.map(({ batchable }) => batchable.marks ?? { begin: '', end: '' })
  const answers = answersIn(text, marks).map((said, position) => fitting(said, parts[position]))
  if (answers.every((said) => said === null)) return null
  const usages = usagesOf(answer, parts, answers)
  return parts.map(({ call }, position) => {
    const said = answers[position] ?? null
    if (said === null) return null
    const own: ChatAnswer = {
      ...answer,
      id: null,
      parts: [{ kind: 'text', text: said }],
      stop: 'end',
      usage: usages?.[position] ?? null,
    }
    return writeJson(formatOf(format).writeAnswer(own, contextOf(call, deps)))
  })
}

/** Null: there is more than text, which could not be divided. */
function textIn(parts: readonly AnswerPart[]): string | null {
  return parts.every(({ kind }) => kind === 'text')
    ? parts.map((part) => ('text' in part ? part.text : '')).join('')
    : null
}

/** An answer that might be longer than its caller allowed would have been cut off. */
function fitting(said: string | null, part: BatchPart | undefined): string | null {
  const limit = part?.batchable.maxTokens ?? null
  return said !== null && limit !== null && mostTokensOf(said) > limit ? null : said
}

/** What was asked is shared by the questions, what was answered by the answers; the answers that are lost cost too. */
function usagesOf(
  { usage }: ChatAnswer,
  parts: readonly BatchPart[],
  answers: readonly (string | null)[],
): readonly Usage[] | null {
  if (usage === null) return null
  const asked = parts.map(({ batchable }) => batchable.tokens[0] ?? 1)
  const answered = answers.map((said) => FRAME_TOKENS + (said ?? '').length)
  const shares = Object.entries(usage).map(([name, total]) => {
    const isOfAnswer = name === 'outputTokens' || name === 'reasoningTokens'
    return [name, sharesOf(total, isOfAnswer ? answered : asked)] as const
  })
  return parts.map((_, position) => {
    const own = Object.fromEntries(shares.map(([name, list]) => [name, list[position] ?? 0]))
    return { ...own, inputTokens: own['inputTokens'] ?? 0, outputTokens: own['outputTokens'] ?? 0 }
  })
}

function contextOf({ model, received }: Call, { now, random }: FormDeps): AnswerContext {
  return {
    model,
    startedAtMs: received.receivedAtMs,
    nowMs: now,
    newId: (prefix) => prefix + Array.from({ length: 24 }, () => Math.floor(random() * 36).toString(36)).join(''),
    wantsStreamUsage: false,
    geminiFraming: 'sse',
    ollamaShape: 'chat',
  }
}
