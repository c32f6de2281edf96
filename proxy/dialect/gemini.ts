// Gemini's dialect (ai.google.dev, REST reference): POST /v1beta/models/MODEL:VERB, the model in the path, keys in
// x-goog-api-key or in the query. Bodies of embeddings and token counts may name the model once more. Its two ways to
// stream are in gemini-stream.ts.
import { Buffer } from 'node:buffer'
import type { Failure } from '../errors.ts'
import type { Call, ModelPlace, Operation, Received, Span } from '../exchange.ts'
import { scanElements, scanMembers } from '../json/scan.ts'
import { isAmong, type Dialect, type Endpoint, type ListedModel } from './dialect.ts'
import { geminiArrayStream, geminiError, geminiSseStream } from './gemini-stream.ts'
import { isModelName, modelMissing, modelPlaceAt, scanBody } from './read-body.ts'

const VERSION_PREFIX = /^\/v1(?:alpha|beta\d?)?(?=\/)/
const MODEL_PATH = /^\/(models|tunedModels)\/([^/:]+):([A-Za-z]+)$/
const MODEL_PREFIX = 'models/'

const VERBS: Readonly<Record<string, Endpoint>> = {
  generateContent: endpoint('Chat', false),
  streamGenerateContent: endpoint('Chat', true),
  countTokens: endpoint('CountTokens', false),
  embedContent: endpoint('Embedding', false),
  batchEmbedContents: endpoint('Embedding', false),
}
const MODELS: Endpoint = { operation: 'Models', readCall: null }

/** Inference alone: no files, caches or tuning with a key that is not the application's own. */
const KEYED_POSTS = /^\/(models|tunedModels)\/[\w.@-]+:[A-Za-z]+$/
const KEYED_GETS = /^\/models(\/[\w.@-]+)?$/

const NAMES = ['contents', 'model', 'requests', 'generateContentRequest'] as const

export const gemini: Dialect = {
  name: 'Gemini',
  pathOf: (fullPath) => {
    const version = VERSION_PREFIX.exec(fullPath)?.[0]
    return version === undefined ? null : fullPath.slice(version.length)
  },
  endpointOf,
  takesKey: (asked) => isAmong(asked, { posts: KEYED_POSTS, gets: KEYED_GETS }),
  basePathOf: (path) => path || '/v1beta',
  modelList,
  keyHeaders: (key) => ['x-goog-api-key', key.reveal()],
  withoutKey,
  errorBody: (fault) => Buffer.from(JSON.stringify(geminiError(fault))),
}

function endpoint(operation: Operation, isStreaming: boolean): Endpoint {
  return { operation, readCall: (received) => readCall(received, isStreaming) }
}

function endpointOf(method: string, path: string): Endpoint | null {
  if (method === 'GET') return path === '/models' ? MODELS : null
  const verb = method === 'POST' ? MODEL_PATH.exec(path)?.[3] : undefined
  return verb !== undefined && Object.hasOwn(VERBS, verb) ? (VERBS[verb] ?? null) : null
}

function readCall(received: Received, isStreaming: boolean): Call | Failure {
  const { body, place } = received
  const [path = '', kind = '', written = ''] = MODEL_PATH.exec(place.path ?? '') ?? []
  const name = decode(written)
  if (name === null || !isModelName(name)) return modelMissing('model in the path')
  const spans = scanBody(body, NAMES)
  if ('kind' in spans) return spans
  const [contents, ...modelSpans] = spans
  return {
    kind: 'call',
    received,
    model: kind === 'models' ? name : `${kind}/${name}`,
    modelPlaces: modelPlacesOf(body, modelSpans),
    modelPathPlace: { span: { start: 1, end: path.lastIndexOf(':') }, before: MODEL_PREFIX, after: '' },
    isStreaming,
    stream: isStreaming ? (asksForSse(place.query) ? geminiSseStream : geminiArrayStream) : null,
    conversationSpans: { promptCacheKey: undefined, user: undefined, metadata: undefined, messages: contents },
  }
}

function modelPlacesOf(body: Buffer, [model, requests, counted]: readonly (Span | undefined)[]): readonly ModelPlace[] {
  const inside = counted === undefined ? undefined : scanMembers(body, counted, ['model'])?.[0]
  const places = [modelPlaceAt(body, model, MODEL_PREFIX), modelPlaceAt(body, inside, MODEL_PREFIX)]
  for (const element of requests === undefined ? [] : scanElements(body, requests)) {
    places.push(modelPlaceAt(body, scanMembers(body, element, ['model'])?.[0], MODEL_PREFIX))
  }
  return places.filter((place) => place !== null).toSorted((one, other) => one.span.start - other.span.start)
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    // A broken escape is the caller's mistake, and there is a sentence for null.
    return null
  }
}

function asksForSse(query: string): boolean {
  return /[?&]alt=sse(?:&|$)/.test(query)
}

/** The other parameters stay as they were written. */
function withoutKey(query: string): string {
  if (!/[?&](?:key|access_token)=/.test(query)) return query
  const kept = query
    .slice(1)
    .split('&')
    .filter((parameter) => !/^(?:key|access_token)=/.test(parameter))
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}

function modelList(models: readonly ListedModel[]): Buffer {
  const list = models.map(({ id }) => ({
    name: MODEL_PREFIX + id,
    displayName: id,
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens', 'embedContent'],
  }))
  return Buffer.from(JSON.stringify({ models: list }))
}
