// Random chat requests and answers in the neutral form, for properties that must hold of every dialect, and the plain
// form in which two of them are compared: what a conversation says, without the ways of saying it.
import fc from 'fast-check'
import type { Feature } from '../../../../proxy/dialect/neutral/features.ts'
import type { AnswerContext } from '../../../../proxy/dialect/neutral/format.ts'
import { isObject, type JsonObject, type JsonValue } from '../../../../proxy/dialect/neutral/json.ts'
import type { ChatAnswer, ChatRequest, Part, Sampling, Tool, Turn } from '../../../../proxy/dialect/neutral/chat.ts'

/** How many times more cases than usual the fuzz tests run. */
export const FUZZ_FACTOR = Number(process.env['FUZZ_FACTOR'] ?? 1)

export function testContext(settings: Partial<AnswerContext> = {}): AnswerContext {
  let ids = 0
  return {
    model: 'asked-model',
    startedAtMs: 1_790_000_000_000,
    nowMs: () => 1_790_000_001_500,
    newId: (prefix) => `${prefix}${(ids += 1)}`,
    wantsStreamUsage: true,
    geminiFraming: 'sse',
    ollamaShape: 'chat',
    ...settings,
  }
}

const word = fc.constantFrom('alpha', 'beta', 'gamma delta', 'grüße 👋', '{"a": 1}', 'data: x\n\n', '"', ' ')
const name = fc.constantFrom('get_weather', 'search', 'add')
const json: fc.Arbitrary<JsonValue> = fc.jsonValue({ maxDepth: 2 }).map((value) => value as JsonValue)
const jsonObject: fc.Arbitrary<JsonObject> = fc.dictionary(fc.constantFrom('city', 'n', 'list'), json, {
  noNullPrototype: true,
  maxKeys: 3,
})
const argumentsText = jsonObject.map((value) => JSON.stringify(value))

const PNG = 'iVBORw0KGgoAAAANSUhEUg=='

