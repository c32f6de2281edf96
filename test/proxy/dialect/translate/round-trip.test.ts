// Requests there and back: whatever a caller asks in one dialect arrives in another, but for what the translation names.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JSON_INSTRUCTION } from '../../../../proxy/dialect/translate/anthropic/request-writer.ts'
import { CARRIES, fateOf, FORMATS } from '../../../../proxy/dialect/neutral/carries.ts'
import { effortOf } from '../../../../proxy/dialect/neutral/effort.ts'
import { FEATURES, type Feature } from '../../../../proxy/dialect/neutral/features.ts'
import { formatOf } from '../../../../proxy/dialect/translate/formats.ts'
import { argumentsObject, parseJson, writeJson } from '../../../../proxy/dialect/neutral/json-text.ts'
import type { JsonObject } from '../../../../proxy/dialect/neutral/json.ts'
import type { ChatRequest, FormatName, Part } from '../../../../proxy/dialect/neutral/chat.ts'
import { settle } from '../../../../proxy/dialect/translate/settle.ts'
import { readRequest, translateRequest } from '../../../../proxy/dialect/translate/translate-request.ts'
import { mediaOutOfResults, mergeTurns, splitSystem } from '../../../../proxy/dialect/neutral/turns.ts'
import { requests, sorted } from './arbitrary.ts'

/** Models that take whatever the dialect can say. */
const MODELS: Readonly<Record<FormatName, string>> = {
  OpenAIChat: 'open-model',
  OpenAIResponses: 'open-model',
  Anthropic: 'claude-sonnet-4-5',
  Gemini: 'gemini-2.5-flash',
  Ollama: 'gpt-oss:20b',
  Prompt: 'plain',
}

/** A body of this dialect that says as much of the request as it can; null when it can not say it at all. */
function bodyIn(format: FormatName, request: ChatRequest): JsonObject | null {
  const settled = settle(request, { from: 'OpenAIChat', to: format })
  if (settled.kind === 'refused') return null
  return formatOf(format).writeRequest(settled.request, { model: MODELS[format] }).body
}

function read(body: JsonObject, format: FormatName): ChatRequest {
  const parsed = parseJson(writeJson(body))
  if (parsed.kind === 'fault') throw new Error(parsed.sentence)
  const result = readRequest(parsed.value, format)
  if (result.kind === 'refused') throw new Error(`${format} cannot read what it wrote: ${result.sentence}`)
  return result.request
}

/** What was said, by whom, in which order; ids only as pairs; without what is named as dropped. */
function said(request: ChatRequest, lost: ReadonlySet<Feature>, to: FormatName): unknown {
  const { system, turns } = splitSystem(request.turns)
  const ids = new Map<string, number>()
  const idOf = (id: string) => ids.get(id) ?? ids.set(id, ids.size).size - 1
  const partSaid = (part: Part): unknown[] => {
    switch (part.kind) {
      case 'text':
      case 'refusal':
        return [{ text: part.text.replaceAll('\n', '') }]
      case 'toolCall':
        return [{ call: idOf(part.id), name: part.name, arguments: argumentsObject(part.argumentsText) }]
      case 'toolResult':
        return [
          {
            result: idOf(part.callId),
            said: joinTexts(part.parts.flatMap(partSaid)),
            isError: part.isError === true && !lost.has('toolResultError'),
          },
        ]
      case 'reasoning':
        return lost.has('reasoningHistory') ? [] : [{ reasoning: part.text, signature: part.signature?.value }]
      default:
        return [{ media: part.kind, source: part.source.kind === 'base64' ? part.source.data : part.source.url }]
    }
  }
  const isDropped = ([name]: readonly [string, unknown]) => !lost.has(name as Feature)
  // Ollama has no choice among tools: those that must not be called are not sent.
  const isUnsent = to === 'Ollama' && request.toolChoice?.kind === 'none'
  const tools = isUnsent ? [] : request.tools
  const hasTools = tools.length > 0
  const isCallable = hasTools && request.toolChoice?.kind !== 'none'
  return sorted({
    isStreaming: request.isStreaming,
    system: system.map(({ text }) => text).join('\n\n'),
    turns: mergeTurns(turns).map(({ role, parts }) => ({
      role,
      said: joinTexts(ordered(mediaOutOfResults(parts), to).flatMap(partSaid)),
    })),
    tools: tools.map(({ isStrict, ...tool }) => ({
      ...tool,
      isStrict: isStrict === true && !lost.has('toolStrict'),
    })),
    toolChoice: hasTools && request.toolChoice?.kind !== 'auto' && to !== 'Ollama' ? request.toolChoice : undefined,
    isSerial: isCallable && request.allowsParallelToolCalls === false && !lost.has('parallelToolCalls'),
    sampling: Object.fromEntries(Object.entries(request.sampling).filter(isDropped)),
    format: request.outputFormat?.kind === 'jsonSchema' ? request.outputFormat.schema : request.outputFormat?.kind,
    effort: lost.has('reasoningEffort') ? undefined : effortOf(request.reasoning ?? {}),
    user: lost.has('user') ? undefined : request.user,
  })
}

