// OpenAI's dialect (platform.openai.com, API reference) and that of the many servers that speak it: everything below
// /v1, keys as bearer tokens. Its formats are in openai-chat.ts and openai-responses.ts.
import { Buffer } from 'node:buffer'
import { asItCame, type Dialect, type Endpoint, type ListedModel, type PassedRequest } from './dialect.ts'
import { openAiChat, openAiCompletion, openAiEmbedding } from './openai-chat.ts'
import { openAiError } from './openai-error.ts'
import { openAiResponse } from './openai-responses.ts'

const VERSION_PREFIX = '/v1'

const POSTED: Readonly<Record<string, Endpoint>> = {
  '/chat/completions': openAiChat,
  '/responses': openAiResponse,
  '/completions': openAiCompletion,
  '/embeddings': openAiEmbedding,
}
const MODELS: Endpoint = { operation: 'Models', readCall: null }

/**
 * Inference alone, by method and path: an application must not reach the administration of the provider's account
 * (files, batches, fine-tuning, stored chats, organisation) with a key that is not its own. A model's name may hold an
 * encoded slash, but nothing that leads out of its folder when a provider decodes it.
 */
const KEYED_POSTS =
  /^\/((chat\/)?completions|embeddings|responses|moderations|rerank|images\/(generations|edits|variations)|audio\/(speech|transcriptions|translations)|realtime)$/
const KEYED_GETS = /^\/models(\/(?!.*\.\.)(?:[\w.:@-]|%2[Ff])+)?$/
const KEYED_UPGRADES = /^\/(realtime|responses)$/

export const openAi: Dialect = {
  name: 'OpenAI',
  pathOf: (fullPath) => (fullPath.startsWith(`${VERSION_PREFIX}/`) ? fullPath.slice(VERSION_PREFIX.length) : null),
  endpointOf: (method, path) => {
    if (method === 'POST') return Object.hasOwn(POSTED, path) ? (POSTED[path] ?? null) : null
    return method === 'GET' && path === '/models' ? MODELS : null
  },
  takesKey,
  basePathOf: (path) => path,
  modelList,
  keyHeaders: (key) => ['authorization', `Bearer ${key.reveal()}`],
  withoutKey: asItCame,
  errorBody: (fault) => Buffer.from(JSON.stringify(openAiError(fault))),
}

function takesKey({ method, path, isUpgrade }: PassedRequest): boolean {
  if (isUpgrade) return KEYED_UPGRADES.test(path)
  return method === 'POST' ? KEYED_POSTS.test(path) : method === 'GET' && KEYED_GETS.test(path)
}

function modelList(models: readonly ListedModel[]): Buffer {
  const data = models.map(({ id, ownedBy }) => ({ id, object: 'model', created: 0, owned_by: ownedBy }))
  return Buffer.from(JSON.stringify({ object: 'list', data }))
}
