// Which dialect and operation a request belongs to, by prefix, by path, and by the key that it carries.
import { expect, it } from 'vitest'
import { recognise } from '../../../proxy/dialect/recognise.ts'

const ANTHROPIC_KEY = ['X-Api-Key', 'k']
const ANTHROPIC_VERSION = ['anthropic-version', '2023-06-01']
const GEMINI_KEY = ['x-goog-api-key', 'k']
const BEARER = ['Authorization', 'Bearer k']

it.each([
  ['POST', '/openai/v1/responses', [], 'OpenAI', 'Response', '/responses'],
  ['POST', '/v1/completions', [], 'OpenAI', 'Completion', '/completions'],
  ['POST', '/v1/embeddings', ANTHROPIC_KEY, 'OpenAI', 'Embedding', '/embeddings'],
  ['POST', '/anthropic/v1/messages', [], 'Anthropic', 'Chat', '/messages'],
  ['POST', '/anthropic/messages', [], 'Anthropic', 'Chat', '/messages'],
  ['POST', '/v1/messages?beta=true', [], 'Anthropic', 'Chat', '/messages'],
  ['POST', '/messages', [], 'Anthropic', 'Chat', '/messages'],
  ['POST', '/v1/messages/count_tokens', [], 'Anthropic', 'CountTokens', '/messages/count_tokens'],
  ['POST', '/v1/messages/batches', ANTHROPIC_KEY, 'Anthropic', null, '/messages/batches'],
  ['POST', '/gemini/v1beta/models/m:generateContent', [], 'Gemini', 'Chat', '/models/m:generateContent'],
  ['POST', '/v1beta/models/m:streamGenerateContent?alt=sse', [], 'Gemini', 'Chat', '/models/m:streamGenerateContent'],
  ['POST', '/v1/models/m:embedContent', [], 'Gemini', 'Embedding', '/models/m:embedContent'],
  ['POST', '/v1alpha/models/m:countTokens', [], 'Gemini', 'CountTokens', '/models/m:countTokens'],
  ['POST', '/v1beta/models/m:predict', [], 'Gemini', null, '/models/m:predict'],
  ['GET', '/v1beta/models/m:generateContent', [], 'Gemini', null, '/models/m:generateContent'],
  ['POST', '/ollama/api/chat', [], 'Ollama', 'Chat', '/api/chat'],
  ['POST', '/api/generate', [], 'Ollama', 'Completion', '/api/generate'],
  ['POST', '/api/embed', [], 'Ollama', 'Embedding', '/api/embed'],
  ['DELETE', '/api/delete', [], 'Ollama', null, '/api/delete'],
  ['POST', '/prompt', [], 'Prompt', 'Chat', ''],
  ['POST', '/prompt/?x=1', [], 'Prompt', 'Chat', ''],
  ['POST', '/prompt/more', [], 'Prompt', null, null],
  ['POST', '/prompts', [], 'OpenAI', null, null],
  ['GET', '/v1/models', [], 'OpenAI', 'Models', '/models'],
  ['GET', '/v1/models', BEARER, 'OpenAI', 'Models', '/models'],
  ['GET', '/v1/models', ANTHROPIC_KEY, 'Anthropic', 'Models', '/models'],
  ['GET', '/v1/models?limit=5', ANTHROPIC_VERSION, 'Anthropic', 'Models', '/models'],
  ['GET', '/v1/models', GEMINI_KEY, 'Gemini', 'Models', '/models'],
  ['GET', '/v1/models?key=k', [], 'Gemini', 'Models', '/models'],
  ['GET', '/v1beta/models', BEARER, 'Gemini', 'Models', '/models'],
  ['GET', '/api/tags', BEARER, 'Ollama', 'Models', '/api/tags'],
  ['GET', '/openai/v1/models', ANTHROPIC_KEY, 'OpenAI', 'Models', '/models'],
  ['GET', '/v1/files', ANTHROPIC_KEY, 'Anthropic', null, '/files'],
  ['GET', '/v1/files', BEARER, 'OpenAI', null, '/files'],
  ['POST', '/v1/toString', [], 'OpenAI', null, '/toString'],
  ['POST', '/v1/__proto__', ANTHROPIC_KEY, 'Anthropic', null, '/__proto__'],
])('%s %s with %j is %s %s', (...[method, url, rawHeaders, dialect, operation, path]) => {
  const place = recognise(method, url, rawHeaders)
  expect([place.dialect.name, place.operation, place.path]).toEqual([dialect, operation, path])
})
