// OpenAI's chat completions and model list (platform.openai.com, API reference): POST /chat/completions, streamed as
// `data:` events that end with `data: [DONE]`, and GET /models. Reads the few members that routing needs and leaves
// the rest of the request as bytes.
import { Buffer } from 'node:buffer'
import { ERRORS, failure, type Failure } from '../errors.ts'
import type { Call, Operation, Received } from '../exchange.ts'
import { readString, scanObject } from '../json/scan.ts'
import type { Secret } from '../secret.ts'
import type { Dialect, ListedModel, PassedRequest } from './dialect.ts'

export const MAX_MODEL_LENGTH = 256

const MEMBERS = ['model', 'stream', 'messages', 'prompt_cache_key', 'user', 'metadata'] as const
const TRUE_START = 't'.charCodeAt(0)
const CLOSE_BRACKET = ']'.charCodeAt(0)
/** Where a provider's own error event is looked for at the end of a stream. */
const MAX_ERROR_EVENT_BYTES = 16 * 1024
/** Comments that a provider may send after the last event. */
const MAX_TRAILER_BYTES = 1024
const LAST_EVENT = /(?:^|[\r\n])data: ?\[DONE\]$/
const LAST_EVENT_BYTES = 32

/**
 * Inference alone, by method and path: an application must not reach the administration of the provider's account
 * (files, batches, fine-tuning, stored chats, organisation) with a key that is not its own. A model's name may hold an
 * encoded slash, but nothing that leads out of its folder when a provider decodes it.
 */
const KEYED_POSTS =
  /^\/((chat\/)?completions|embeddings|responses|moderations|rerank|images\/(generations|edits|variations)|audio\/(speech|transcriptions|translations)|realtime)$/
const KEYED_GETS = /^\/models(\/(?!.*\.\.)(?:[\w.:@-]|%2[Ff])+)?$/
const KEYED_UPGRADES = /^\/(realtime|responses)$/

export const openaiChat: Dialect = {
  name: 'OpenAI',
  operationOf,
  takesKey,
  readCall,
  modelList,
  keyHeaders: (key: Secret) => ['authorization', `Bearer ${key.reveal()}`],
  errorBody: (fault) => Buffer.from(JSON.stringify(errorObject(fault))),
  errorEvent: (fault) => Buffer.from(`data: ${JSON.stringify(errorObject(fault))}\n\n`),
  endsStream,
  holdsLastEvent: (events) => /(?:^|[\r\n])data: ?\[DONE\][\r\n]/.test(endOf(events, MAX_TRAILER_BYTES)),
  endsWithError: (events) => /(?:^|[\r\n])data: ?\{\s*"error"/.test(endOf(events, MAX_ERROR_EVENT_BYTES)),
}

function operationOf(method: string, path: string): Operation | null {
  if (method === 'POST' && path === '/chat/completions') return 'Chat'
  if (method === 'GET' && path === '/models') return 'Models'
  return null
}

function takesKey({ method, path, isUpgrade }: PassedRequest): boolean {
  if (isUpgrade) return KEYED_UPGRADES.test(path)
  return method === 'POST' ? KEYED_POSTS.test(path) : method === 'GET' && KEYED_GETS.test(path)
}

function readCall(received: Received): Call | Failure {
  const { body } = received
  const scan = scanObject(body, MEMBERS)
  if (scan.kind === 'fault') {
    const message = `The request body is not a JSON object: ${scan.expected} was expected at byte ${scan.atByte} of ${body.length}.`
    return failure('body_not_json', message)
  }
  const [modelSpan, stream, messages, promptCacheKey, user, metadata] = scan.spans
  const model = modelSpan === undefined ? null : readString(body, modelSpan)
  if (modelSpan === undefined || model === null || model === '' || model.length > MAX_MODEL_LENGTH) {
    return failure('model_missing', `The member "model" must be a string of 1 to ${MAX_MODEL_LENGTH} characters.`)
  }
  return {
    kind: 'call',
    received,
    model,
    modelSpan,
    isStreaming: stream !== undefined && body[stream.start] === TRUE_START,
    conversationSpans: { promptCacheKey, user, metadata, messages },
  }
}

function modelList(models: readonly ListedModel[]): Buffer {
  const data = models.map(({ id, ownedBy }) => ({ id, object: 'model', created: 0, owned_by: ownedBy }))
  return Buffer.from(JSON.stringify({ object: 'list', data }))
}

function errorObject({ code, message }: Failure): object {
  const type = ERRORS[code].origin === 'client' ? 'invalid_request_error' : 'server_error'
  return { error: { message, type, param: null, code } }
}

function endOf(events: Buffer, sizeBytes: number): string {
  return events.toString('latin1', Math.max(0, events.length - sizeBytes))
}

/** Events of JSON end with a brace, so that one byte tells them from `[DONE]`. */
function endsStream(events: Buffer): boolean {
  let end = events.length
  while (end > 0 && (events[end - 1] === 0x0a || events[end - 1] === 0x0d)) end -= 1
  if (events[end - 1] !== CLOSE_BRACKET) return false
  return LAST_EVENT.test(events.toString('latin1', Math.max(0, end - LAST_EVENT_BYTES), end))
}
