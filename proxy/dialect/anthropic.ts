// Anthropic's dialect (docs.claude.com, Messages API): POST /v1/messages, streamed as named events from message_start
// to message_stop, and /v1/messages/count_tokens; some libraries leave /v1 out. Keys stand in x-api-key.
import { Buffer } from 'node:buffer'
import { statusOf, type Failure } from '../errors.ts'
import { asItCame, isAmong, type Dialect, type Endpoint, type ListedModel } from './dialect.ts'
import { readBody } from './read-body.ts'
import { endOf, type StreamFormat } from './stream-format.ts'
import { sseFraming } from './stream-framing.ts'

const VERSION_PREFIX = '/v1'
/** As long as a last event gets, the spaces included that the provider pads events with. */
const LAST_EVENT_BYTES = 256
const LAST_EVENT_NAME = Buffer.from('message_stop')
/** Inside of text the quotes would be escaped. */
const LAST_EVENT = /(?:^|[\r\n])event: ?message_stop[\r\n]|"type": ?"message_stop"/
const ERROR_EVENT = /(?:^|[\r\n])(?:event: ?error[\r\n]|data: ?\{"type": ?"error")/
const MAX_ERROR_EVENT_BYTES = 16 * 1024
/** Pings that may come after the last event. */
const MAX_TRAILER_BYTES = 1024

export const anthropicStream: StreamFormat = {
  name: 'anthropic',
  framing: sseFraming,
  endsWithBody: false,
  endsStream,
  beginsLastEvent: () => false,
  holdsLastEvent: (events) => LAST_EVENT.test(endOf(events, MAX_TRAILER_BYTES)),
  endsWithError: (events) => ERROR_EVENT.test(endOf(events, MAX_ERROR_EVENT_BYTES)),
  errorEvent: (fault) => Buffer.from(`event: error\ndata: ${JSON.stringify(errorObject(fault))}\n\n`),
}

const READING = { model: 'model', conversation: 'messages', stream: anthropicStream } as const

const POSTED: Readonly<Record<string, Endpoint>> = {
  '/messages': { operation: 'Chat', readCall: readBody({ ...READING, streams: 'whenTrue' }) },
  '/messages/count_tokens': { operation: 'CountTokens', readCall: readBody({ ...READING, streams: 'never' }) },
}
const MODELS: Endpoint = { operation: 'Models', readCall: null }

/** Inference alone: no batches, files or organisation with a key that is not the application's own. */
const KEYED_POSTS = /^\/(messages|messages\/count_tokens|complete)$/
const KEYED_GETS = /^\/models(\/[\w.:@-]+)?$/

/** By status; docs.claude.com, errors. */
const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
}

export const anthropic: Dialect = {
  name: 'Anthropic',
  pathOf,
  endpointOf: (method, path) => {
    if (method === 'POST') return Object.hasOwn(POSTED, path) ? (POSTED[path] ?? null) : null
    return method === 'GET' && path === '/models' ? MODELS : null
  },
  takesKey: (asked) => isAmong(asked, { posts: KEYED_POSTS, gets: KEYED_GETS }),
  basePathOf: (path) => path || VERSION_PREFIX,
  modelList,
  keyHeaders: (key) => ['x-api-key', key.reveal()],
  withoutKey: asItCame,
  errorBody: (fault) => Buffer.from(JSON.stringify(errorObject(fault))),
}

function pathOf(fullPath: string): string | null {
  if (fullPath.startsWith(`${VERSION_PREFIX}/`)) return fullPath.slice(VERSION_PREFIX.length)
  return Object.hasOwn(POSTED, fullPath) ? fullPath : null
}

function endsStream(events: Buffer): boolean {
  const tail = events.length > LAST_EVENT_BYTES ? events.subarray(-LAST_EVENT_BYTES) : events
  return tail.includes(LAST_EVENT_NAME) && LAST_EVENT.test(tail.toString('latin1'))
}

function modelList(models: readonly ListedModel[]): Buffer {
  const data = models.map(({ id }) => ({ type: 'model', id, display_name: id, created_at: '1970-01-01T00:00:00Z' }))
  const firstId = models[0]?.id ?? null
  return Buffer.from(
    JSON.stringify({ data, has_more: false, first_id: firstId, last_id: models.at(-1)?.id ?? firstId }),
  )
}

function errorObject({ code, message }: Failure): object {
  const status = statusOf(code)
  const type = ERROR_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error')
  return { type: 'error', error: { type, message } }
}
