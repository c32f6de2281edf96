// What a provider's error body says, whatever its dialect: the words that tell one failure from another. Reads bodies
// of failed attempts alone, so it may parse them whole. Shapes met:
//
//   {"error":{"message","type","code","innererror"}}         OpenAI, Azure
//   {"error":{"message","code","status","details"}}          Gemini; in a list where it streams
//   {"type":"error","error":{"type","message"}}              Anthropic
//   {"error":"text"}, {"detail":"text"}, {"message":"text"}  Ollama, FastAPI servers, gateways
import type { Buffer } from 'node:buffer'

/** Error bodies are read up to this; a longer one says nothing that can be told apart. */
export const MAX_ERROR_BYTES = 64 * 1024

export interface ErrorWords {
  readonly code: string
  readonly type: string
  readonly message: string
  /** A status that stands in the body; null: none. */
  readonly status: number | null
  /** Gemini's `details`, as JSON text in which quota names and delays are looked for. */
  readonly details: string
  readonly isGoogle: boolean
  readonly isAnthropic: boolean
}

const NO_WORDS: ErrorWords = {
  code: '',
  type: '',
  message: '',
  status: null,
  details: '',
  isGoogle: false,
  isAnthropic: false,
}

type JsonRecord = Readonly<Record<string, unknown>>

/** Of a body that is not JSON, or whose JSON is cut, nothing is known. */
export function readErrorBody(body: Buffer): ErrorWords {
  const value = parse(body)
  const root: unknown = Array.isArray(value) ? value[0] : value
  if (!isRecord(root)) return NO_WORDS
  const inner = innerOf(root)
  if (typeof inner === 'string') return { ...NO_WORDS, message: inner }
  return isRecord(inner) ? wordsOf(root, inner) : NO_WORDS
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8', 0, MAX_ERROR_BYTES))
  } catch {
    // HTML of a load balancer, plain text, a cut body: the status has to do.
    return null
  }
}

/** `response.failed` of OpenAI's responses has its error one level further down. */
function innerOf(root: JsonRecord): unknown {
  const { error, detail, response } = root
  return error ?? detail ?? (isRecord(response) ? response['error'] : null) ?? root
}

function wordsOf(root: JsonRecord, inner: JsonRecord): ErrorWords {
  const nested = isRecord(inner['innererror']) ? textOf(inner['innererror']['code']) : ''
  const canonical = textOf(inner['status'])
  const isGoogle = canonical !== '' && canonical === canonical.toUpperCase()
  return {
    code: nested === 'ResponsibleAIPolicyViolation' ? 'content_filter' : isGoogle ? canonical : textOf(inner['code']),
    type: textOf(inner['type']),
    message: textOf(inner['message']),
    status: statusIn(inner['code']) ?? statusIn(inner['status']),
    details: inner['details'] === undefined ? '' : JSON.stringify(inner['details']),
    isGoogle,
    isAnthropic: root['type'] === 'error' && root['error'] !== undefined,
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Gateways write it as a number or as digits. */
function statusIn(value: unknown): number | null {
  const status = Number(value)
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : null
}
