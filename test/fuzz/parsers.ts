// Every parser of the proxy that reads bytes from outside, each with what must be true whatever the bytes are. That
// none throws goes without saying: a property that throws has failed. run.ts says how many cases each one gets.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { Caller } from '../../proxy/caller.ts'
import { conversationOf } from '../../proxy/dialect/conversation.ts'
import { anthropicStream } from '../../proxy/dialect/anthropic.ts'
import { EventGuard } from '../../proxy/dialect/event-guard.ts'
import type { FramingReader } from '../../proxy/dialect/framing.ts'
import { geminiArrayStream, geminiSseStream } from '../../proxy/dialect/gemini-stream.ts'
import { FORMATS } from '../../proxy/dialect/neutral/carries.ts'
import { parseJson, parseReply } from '../../proxy/dialect/neutral/json-text.ts'
import { ollamaStream } from '../../proxy/dialect/ollama.ts'
import { openAiChatStream } from '../../proxy/dialect/openai-chat.ts'
import { openAiResponsesStream } from '../../proxy/dialect/openai-responses.ts'
import { promptStream } from '../../proxy/dialect/prompt.ts'
import { recognise } from '../../proxy/dialect/recognise.ts'
import { createReader } from '../../proxy/dialect/stream-reader.ts'
import { StreamTranslator } from '../../proxy/dialect/translate/stream-translator.ts'
import { translateAnswer, translateError } from '../../proxy/dialect/translate/translate-answer.ts'
import { decodeSmall } from '../../proxy/encoding/small-body.ts'
import type { Failure } from '../../proxy/errors.ts'
import type { Received } from '../../proxy/exchange.ts'
import { scanElements, scanMembers, scanObject } from '../../proxy/json/scan.ts'
import { spliceAll } from '../../proxy/json/splice.ts'
import { parseFromOperator, parseFromProxy } from '../../proxy/table/messages.ts'
import { parseTable } from '../../proxy/table/schema.ts'
import { withoutForeignThoughts } from '../../proxy/translation/foreign-thoughts.ts'
import { classifyError } from '../../proxy/upstream/classify.ts'
import { toAnswerHeaders, toUpstreamHeaders } from '../../proxy/upstream/headers.ts'
import { createPreamble } from '../../proxy/upstream/preamble.ts'
import { askedWaitMs } from '../../proxy/upstream/retry-after.ts'
import { testContext } from '../proxy/dialect/translate/arbitrary.ts'
import { likely, wrongs } from '../proxy/dialect/translate/strange.ts'
import { judgesRequests, readsEntries, sharesSpellings, tellsRequestsApart } from './cache.ts'
import { dividesAnswers, readsInputs, tellsAnswersApart } from './batches.ts'
import { detects, restoresDocuments, restoresStreams, walks } from './redaction.ts'
import { errorBytes, inPieces, pieceSizes, requestBytes, streamBytes } from './inputs.ts'
import { readsAnswers } from './wire.ts'

export interface FuzzedParser {
  readonly name: string
  /** Its share of all cases. */
  readonly weight: number
  readonly property: fc.IRawProperty<unknown, false>
}

const STREAM_FORMATS = [
  openAiChatStream,
  openAiResponsesStream,
  anthropicStream,
  geminiSseStream,
  geminiArrayStream,
  ollamaStream,
  promptStream,
]
const streamFormat = fc.constantFrom(...STREAM_FORMATS)
const format = fc.constantFrom(...FORMATS)
const URLS = [
  '/v1/chat/completions',
  '/openai/v1/responses',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/messages',
  '/anthropic/messages/count_tokens',
  '/v1beta/models/m:generateContent',
  '/v1beta/tunedModels/m%2f..:streamGenerateContent?alt=sse&key=x',
  '/v1beta/models/%zz:batchEmbedContents',
  '/api/chat',
  '/ollama/api/generate',
  '/prompt',
]

function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what)
}

function receivedAt(url: string, body: Buffer): Received {
  const place = recognise('POST', url, ['x-api-key', 'k'])
  const original = { read: body, sent: body }
  return {
    id: 'x',
    method: 'POST',
    place,
    rawHeaders: ['x-stream', 'true'],
    body,
    original,
    receivedAtMs: 0,
    caller: new Caller(),
  }
}

function readsCall(url: string, body: Buffer): void {
  const received = receivedAt(url, body)
  const call = received.place.endpoint?.readCall?.(received) ?? null
  if (call === null || call.kind === 'failure') return
  conversationOf(call)
  withoutForeignThoughts(body, received.place)
  const edits = call.modelPlaces.map(({ span, before, after }) => ({
    span,
    text: Buffer.from(`${before}new"`.slice(0, -1) + after),
  }))
  const edited = spliceAll(body, edits)
  const parsed = parseReply(body)
  if (parsed.kind === 'json') check(parseReply(edited).kind === 'json', 'a model was written into broken JSON')
}