const userPart: fc.Arbitrary<Part> = fc.oneof(
  { weight: 12, arbitrary: word.map((text): Part => ({ kind: 'text', text })) },
  {
    weight: 1,
    arbitrary: fc.constant<Part>({ kind: 'image', source: { kind: 'base64', mediaType: 'image/png', data: PNG } }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Part>({
      kind: 'image',
      source: { kind: 'url', url: 'https://example.com/a.png', mediaType: 'image/png' },
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Part>({
      kind: 'document',
      source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
    }),
  },
)

/** Calls and, in the next turn, their results. Ids are set when the turns are put together. */
const toolExchange = fc.record({
  said: fc.option(word),
  calls: fc.array(fc.record({ name, argumentsText, result: word, isError: fc.boolean(), hasImage: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
})

const exchange = fc.oneof(
  { weight: 2, arbitrary: fc.record({ user: fc.array(userPart, { minLength: 1, maxLength: 3 }), answer: word }) },
  {
    weight: 1,
    arbitrary: fc.record({ user: fc.array(userPart, { minLength: 1, maxLength: 2 }), tools: toolExchange }),
  },
)

const numbers = {
  maxTokens: fc.integer({ min: 20_000, max: 30_000 }),
  temperature: fc.constantFrom(0, 0.5, 1),
  topP: fc.constantFrom(0.1, 1),
  topK: fc.constantFrom(1, 40),
  minP: fc.constant(0.1),
  seed: fc.integer(),
  frequencyPenalty: fc.constant(0.5),
  presencePenalty: fc.constant(-0.5),
}
const stop = fc.constantFrom<readonly string[]>(['END'], ['a', 'b', 'c', 'd', 'e'])

/** Stop sequences are refused by some, so that most requests have none. */
const sampling: fc.Arbitrary<Sampling> = fc.oneof(
  { weight: 4, arbitrary: fc.record(numbers, { requiredKeys: [] }) },
  { weight: 1, arbitrary: fc.record({ ...numbers, stop }, { requiredKeys: ['stop'] }) },
)

const tool: fc.Arbitrary<Tool> = fc.record(
  {
    name: fc.constant('get_weather'),
    description: word,
    schema: fc.constant<JsonObject>({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }),
    isStrict: fc.constant(true),
  },
  { requiredKeys: ['name', 'schema'] },
)

const extras = fc.record(
  {
    toolChoice: fc.constantFrom<NonNullable<ChatRequest['toolChoice']>>(
      { kind: 'auto' },
      { kind: 'auto' },
      { kind: 'none' },
      { kind: 'required' },
      { kind: 'named', name: 'get_weather' },
    ),
    allowsParallelToolCalls: fc.boolean(),
    outputFormat: fc.constantFrom<NonNullable<ChatRequest['outputFormat']>>(
      { kind: 'jsonObject' },
      { kind: 'jsonSchema', name: 'answer', schema: { type: 'object', properties: {} } },
    ),
    reasoning: fc.constantFrom<NonNullable<ChatRequest['reasoning']>>({ effort: 'none' }, { effort: 'high' }),
    user: fc.constant('user-17'),
  },
  { requiredKeys: [] },
)

type Exchange = typeof exchange extends fc.Arbitrary<infer Value> ? Value : never

function turnsOf(exchanges: readonly Exchange[], isSigned: boolean): Turn[] {
  return exchanges.flatMap((one, at): Turn[] => {
    const user: Turn = { role: 'user', parts: one.user }
    if ('answer' in one) return [user, { role: 'assistant', parts: [{ kind: 'text', text: one.answer }] }]
    const { said, calls } = one.tools
    const text: Part[] = said === null ? [] : [{ kind: 'text', text: said }]
    const thought: Part[] = isSigned
      ? [{ kind: 'reasoning', text: 'hm', signature: { vendor: 'Anthropic', value: 'c2ln' } }]
      : []
    const image: Part & { kind: 'image' } = {
      kind: 'image',
      source: { kind: 'base64', mediaType: 'image/png', data: PNG },
    }
    return [
      user,
      {
        role: 'assistant',
        parts: [
          ...thought,
          ...text,
          ...calls.map((call, index): Part => ({
            kind: 'toolCall',
            id: `call_${at}_${index}`,
            name: call.name,
            argumentsText: call.argumentsText,
          })),
        ],
      },
      {
        role: 'user',
        parts: calls.map((call, index): Part => ({
          kind: 'toolResult',
          callId: `call_${at}_${index}`,
          parts: [{ kind: 'text', text: call.result }, ...(call.hasImage ? [image] : [])],
          ...(call.isError && { isError: true }),
        })),
      },
    ]
  })
}

export const requests: fc.Arbitrary<ChatRequest> = fc
  .record({
    system: fc.option(word),
    exchanges: fc.array(exchange, { maxLength: 3 }),
    last: fc.array(userPart, { minLength: 1, maxLength: 3 }),
    isSigned: fc.boolean(),
    isStreaming: fc.boolean(),
    tools: fc.array(tool, { maxLength: 1 }),
    sampling,
    extras,
  })
  .map(({ system, exchanges, last, isSigned, isStreaming, tools, sampling: chosen, extras: more }) => {
    const isCalling = exchanges.some((one) => 'tools' in one)
    const offered = tools.length === 0 && isCalling ? [{ name: 'get_weather', schema: { type: 'object' } }] : tools
    const { toolChoice, allowsParallelToolCalls, ...others } = more
    const request = {
      model: 'm',
      isStreaming,
      wantsStreamUsage: true,
      turns: [
        ...(system === null ? [] : [{ role: 'system' as const, parts: [{ kind: 'text' as const, text: system }] }]),
        ...turnsOf(exchanges, isSigned),
        { role: 'user' as const, parts: last },
      ],
      tools: offered,
      sampling: chosen,
      ...others,
      // Choices among no tools mean nothing, and no dialect keeps them.
      ...(offered.length > 0 && toolChoice !== undefined && { toolChoice }),
      ...(offered.length > 0 && allowsParallelToolCalls !== undefined && { allowsParallelToolCalls }),
      unknown: [],
      found: new Map<Feature, string>(),
    }
    return { ...request, found: new Map(featuresOf(request).map((feature) => [feature, feature])) }
  })

/** What a request asks for, read from its values: the second opinion on what the readers note. */
export function featuresOf(request: Omit<ChatRequest, 'found'>): Feature[] {
  const features = new Set<Feature>(Object.keys(request.sampling) as (keyof Sampling)[])
  if ((request.sampling.stop?.length ?? 0) > 4) features.add('manyStops')
  if (request.tools.length > 0) features.add('tools')
  if (request.tools.some(({ isStrict }) => isStrict === true)) features.add('toolStrict')
  const { kind } = request.toolChoice ?? { kind: 'auto' }
  if (kind === 'none') features.add('toolChoiceNone')
  if (kind === 'required') features.add('toolChoiceRequired')
  if (kind === 'named') features.add('toolChoiceNamed')
  if (request.allowsParallelToolCalls !== undefined) features.add('parallelToolCalls')
  if (request.outputFormat !== undefined) features.add(request.outputFormat.kind)
  if (request.reasoning !== undefined) features.add('reasoningEffort')
  if (request.user !== undefined) features.add('user')
  for (const { parts } of request.turns)
    for (const part of parts) for (const feature of featuresOfPart(part)) features.add(feature)
  return [...features]
}

function featuresOfPart(part: Part): readonly Feature[] {
  switch (part.kind) {
    case 'image':
      return [part.source.kind === 'url' ? 'imageUrl' : 'imageData']
    case 'document':
      return [part.source.kind === 'url' ? 'documentUrl' : 'documentData']
    case 'toolCall':
      return ['toolHistory']
    case 'toolResult': {
      const media = part.parts.flatMap(featuresOfPart)
      return [
        'toolHistory',
        ...(media.length > 0 ? ['toolResultMedia' as const] : []),
        ...media,
        ...(part.isError === true ? ['toolResultError' as const] : []),
      ]
    }
    case 'reasoning':
      return ['reasoningHistory']
    default:
      return []
  }
}

/** Order of names does not count, spelling of JSON text does not either. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value as JsonValue)) return value
  const entries = Object.entries(value as JsonObject).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(
    entries.toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]),
  )
}

const answerPart = fc.oneof(
  word.map((text) => ({ kind: 'text' as const, text })),
  fc.record({ kind: fc.constant('toolCall' as const), id: fc.constant(''), name, argumentsText }),
)

/** Answers as every dialect can give them: reasoning, then text, then calls. */
export const answers: fc.Arbitrary<ChatAnswer> = fc
  .record({
    reasoning: fc.option(word),
    parts: fc.array(answerPart, { maxLength: 4 }),
    stop: fc.constantFrom('end' as const, 'length' as const, 'contentFilter' as const),
    usage: fc.record({
      inputTokens: fc.integer({ min: 100, max: 1000 }),
      outputTokens: fc.integer({ min: 100, max: 1000 }),
    }),
  })
  .map(({ reasoning, parts, stop, usage }) => {
    const text = parts.map((part) => (part.kind === 'text' ? part.text : '')).join('')
    const calls = parts
      .filter((part) => part.kind === 'toolCall')
      .map((call, index) => ({ ...call, id: `call_${index}` }))
    return {
      id: 'answer-1',
      model: 'served-model',
      parts: [
        ...(reasoning === null ? [] : [{ kind: 'reasoning' as const, text: reasoning }]),
        ...(text === '' ? [] : [{ kind: 'text' as const, text }]),
        ...calls,
      ],
      stop: stop === 'end' && calls.length > 0 ? ('toolUse' as const) : stop,
      stopSequence: null,
      usage,
    }
  })
