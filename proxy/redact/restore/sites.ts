// Which texts of an event run on in the events after it, by stream format: those are restored piece by piece
// (event-restorer.ts); everything else in an event is whole. Reads an event's data as it was parsed. Pure.
import type { StreamFormat } from '../../dialect/stream-format.ts'
import type { Source } from './text-restorer.ts'

export interface Site {
  /** One running text of the answer. */
  readonly key: string
  /** Texts of one group follow one another; another of the group ends the ones before it. Null: side by side. */
  readonly group: string | null
  readonly path: readonly (string | number)[]
  readonly text: string
  readonly source: Source
  /** Where the event tells the text's log probabilities; absent: nowhere. */
  readonly logprobs?: readonly (string | number)[]
}

export interface EventSites {
  readonly sites: readonly Site[]
  /** Running texts whose keys begin so have come to their end. */
  readonly ends: readonly string[]
  /** Nothing of the event is to be changed: it is signed. */
  readonly isSigned: boolean
}

type Json = Readonly<Record<string, unknown>>
type ReadSites = (event: Json) => EventSites

const ALL: readonly string[] = ['']
const NOTHING: EventSites = { sites: [], ends: [], isSigned: false }

export const SITES: Readonly<Record<StreamFormat['name'], ReadSites>> = {
  'openai-chat': readChat,
  'openai-responses': readResponses,
  anthropic: readAnthropic,
  'gemini-sse': readGemini,
  'gemini-array': readGemini,
  ollama: readOllama,
  prompt: (event) => ({ ...NOTHING, sites: texts(event, ['text'], { key: '', path: [] }) }),
}

const REASONING_TEXTS = ['reasoning_content', 'reasoning']

function readChat(event: Json): EventSites {
  const sites: Site[] = []
  const ends: string[] = []
  listOf(event['choices']).forEach((choice, position) => {
    const key = `${numberOf(choice['index']) ?? position}/`
    const path = ['choices', position]
    const logprobs = [...path, 'logprobs']
    sites.push(...texts(choice, ['text'], { key, path, logprobs }))
    const delta = recordOf(choice['delta'])
    if (delta !== null) sites.push(...readDelta(delta, { key, path: [...path, 'delta'], logprobs }))
    if (isPresent(choice['finish_reason'])) ends.push(key)
  })
  return { ...NOTHING, sites, ends }
}

interface Place {
  readonly key: string
  readonly path: readonly (string | number)[]
  readonly logprobs?: readonly (string | number)[]
}

function readDelta(delta: Json, { key, path, logprobs }: Place): readonly Site[] {
  const sites = [
    ...texts(delta, ['content', 'refusal'], { key, path, ...(logprobs && { logprobs }) }),
    ...texts(delta, REASONING_TEXTS, { key, path }),
  ]
  listOf(delta['tool_calls']).forEach((call, position) => {
    const toolKey = `${key}tool ${numberOf(call['index']) ?? position}/`
    const toolPath = [...path, 'tool_calls', position]
    sites.push(...running(recordOf(call['function']), 'arguments', { key: toolKey, path: [...toolPath, 'function'] }))
    sites.push(...running(recordOf(call['custom']), 'input', { key: toolKey, path: [...toolPath, 'custom'] }))
  })
  const old = { key: `${key}function/`, path: [...path, 'function_call'] }
  return [...sites, ...running(recordOf(delta['function_call']), 'arguments', old)]
}

/** Every kind of delta has its `done`, which repeats the whole text. */
function readResponses(event: Json): EventSites {
  const type = textOf(event['type'])
  const base = type.replace(/\.(?:delta|done)$/, '')
  const place = ['item_id', 'output_index', 'content_index', 'summary_index'].map((name) => placeText(event[name]))
  const key = `${base} ${place.join(' ')}`
  if (type.endsWith('.done')) return { ...NOTHING, ends: [key] }
  if (/\.(?:completed|incomplete|failed)$/.test(type) || type === 'error') return { ...NOTHING, ends: ALL }
  const delta = event['delta']
  if (!type.endsWith('.delta') || typeof delta !== 'string' || base === 'response.audio') return NOTHING
  const source = base.endsWith('_arguments') ? 'arguments' : 'plain'
  return { ...NOTHING, sites: [{ key, group: null, path: ['delta'], text: delta, source, logprobs: ['logprobs'] }] }
}

const ANTHROPIC_TEXTS = [
  ['text', 'plain'],
  ['partial_json', 'arguments'],
] as const

function readAnthropic(event: Json): EventSites {
  const type = textOf(event['type'])
  const key = `${placeText(event['index'])}/`
  if (type === 'content_block_stop') return { ...NOTHING, ends: [key] }
  if (type === 'message_stop' || type === 'error') return { ...NOTHING, ends: ALL }
  const isStart = type === 'content_block_start'
  const part = recordOf(event[isStart ? 'content_block' : 'delta'])
  if (part === null || (!isStart && type !== 'content_block_delta')) return NOTHING
  const kind = textOf(part['type'])
  if (kind.includes('thinking') || kind === 'signature_delta') return { ...NOTHING, isSigned: true }
  const path = isStart ? 'content_block' : 'delta'
  const sites = ANTHROPIC_TEXTS.flatMap(([name, source]) => {
    const text = part[name]
    return typeof text === 'string' && text !== '' ? [{ key, group: null, path: [path, name], text, source }] : []
  })
  return { ...NOTHING, sites }
}

function readGemini(event: Json): EventSites {
  const sites: Site[] = []
  const ends: string[] = []
  listOf(event['candidates']).forEach((candidate, position) => {
    const key = `${numberOf(candidate['index']) ?? position}/`
    const content = recordOf(candidate['content'])
    listOf(content?.['parts']).forEach((part, index) => {
      const path = ['candidates', position, 'content', 'parts', index]
      // What was thought is signed; it stays as the provider wrote it.
      const logprobs = ['candidates', position, 'logprobsResult']
      if (part['thought'] !== true) sites.push(...texts(part, ['text'], { key, path, logprobs }))
    })
    if (isPresent(candidate['finishReason'])) ends.push(key)
  })
  return { ...NOTHING, sites, ends }
}

const MESSAGE: Place = { key: 'message/', path: ['message'], logprobs: ['logprobs'] }

function readOllama(event: Json): EventSites {
  const message = recordOf(event['message'])
  const sites = [
    ...texts(event, ['response', 'thinking'], { key: '', path: [], logprobs: ['logprobs'] }),
    ...(message === null ? [] : texts(message, ['content', 'thinking'], MESSAGE)),
  ]
  return { ...NOTHING, sites, ends: event['done'] === true ? ALL : [] }
}

function texts(owner: Json, names: readonly string[], { key, path, logprobs }: Place): readonly Site[] {
  const sites: Site[] = []
  for (const name of names) {
    const text = owner[name]
    if (typeof text !== 'string' || text === '') continue
    const where = logprobs === undefined ? {} : { logprobs }
    sites.push({ key: key + name, group: key, path: [...path, name], text, source: 'plain', ...where })
  }
  return sites
}

function running(owner: Json | null, name: 'arguments' | 'input', { key, path }: Place): readonly Site[] {
  const text = owner?.[name]
  if (typeof text !== 'string' || text === '') return []
  return [{ key, group: null, path: [...path, name], text, source: name === 'arguments' ? 'arguments' : 'plain' }]
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map((item) => recordOf(item) ?? {}) : []
}

export function recordOf(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function placeText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}