function scans(body: Buffer): void {
  const scan = scanObject(body, ['model', 'messages', 'stream'])
  if (scan.kind === 'fault') {
    const parsed = parseReply(body)
    check(
      parsed.kind === 'fault' || typeof parsed.value !== 'object' || !isPlain(parsed.value),
      `refused: ${scan.expected}`,
    )
  }
  if (scan.kind !== 'members') return
  for (const span of scan.spans) {
    if (span === undefined) continue
    check(span.start < span.end && span.end <= body.length, 'a span beyond the text')
    scanMembers(body, span, ['role', 'content'])
    Array.from(scanElements(body, span))
  }
}

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textsOf(reader: FramingReader, pieces: readonly Buffer[]): string {
  const events = [...pieces.flatMap((piece) => [...reader.push(piece)]), ...reader.end()]
  return JSON.stringify([reader.fault?.code ?? null, events.map(({ name, data }) => [name, data.toString('latin1')])])
}

/** The pieces, through a guard, to a caller; how it ended, once. */
function guards(name: (typeof STREAM_FORMATS)[number], pieces: readonly Buffer[], fault: Failure | null): void {
  let heard = ''
  let ends = 0
  const guard = new EventGuard({ start: () => {}, resume: () => {}, abandon: () => {} }, name)
  guard.start({
    write: (chunk) => ((heard += chunk.toString('latin1')), true),
    end: () => (ends += 1),
    cut: () => (ends += 1),
  })
  for (const piece of pieces) guard.write(piece)
  if (fault === null) guard.end(null)
  else guard.cut(fault)
  const sent = Buffer.concat(pieces).toString('latin1')
  check(ends === 1, `ended ${ends} times`)
  const isTold = heard.includes(CUT.message) || heard.includes('The provider ended the stream')
  check(isTold || sent.startsWith(heard), 'bytes were changed on the way')
}

const CUT: Failure = { kind: 'failure', code: 'stream_cut', message: 'cut by the test' }
const header = fc.constantFrom(
  'connection',
  'Connection',
  'x-a',
  'Transfer-Encoding',
  'x-modelroute-x',
  'set-cookie',
  'host',
)
const rawHeaders = fc
  .array(fc.tuple(header, fc.constantFrom('close', 'x-a, x-b', '', 'keep-alive', 'é')), { maxLength: 8 })
  .map((pairs) => pairs.flat())
const HOP = /^(connection|transfer-encoding|host|x-modelroute-.*)$/i
const WAITS = [
  '1',
  '-1',
  '1e9',
  '0.5',
  'soon',
  'Wed, 21 Oct 2026 07:28:00 GMT',
  '2026-10-21T07:28:00Z',
  '6m0s',
  '20ms',
  'P1D',
  '',
]
const waitHeaders = fc.dictionary(
  fc.constantFrom(
    'retry-after',
    'retry-after-ms',
    'x-ratelimit-reset-tokens',
    'x-ratelimit-remaining-tokens',
    'anthropic-ratelimit-requests-reset',
  ),
  fc.constantFrom(...WAITS),
  { noNullPrototype: true },
)

