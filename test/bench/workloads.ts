// What is asked: the same OpenAI chat call that an unmodified SDK sends, plain and as a stream, to every subject.

export interface Workload {
  readonly model: string
  /** Anthropic's is translated for the providers here, which speak OpenAI's. */
  readonly dialect: 'OpenAI' | 'Anthropic'
  readonly body: string
  readonly isStreaming: boolean
}

/** Where and how one subject takes a workload. */
export interface Endpoint {
  readonly port: number
  readonly path: string
  /** Headers beyond the SDK's own. */
  readonly headers: Readonly<Record<string, string>>
}

export const PLAIN_MODEL = 'bench-plain'
export const STREAM_MODEL = 'bench-stream'
/** Served by the provider of streams, with one event a second. */
export const SLOW_MODEL = 'bench-slow'
/** What the application holds; ours swaps it for the provider's. */
export const PLACEHOLDER_KEY = 'modelroute-placeholder'

// The headers of the official openai SDK for Node, which every hop has to read and pass on.
const SDK_HEADERS = {
  accept: 'application/json',
  'content-type': 'application/json',
  'user-agent': 'OpenAI/JS 7.57.0',
  'x-stainless-retry-count': '0',
  'x-stainless-lang': 'js',
  'x-stainless-package-version': '7.57.0',
  'x-stainless-os': 'Linux',
  'x-stainless-arch': 'x64',
  'x-stainless-runtime': 'node',
  'x-stainless-runtime-version': 'v26.10.0',
  authorization: `Bearer ${PLACEHOLDER_KEY}`,
} as const

/** A chat call whose body has exactly this many bytes. */
export function plainCall(bodyBytes: number): Workload {
  return { ...OPENAI, model: PLAIN_MODEL, body: chatBody({ model: PLAIN_MODEL }, bodyBytes), isStreaming: false }
}

/** A streamed chat call; the stream upstream answers with `deltas` content events. */
export function streamCall(deltas: number): Workload {
  const fields = { model: STREAM_MODEL, stream: true, max_tokens: deltas }
  return { ...OPENAI, model: STREAM_MODEL, body: chatBody(fields, 1024), isStreaming: true }
}

/** A stream that stays open: an event a second. */
export function slowStreamCall(): Workload {
  const fields = { model: SLOW_MODEL, stream: true, max_tokens: 10_000 }
  return { ...OPENAI, model: SLOW_MODEL, body: chatBody(fields, 1024), isStreaming: true }
}

/** The same calls as an application says them that was written for Anthropic; both bodies have the same fields. */
export function translatedCall(): Workload {
  const fields = { model: PLAIN_MODEL, max_tokens: 40 }
  return { dialect: 'Anthropic', model: PLAIN_MODEL, body: chatBody(fields, 1024), isStreaming: false }
}

export function translatedStream(deltas: number): Workload {
  return { ...streamCall(deltas), dialect: 'Anthropic' }
}

const OPENAI = { dialect: 'OpenAI' } as const

/** The bytes on the wire, made once and sent again and again. */
export function toRequestBytes(endpoint: Endpoint, workload: Workload): Buffer {
  const headers = { host: `127.0.0.1:${endpoint.port}`, ...SDK_HEADERS, ...endpoint.headers }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = `content-length: ${Buffer.byteLength(workload.body)}\r\n`
  return Buffer.from(`POST ${endpoint.path} HTTP/1.1\r\n${lines.join('')}${length}\r\n${workload.body}`)
}

function chatBody(fields: Readonly<Record<string, unknown>>, sizeBytes: number): string {
  const withText = (content: string) => JSON.stringify({ ...fields, messages: [{ role: 'user', content }] })
  const sentence = 'What does a hop cost, and who pays for it? '
  const textBytes = sizeBytes - Buffer.byteLength(withText(''))
  if (textBytes < 0) throw new Error(`a chat call does not fit into ${sizeBytes} bytes`)
  return withText(sentence.repeat(Math.ceil(textBytes / sentence.length)).slice(0, textBytes))
}