/** Ollama keeps images beside the text of a message, not among it. */
function ordered(parts: readonly Part[], to: FormatName): readonly Part[] {
  const isMedia = ({ kind }: Part) => kind === 'image'
  return to === 'Ollama' ? [...parts.filter((part) => !isMedia(part)), ...parts.filter(isMedia)] : parts
}

function joinTexts(parts: readonly unknown[]): unknown[] {
  const joined: unknown[] = []
  for (const part of parts as { text?: string }[]) {
    const last = joined.at(-1) as { text?: string } | undefined
    if (part.text !== undefined && last?.text !== undefined) joined[joined.length - 1] = { text: last.text + part.text }
    else joined.push(part)
  }
  return joined.filter((part) => (part as { text?: string }).text !== '')
}

const chats = FORMATS.filter((format) => format !== 'Prompt')
const pairs = chats.flatMap((from) => chats.filter((to) => to !== from).map((to) => [from, to] as const))

test.each(pairs)('%s -> %s: what is not named as dropped arrives', (from, to) => {
  const outcomes = { carried: 0, refused: 0 }
  fc.assert(
    fc.property(requests, (request) => {
      const body = bodyIn(from, request)
      if (body === null) return
      const asked = read(body, from)
      const settings = { from, to, model: MODELS[to], isStreaming: request.isStreaming }
      const translated = translateRequest(JSON.parse(JSON.stringify(body)), settings)
      const refused = [...asked.found.keys()].filter((feature) => fateOf(feature, to) === 'refused')
      if (translated.kind === 'refused') {
        if (refused.length === 0) throw new Error(`Refused without a row that says so: ${translated.sentence}`)
        outcomes.refused += 1
        return
      }
      expect(refused).toEqual([])
      outcomes.carried += 1
      const arrived = { ...read(translated.body, to), isStreaming: request.isStreaming }
      const lost = new Set(
        [...asked.found].filter(([, field]) => translated.dropped.includes(field)).map(([feature]) => feature),
      )
      const expected = said({ ...asked, isStreaming: request.isStreaming }, lost, to)
      expect(withoutDefaults(said(arrived, lost, to), expected, to)).toEqual(adapted(expected, to))
    }),
    { numRuns: 60 },
  )
  expect(outcomes.carried).toBeGreaterThan(5)
})

/** Anthropic needs a limit: one that the caller did not set is ours. */
function withoutDefaults(arrived: unknown, expected: unknown, to: FormatName): unknown {
  const { sampling, ...others } = arrived as { sampling: Record<string, unknown> }
  const { maxTokens, ...rest } = sampling
  const hasLimit = 'maxTokens' in (expected as { sampling: object }).sampling
  return to === 'Anthropic' && !hasLimit
    ? { ...others, sampling: rest }
    : { ...others, sampling: { ...rest, ...(maxTokens !== undefined && { maxTokens }) } }
}

/** The table's notes: JSON mode as a sentence, tools that must not be called not sent. */
function adapted(expected: unknown, to: FormatName): unknown {
  const asked = expected as {
    format?: string
    system: string
    tools: unknown[]
    toolChoice?: { kind: string }
    effort?: string
  }
  const { format, ...others } = asked
  if (to === 'Anthropic' && format === 'jsonObject') {
    return { ...others, system: [asked.system, JSON_INSTRUCTION].filter((text) => text !== '').join('\n\n') }
  }
  return asked
}

test.each(chats)('%s: the reader notes exactly what a request asks for', (format) => {
  fc.assert(
    fc.property(requests, (request) => {
      const settled = settle(request, { from: 'OpenAIChat', to: format })
      if (settled.kind === 'refused') return
      const { body, dropped = [] } = formatOf(format).writeRequest(settled.request, { model: MODELS[format] })
      const carried = [...request.found.keys()].filter(
        (feature) =>
          fateOf(feature, format) === 'carried' && !dropped.includes(feature) && !settled.dropped.includes(feature),
      )
      const noted = [...read(body, format).found.keys()]
      expect(carried.filter((feature) => !noted.includes(feature) && !ADAPTED.has(feature))).toEqual([])
      const implied = noted.filter((feature) => !request.found.has(feature) && feature !== 'maxTokens')
      expect(implied).toEqual([])
    }),
    { numRuns: 120 },
  )
})

/** Carried in another shape, so that the reader of the target does not meet them again. */
const ADAPTED = new Set<Feature>([
  'toolResultMedia',
  'jsonObject',
  'toolChoiceNone',
  'tools',
  'toolStrict',
  'reasoningHistory',
  'parallelToolCalls',
])

test('every feature has a row, and every row names only formats that exist', () => {
  const named = Object.values(CARRIES).flatMap(({ by }) => [...by])
  expect(named.filter((format) => !FORMATS.includes(format))).toEqual([])
  expect(Object.keys(CARRIES).toSorted()).toEqual(Object.keys(FEATURES).toSorted())
})
