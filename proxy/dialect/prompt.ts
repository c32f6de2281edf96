// The plain prompt dialect of in-house servers: POST {"prompt", "max_tokens", "temperature", "top_p", "top_k",
// "language", "model_type"} to one path, answered with {"output"}; with the header `X-Stream: true` one JSON line
// {"text"} a piece, and nothing that says the end but the end itself.
import { Buffer } from 'node:buffer'
import type { Failure } from '../errors.ts'
import type { Call, ModelPlace, Received, Span } from '../exchange.ts'
import { readString, scanMembers } from '../json/scan.ts'
import { headerOf } from '../raw-headers.ts'
import { asItCame, type Dialect, type Endpoint } from './dialect.ts'
import { isModelName, modelMissing, scanBody } from './read-body.ts'
import { endOfText, type StreamFormat } from './stream-format.ts'
import { linesFraming } from './stream-framing.ts'

/** What a request without a model asks for: the rules decide. */
const ANY_MODEL = 'auto'
const STREAM_HEADER = 'x-stream'

export const promptStream: StreamFormat = {
  name: 'prompt',
  framing: linesFraming,
  endsWithBody: true,
  endsStream: () => false,
  beginsLastEvent: () => false,
  holdsLastEvent: () => false,
  endsWithError,
  errorEvent: (fault) => Buffer.from(`${JSON.stringify(errorObject(fault))}\n`),
}

const ENDPOINT: Endpoint = { operation: 'Chat', readCall }
const NAMES = ['model_type', 'prompt', 'user', 'metadata'] as const

export const prompt: Dialect = {
  name: 'Prompt',
  pathOf: (fullPath) => (fullPath === '' || fullPath === '/' ? '' : null),
  endpointOf: (method, path) => (method === 'POST' && path === '' ? ENDPOINT : null),
  takesKey: ({ method, path, isUpgrade }) => !isUpgrade && method === 'POST' && path === '',
  basePathOf: (path) => path,
  modelList: () => Buffer.from('{"models":[]}'),
  keyHeaders: (key) => ['authorization', `Bearer ${key.reveal()}`],
  withoutKey: asItCame,
  errorBody: (fault) => Buffer.from(JSON.stringify(errorObject(fault))),
}

function readCall(received: Received): Call | Failure {
  const { body } = received
  const spans = scanBody(body, NAMES)
  if ('kind' in spans) return spans
  const [modelSpan, messages, user, metadata] = spans
  const model = modelSpan === undefined ? ANY_MODEL : readString(body, modelSpan)
  if (model === null || !isModelName(model)) return modelMissing('model_type')
  const isStreaming = headerOf(received.rawHeaders, STREAM_HEADER)?.trim().toLowerCase() === 'true'
  return {
    kind: 'call',
    received,
    model,
    modelPlaces: [modelSpan === undefined ? firstMember(body) : { span: modelSpan, before: '"', after: '"' }],
    modelPathPlace: null,
    isStreaming,
    stream: isStreaming ? promptStream : null,
    conversationSpans: { promptCacheKey: undefined, user, metadata, messages },
  }
}

/** Where the model is put in when the caller leaves it out. */
function firstMember(body: Buffer): ModelPlace {
  const at = body.indexOf('{') + 1
  const isEmpty = body.toString('latin1', at).trim() === '}'
  return { span: { start: at, end: at }, before: '"model_type":"', after: isEmpty ? '"' : '",' }
}

function endsWithError(events: Buffer): boolean {
  const end = endOfText(events)
  const line: Span = { start: end === 0 ? 0 : events.lastIndexOf(0x0a, end - 1) + 1, end }
  return scanMembers(events, line, ['error'])?.[0] !== undefined
}

function errorObject({ message }: Failure): object {
  return { error: message }
}
