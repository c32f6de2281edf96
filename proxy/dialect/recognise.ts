// From a request's method, URL and headers to the dialect and operation it belongs to, before its body is read.
//
//   /anthropic/v1/messages   a dialect's own prefix, as the injected base URLs have it
//   /v1/messages             bare: the dialect whose operation it is; /v1/models and other paths that several have
//                            belong to the dialect whose key the request carries
//   /openai/other, /other    no version prefix: passed through below the provider's host
import type { Place } from '../exchange.ts'
import { headerOf } from '../raw-headers.ts'
import type { Dialect } from './dialect.ts'
import { anthropic } from './anthropic.ts'
import { DIALECTS } from './dialects.ts'
import { gemini } from './gemini.ts'
import { ollama } from './ollama.ts'
import { openAi } from './openai.ts'

const PREFIXED = DIALECTS.map((dialect) => ({ dialect, prefix: `/${dialect.name.toLowerCase()}` }))
/** Whose operations are told by their paths alone; the first is the most frequent. */
const BARE = [openAi, anthropic, gemini, ollama]

export function recognise(method: string, url: string, rawHeaders: readonly string[] = []): Place {
  const queryAt = url.indexOf('?')
  const whole = queryAt === -1 ? url : url.slice(0, queryAt)
  const query = queryAt === -1 ? '' : url.slice(queryAt)
  for (const { dialect, prefix } of PREFIXED) {
    if (!whole.startsWith(prefix)) continue
    const fullPath = whole.slice(prefix.length)
    if (fullPath === '' || fullPath.startsWith('/')) return placeIn(dialect, method, { fullPath, query })
  }
  const asked = { fullPath: whole, query }
  for (const dialect of BARE) {
    const place = placeIn(dialect, method, asked)
    if (place.endpoint !== null && place.operation !== 'Models') return place
  }
  return placeIn(dialectOfKey(asked, rawHeaders), method, asked)
}

interface Asked {
  readonly fullPath: string
  readonly query: string
}

function placeIn(dialect: Dialect, method: string, { fullPath, query }: Asked): Place {
  const path = dialect.pathOf(fullPath)
  const endpoint = path === null ? null : dialect.endpointOf(method, path)
  return { dialect, endpoint, operation: endpoint?.operation ?? null, path, fullPath, query }
}

/** Versions that one vendor alone has come first, then the header that each vendor's library sends. */
function dialectOfKey({ fullPath, query }: Asked, rawHeaders: readonly string[]): Dialect {
  if (ollama.pathOf(fullPath) !== null) return ollama
  if (/^\/v1(?:alpha|beta)/.test(fullPath) || /[?&]key=/.test(query)) return gemini
  if (headerOf(rawHeaders, 'x-goog-api-key') !== null) return gemini
  if (headerOf(rawHeaders, 'x-api-key') !== null || headerOf(rawHeaders, 'anthropic-version') !== null) return anthropic
  return openAi
}