export const PARSERS: readonly FuzzedParser[] = [
  { name: 'json/scan', weight: 12, property: fc.property(requestBytes, scans) },
  { name: 'dialect: requests', weight: 12, property: fc.property(fc.constantFrom(...URLS), requestBytes, readsCall) },
  {
    name: 'dialect/recognise',
    weight: 5,
    property: fc.property(
      fc.oneof(fc.webUrl(), fc.string(), fc.constantFrom(...URLS)),
      fc.constantFrom('GET', 'POST', 'x'),
      (url, method) => {
        check(recognise(method, url).fullPath !== undefined, 'no path')
      },
    ),
  },
  {
    name: 'neutral/json-text',
    weight: 8,
    property: fc.property(requestBytes, (bytes) => {
      parseReply(bytes)
      const parsed = parseJson(bytes)
      if (parsed.kind === 'json') check(JSON.stringify(parsed.value).isWellFormed(), 'half a character')
    }),
  },
  {
    name: 'dialect: framing readers',
    weight: 12,
    property: fc.property(streamFormat, streamBytes, pieceSizes, (name, bytes, sizes) => {
      const whole = textsOf(createReader(name, 200), [bytes])
      const parts = textsOf(createReader(name, 200), inPieces(bytes, sizes))
      const hasFault = whole.startsWith('["') || parts.startsWith('["')
      check(hasFault || whole === parts, 'the events depend on the pieces')
    }),
  },
  {
    name: 'dialect/event-guard',
    weight: 12,
    property: fc.property(streamFormat, streamBytes, pieceSizes, fc.boolean(), (name, bytes, sizes, isCut) => {
      guards(name, inPieces(bytes, sizes), isCut ? CUT : null)
    }),
  },
  {
    name: 'upstream/preamble',
    weight: 8,
    property: fc.property(streamFormat, streamBytes, pieceSizes, (name, bytes, sizes) => {
      const preamble = createPreamble(name)
      for (const piece of inPieces(bytes, sizes)) if (preamble.push(piece) !== 'preamble') return
    }),
  },
  {
    name: 'translate: requests',
    weight: 10,
    property: fc.property(likely, format, format, (body, from, to) => {
      const found = wrongs(body, from, to)
      check(found.length === 0, found.join())
    }),
  },
  {
    name: 'translate: answers',
    weight: 8,
    property: fc.property(requestBytes, format, format, (body, from, to) => {
      const said = translateAnswer(body, { from, to }, testContext())
      if (said.kind !== 'unreadable') check(parseReply(said.body).kind === 'json', 'an answer of no JSON')
    }),
  },
  {
    name: 'translate: errors',
    weight: 6,
    property: fc.property(errorBytes, format, format, fc.integer({ min: 400, max: 599 }), (body, from, to, status) => {
      const said = translateError({ status, body }, { from, to })
      check(said.status >= 400 && parseReply(said.body).kind === 'json', 'an error of no JSON')
    }),
  },
  {
    name: 'translate: streams',
    weight: 10,
    property: fc.property(
      streamFormat,
      streamBytes,
      pieceSizes,
      fc.tuple(format, format),
      (name, bytes, sizes, [from, to]) => {
        const reader = createReader(name)
        const translator = new StreamTranslator({ from, to }, testContext())
        for (const piece of inPieces(bytes, sizes)) for (const event of reader.push(piece)) translator.push(event)
        for (const event of reader.end()) translator.push(event)
        translator.end()
        check(translator.hasEnded, 'a stream without an end')
      },
    ),
  },
  {
    name: 'upstream: errors and waits',
    weight: 8,
    property: fc.property(
      errorBytes,
      waitHeaders,
      fc.option(fc.integer({ min: 100, max: 999 }), { nil: null }),
      (body, headers, status) => {
        check(classifyError(body, status) !== undefined, 'no class')
        const waitMs = askedWaitMs({ headers, body }, 1_790_000_000_000)
        check(waitMs === null || (Number.isFinite(waitMs) && waitMs >= 0), `a wait of ${waitMs}`)
      },
    ),
  },
  {
    name: 'upstream/headers',
    weight: 5,
    property: fc.property(rawHeaders, fc.boolean(), (headers, isRead) => {
      const sent = toUpstreamHeaders(headers, isRead)
      check(sent.length % 2 === 0 && !sent.some((text, at) => at % 2 === 0 && HOP.test(text)), sent.join())
      toAnswerHeaders(Object.fromEntries([['connection', headers]]), 1)
    }),
  },
  {
    name: 'encoding',
    weight: 5,
    property: fc.property(
      streamBytes,
      fc.constantFrom('gzip', 'br', 'deflate', 'zstd', 'gzip, br', 'x', ''),
      (bytes, coding) => {
        check(Buffer.isBuffer(decodeSmall(bytes, coding)), 'no bytes')
      },
    ),
  },
  {
    name: 'table: messages and tables',
    weight: 5,
    property: fc.property(requestBytes, likely, (bytes, value) => {
      parseFromProxy(bytes.toString())
      parseFromOperator(bytes.toString())
      check(parseTable(value).kind === 'faults', 'a table out of nothing')
    }),
  },
  { name: 'redact: walked bodies', weight: 8, property: walks() },
  { name: 'redact: restored streams', weight: 8, property: restoresStreams(STREAM_FORMATS) },
  { name: 'redact: restored documents', weight: 6, property: restoresDocuments() },
  { name: 'batch: lists of inputs', weight: 6, property: readsInputs() },
  { name: 'cache: spellings', weight: 3, property: sharesSpellings },
  { name: 'cache: changes', weight: 3, property: tellsRequestsApart },
  { name: 'cache: verdicts', weight: 6, property: judgesRequests },
  { name: 'cache: entries', weight: 6, property: readsEntries },
  { name: 'batch: divided answers', weight: 6, property: dividesAnswers() },
  { name: 'batch: answers told apart', weight: 4, property: tellsAnswersApart() },
  { name: 'redact: detectors', weight: 6, property: detects() },
  { name: 'upstream/wire', weight: 10, property: readsAnswers() },
]
