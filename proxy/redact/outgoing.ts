// What else of a masked call may leave beside its body: of the headers and of the query only what a provider needs.
// Everything else may hold a name, an address or a key, and nobody would look for it there.
import type { Place } from '../exchange.ts'

const HEADERS: ReadonlySet<string> = new Set(
  (
    'accept accept-encoding accept-language content-type content-length content-encoding connection user-agent ' +
    'traceparent tracestate idempotency-key x-stream x-goog-api-client openai-beta anthropic-version anthropic-beta ' +
    'anthropic-dangerous-direct-browser-access'
  ).split(' '),
)
const HEADER_PREFIXES = ['x-stainless-']
/** Whoever writes `key` has it taken out further on. */
const PARAMETERS: ReadonlySet<string> = new Set(['alt', '$alt', 'api-version', 'beta', 'key', 'access_token'])

/** Name and value alternating. */
export function headersOfMasked(rawHeaders: readonly string[]): readonly string[] {
  const kept: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (mayLeave(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] ?? '')
  }
  return kept
}

export function placeOfMasked(place: Place): Place {
  const { query } = place
  if (query.length <= 1) return place
  const parameters = query.slice(1).split('&')
  const kept = parameters.filter((parameter) => PARAMETERS.has(parameter.split('=', 1)[0] ?? ''))
  return { ...place, query: kept.length === 0 ? '' : `?${kept.join('&')}` }
}

function mayLeave(name: string): boolean {
  return HEADERS.has(name) || HEADER_PREFIXES.some((prefix) => name.startsWith(prefix))
}
