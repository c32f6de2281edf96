// What else of a masked call may leave beside its body: of the headers and of the query only what a provider needs.
// Everything else may hold a name, an address or a key, and nobody would look for it there. What is kept is read: a
// header or parameter with a finding (`user-agent: bot (ops@example.com)`) stays here whole.
import { boundaryOf } from '../../dialect/multipart.ts'

const HEADERS: ReadonlySet<string> = new Set(
  (
    'accept accept-encoding accept-language content-type content-length content-encoding connection user-agent ' +
    'traceparent tracestate idempotency-key x-stream x-goog-api-client openai-beta anthropic-version anthropic-beta ' +
    'anthropic-dangerous-direct-browser-access'
  ).split(' '),
)
const HEADER_PREFIXES = ['x-stainless-']
/** Of the connection and of tracing: numbers and words of HTTP, which detectors may misread. */
const NEVER_READ: ReadonlySet<string> = new Set(['content-length', 'content-encoding', 'connection'])
const TRACE = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/
const PARAMETERS: ReadonlySet<string> = new Set(['alt', '$alt', 'api-version', 'beta'])

/** Whether a text holds what the rule masks. */
export type IsPrivate = (text: string) => boolean

/** Those that a provider needs. Name and value alternating. */
export function neededHeaders(rawHeaders: readonly string[]): readonly string[] {
  const kept: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (isAllowed(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] ?? '')
  }
  return kept
}

/** The query with the parameters that a provider needs; empty where none is left. */
export function neededQuery(query: string): string {
  return query.length <= 1 ? query : withParameters(query, (parameter) => PARAMETERS.has(nameOf(parameter)))
}

export function headersWithoutFindings(rawHeaders: readonly string[], isPrivate: IsPrivate): readonly string[] {
  const kept: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    const value = rawHeaders[index + 1] ?? ''
    if (NEVER_READ.has(name.toLowerCase()) || isNoText(value) || !isPrivate(`${name}: ${value}`)) kept.push(name, value)
  }
  return kept
}

export function queryWithoutFindings(query: string, isPrivate: IsPrivate): string {
  return query.length <= 1 ? query : withParameters(query, (parameter) => !isPrivate(parameter))
}

function withParameters(query: string, isKept: (parameter: string) => boolean): string {
  const kept = query.slice(1).split('&').filter(isKept)
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}

function nameOf(parameter: string): string {
  return parameter.split('=', 1)[0] ?? ''
}

/** The boundary of a form is made of random characters, often digits, and the body cannot be read without it. */
function isNoText(value: string): boolean {
  return TRACE.test(value) || boundaryOf(value) !== null
}

function isAllowed(name: string): boolean {
  return HEADERS.has(name) || HEADER_PREFIXES.some((prefix) => name.startsWith(prefix))
}
