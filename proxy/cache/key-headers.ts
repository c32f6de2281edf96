// Which headers of a call its answer may depend on: all that reach the provider, and those that name the account, but
// for what describes the message, the connection, the program or the trace. A new header of a vendor is in the key
// before anybody has heard of it; one that changes with every call and means nothing costs hits, never a wrong answer,
// and can be named in the rule's `ignoreHeaders`.
import { HOP_BY_HOP } from '../upstream/headers.ts'

const OF_THE_MESSAGE =
  'accept accept-encoding content-type content-length content-encoding content-md5 digest content-digest expect host ' +
  'cache-control pragma date via forwarded origin referer dnt priority prefer x-stream'
/** The caller's key goes no further than this proxy; the provider's is in the key by the route's targets. */
const OF_THE_CALLER = 'authorization api-key x-api-key x-goog-api-key user-agent x-goog-api-client x-app'
const OF_THE_TRACE =
  'traceparent tracestate baggage b3 uber-trace-id sentry-trace x-request-id x-correlation-id x-client-request-id ' +
  'x-amzn-trace-id x-cloud-trace-context idempotency-key x-claude-code-session-id ' +
  'anthropic-dangerous-direct-browser-access'

const IGNORED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  ...[OF_THE_MESSAGE, OF_THE_CALLER, OF_THE_TRACE].flatMap((names) => names.split(' ')),
])
const IGNORED_PREFIXES = /^(?:x-(?:stainless|modelroute|b3|datadog|forwarded|envoy|real)-|sec-|newrelic)/

/** Spellings of names remembered; callers choose them, so that there may be more. */
export const MAX_REMEMBERED_NAMES = 1024

/** Which names count is told once for each spelling: they are the same with every call. */
export class KeyHeaders {
  /** By the name as it was sent; null: it does not count. */
  readonly #names = new Map<string, string | null>()

  /** Names in lower case and values alternating, by name; of equal names in the order in which they came. */
  of(rawHeaders: readonly string[], ignored: readonly string[]): readonly string[] {
    let kept: [name: string, value: string][] | null = null
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const name = this.#nameOf(rawHeaders[index] ?? '')
      if (name === null || ignored.includes(name)) continue
      kept ??= []
      kept.push([name, rawHeaders[index + 1] ?? ''])
    }
    if (kept === null) return NONE
    return kept.toSorted(([one], [other]) => (one < other ? -1 : Number(one > other))).flat()
  }

  #nameOf(sent: string): string | null {
    const known = this.#names.get(sent)
    if (known !== undefined) return known
    const lower = sent.toLowerCase()
    const name = IGNORED.has(lower) || IGNORED_PREFIXES.test(lower) ? null : lower
    if (this.#names.size >= MAX_REMEMBERED_NAMES) this.#names.clear()
    this.#names.set(sent, name)
    return name
  }
}

const NONE: readonly string[] = []
