// Which calls may share one call at all: those that go the same way under the same rule and that the provider could not
// tell apart but by what is asked. Headers that leave the pod count, known or not; only those that name a request, its
// trace or the library's own state do not. Pure.
import { dialectOf } from '../dialect/dialects.ts'
import type { Attempt, Call, RoutedCall } from '../exchange.ts'
import { headerOf } from '../raw-headers.ts'
import { toUpstreamHeaders } from '../upstream/headers.ts'
import type { Batchable } from './form.ts'

/** Says so when an application wants one of its calls to go alone. */
export const OWN_HEADER = 'x-modelroute-batch'

const NOT_COMPARED: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'baggage',
  'b3',
  'content-digest',
  'content-encoding',
  'content-md5',
  'date',
  'digest',
  'repr-digest',
  'sec-fetch-mode',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-client-request-id',
  'x-correlation-id',
  'x-request-id',
])
const NOT_COMPARED_PREFIXES = ['x-stainless-', 'x-b3-']

export function wantsToBeAlone({ received }: Call): boolean {
  const asked = headerOf(received.rawHeaders, OWN_HEADER)
  return asked !== null && asked.trim().toLowerCase() === 'off'
}

/** Equal for calls that may be one, and of one rule by its name; tables are told apart by whoever asks. */
export function scopeOf(
  { call, route }: RoutedCall,
  { form, sameness }: Batchable,
  attempts: readonly Attempt[],
): string {
  const { place, rawHeaders } = call.received
  const targets = attempts.map(({ targetId }) => targetId)
  const query = dialectOf(place.dialect.name).withoutKey(place.query)
  return JSON.stringify([
    route.name,
    // The cache asks for several callers without the limit of one.
    route.timeouts.totalMs ?? null,
    form.name,
    place.dialect.name,
    call.model,
    query,
    targets,
    comparedHeaders(rawHeaders),
    sameness,
  ])
}

function comparedHeaders(rawHeaders: readonly string[]): readonly string[] {
  const leaving = toUpstreamHeaders(rawHeaders, false)
  const compared: string[] = []
  for (let index = 0; index + 1 < leaving.length; index += 2) {
    const name = (leaving[index] ?? '').toLowerCase()
    const isCompared = !NOT_COMPARED.has(name) && !NOT_COMPARED_PREFIXES.some((prefix) => name.startsWith(prefix))
    if (isCompared) compared.push(`${name}: ${leaving[index + 1] ?? ''}`)
  }
  return compared.toSorted()
}
