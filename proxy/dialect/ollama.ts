// Ollama's dialect (docs/api.md of Ollama): POST /api/chat, /api/generate and /api/embed, no key of its own. Streaming
// is on unless it is turned off: one JSON object a line, the last with `done` true.
import { Buffer } from 'node:buffer'
import type { Failure } from '../errors.ts'
import { scanMembers } from '../json/scan.ts'
import { asItCame, isAmong, type Dialect, type Endpoint, type ListedModel } from './dialect.ts'
import { readBody } from './read-body.ts'
import { endOfText, type StreamFormat } from './stream-format.ts'
import { linesFraming } from './stream-framing.ts'

const PREFIX = '/api'
const DONE_SPELLINGS = [Buffer.from('"done":true'), Buffer.from('"done": true')]
const TRUE_START = 't'.charCodeAt(0)

export const ollamaStream: StreamFormat = {
  name: 'ollama',
  framing: linesFraming,
  endsWithBody: false,
  endsStream,
  beginsLastEvent: holdsDone,
  holdsLastEvent: endsStream,
  endsWithError: (events) => memberOfLastLine(events, 'error') !== undefined,
  errorEvent: (fault) => Buffer.from(`${JSON.stringify(errorObject(fault))}\n`),
}

const READING = { model: 'model', streams: 'unlessFalse', stream: ollamaStream } as const
const EMBEDDING = { model: 'model', streams: 'never', stream: null } as const

const POSTED: Readonly<Record<string, Endpoint>> = {
  '/api/chat': { operation: 'Chat', readCall: readBody({ ...READING, conversation: 'messages' }) },
  '/api/generate': { operation: 'Completion', readCall: readBody({ ...READING, conversation: 'prompt' }) },
  '/api/embed': { operation: 'Embedding', readCall: readBody({ ...EMBEDDING, conversation: 'input' }) },
  '/api/embeddings': { operation: 'Embedding', readCall: readBody({ ...EMBEDDING, conversation: 'prompt' }) },
}
const MODELS: Endpoint = { operation: 'Models', readCall: null }

/** Inference alone: no pulling, copying or deleting of models. */
const KEYED_POSTS = /^\/api\/(chat|generate|embed|embeddings|show)$/
const KEYED_GETS = /^\/api\/(tags|ps|version)$/

export const ollama: Dialect = {
  name: 'Ollama',
  pathOf: (fullPath) => (fullPath.startsWith(`${PREFIX}/`) ? fullPath : null),
  endpointOf: (method, path) => {
    if (method === 'POST') return Object.hasOwn(POSTED, path) ? (POSTED[path] ?? null) : null
    return method === 'GET' && path === '/api/tags' ? MODELS : null
  },
  takesKey: (asked) => isAmong(asked, { posts: KEYED_POSTS, gets: KEYED_GETS }),
  basePathOf: (path) => (path.endsWith(PREFIX) ? path.slice(0, -PREFIX.length) : path),
  modelList,
  // For servers behind a gateway of their own; Ollama itself asks for none.
  keyHeaders: (key) => ['authorization', `Bearer ${key.reveal()}`],
  withoutKey: asItCame,
  errorBody: (fault) => Buffer.from(JSON.stringify(errorObject(fault))),
}

/** Arguments of a tool may hold a `done` of their own, so that the line's own member counts. */
function endsStream(events: Buffer): boolean {
  return holdsDone(events) && memberOfLastLine(events, 'done') === TRUE_START
}

function holdsDone(bytes: Buffer): boolean {
  return DONE_SPELLINGS.some((spelling) => bytes.includes(spelling))
}

/** The first byte of a member's value; undefined: the last line has no such member. */
function memberOfLastLine(events: Buffer, name: string): number | undefined {
  const end = endOfText(events)
  const start = end === 0 ? 0 : events.lastIndexOf(0x0a, end - 1) + 1
  const span = scanMembers(events, { start, end }, [name])?.[0]
  return span === undefined ? undefined : events[span.start]
}

function modelList(models: readonly ListedModel[]): Buffer {
  const list = models.map(({ id }) => ({
    name: id,
    model: id,
    modified_at: '1970-01-01T00:00:00Z',
    size: 0,
    digest: '',
    details: { parent_model: '', format: '', family: '', families: [], parameter_size: '', quantization_level: '' },
  }))
  return Buffer.from(JSON.stringify({ models: list }))
}

function errorObject({ message }: Failure): object {
  return { error: message }
}
