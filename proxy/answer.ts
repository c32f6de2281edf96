// From what a call came to, to the Answer that the server shell delivers: a provider's answer, the proxy's own, or a
// refusal in the caller's dialect. Adds the headers that say which rule and target served, by name. Pure.
import type { Buffer } from 'node:buffer'
import type { Dialect } from './dialect/dialect.ts'
import { retryAdvice, statusOf, type Failure } from './errors.ts'
import type { Answer, Answered, AnswerBody, CacheReport, Place, RedactionReport, Trail } from './exchange.ts'
import type { DeferredReport } from './reports.ts'
import { toAnswerHeaders, toHeaderText } from './upstream/headers.ts'

/** What is known of a call before its rule is. */
export function emptyTrail({ operation }: Pick<Place, 'operation'>, tableVersion: string | null = null): Trail {
  return { operation, model: null, route: null, targetId: null, attempts: [], isStreaming: false, tableVersion }
}

/** `body` is the provider's, or what watches over it. */
export function deliver(answered: Answered, body: AnswerBody, trail: Trail): Answer {
  // RFC 9110 section 8.6: no length where the status says that there is no body.
  const hasLength = !('start' in body) && answered.status !== 204 && answered.status !== 304
  // What watches over a stream may end it with an event of its own: a length would cut that event off, and the caller
  // would read the rest as its next answer.
  const headers = body === answered.body ? answered.headers : withoutLength(answered.headers)
  const rawHeaders = toAnswerHeaders(headers, hasLength ? body.length : null)
  addNames(rawHeaders, trail)
  addChanges(rawHeaders, answered, trail.adjusted)
  // Other targets have been asked; a library that repeats the call would ask them all again.
  const isLastOfSeveral = answered.failureClass !== null && trail.attempts.length > 1
  if (isLastOfSeveral && answered.headers['x-should-retry'] === undefined) rawHeaders.push('x-should-retry', 'false')
  const { status, finish } = answered
  const answer = { kind: 'answer', source: 'upstream', status, rawHeaders, body, error: null, trail } as const
  return finish === undefined ? answer : { ...answer, finish }
}

export function reply(body: Buffer, trail: Trail): Answer {
  return { kind: 'answer', source: 'proxy', status: 200, rawHeaders: jsonHeaders(body), body, error: null, trail }
}

export function refuse(
  failure: Failure,
  { dialect }: { readonly dialect: Dialect },
  trail: Trail,
): Answer & { readonly body: Buffer } {
  const { code } = failure
  const body = dialect.errorBody(failure)
  const rawHeaders = [...jsonHeaders(body), 'x-modelroute-error', code, ...retryHeaders(failure)]
  addNames(rawHeaders, trail)
  return { kind: 'answer', source: 'proxy', status: statusOf(code), rawHeaders, body, error: code, trail }
}

/**
 * The proxy has used up its attempts when it says `never`: a library that repeats the call would multiply them. Seconds
 * are for everyone (RFC 9110 section 10.2.3), milliseconds for the libraries that read them first.
 */
function retryHeaders(failure: Failure): readonly string[] {
  const { retry, afterMs } = retryAdvice(failure)
  const headers = retry === null ? [] : ['x-should-retry', String(retry === 'soon')]
  if (afterMs !== null)
    headers.push('retry-after', String(Math.ceil(afterMs / 1000)), 'retry-after-ms', String(afterMs))
  return headers
}

export function withoutLength(headers: Answered['headers']): Answered['headers'] {
  if (headers['content-length'] === undefined) return headers
  return { ...headers, 'content-length': undefined }
}

function jsonHeaders(body: Buffer): string[] {
  return ['content-type', 'application/json', 'content-length', String(body.length)]
}

/** What of the request did not reach the target, or reached it changed. */
function addChanges(
  rawHeaders: string[],
  { translation, adjusted = NOTHING, dropped: said = NOTHING }: Answered,
  byRule: readonly string[] = NOTHING,
): void {
  const dropped = translation?.dropped ?? said
  const changed = [...byRule, ...(translation?.adjusted ?? NOTHING), ...adjusted]
  if (dropped.length > 0) rawHeaders.push('x-modelroute-dropped', dropped.map(toHeaderText).join(', '))
  if (changed.length > 0) rawHeaders.push('x-modelroute-adjusted', changed.map(toHeaderText).join(', '))
}

const NOTHING: readonly string[] = []

function addNames(rawHeaders: string[], { route, targetId, redaction, batch, cache, flight, deferred }: Trail): void {
  if (redaction !== undefined) rawHeaders.push('x-modelroute-redaction', redactionText(redaction))
  if (route !== null) rawHeaders.push('x-modelroute-route', toHeaderText(route))
  if (targetId !== null) rawHeaders.push('x-modelroute-target', toHeaderText(targetId))
  if (batch !== undefined) rawHeaders.push('x-modelroute-batch', `calls=${batch.calls}`)
  if (cache !== undefined) addCache(rawHeaders, cache, flight)
  if (deferred !== undefined) rawHeaders.push('x-modelroute-deferred', deferredText(deferred))
}

/** RFC 9111 section 5.1: the age in whole seconds. */
function addCache(rawHeaders: string[], { outcome, level, reason, ageMs }: CacheReport, flight: Trail['flight']): void {
  const where = level === null ? '' : `; level=${level}`
  const why = reason === null ? '' : `; reason=${reason}`
  const whose = flight === 'joined' ? '; flight=joined' : ''
  rawHeaders.push('x-modelroute-cache', outcome + where + why + whose)
  if (ageMs !== null) rawHeaders.push('age', String(Math.max(0, Math.floor(ageMs / 1000))))
}

function deferredText({ outcome, reason }: DeferredReport): string {
  return reason === null ? outcome : `${outcome}; reason=${reason}`
}

/** A call that left as it was says why. */
function redactionText({ outcome, reason }: RedactionReport): string {
  return reason === null ? outcome : `${outcome}; reason=${reason}`
}
