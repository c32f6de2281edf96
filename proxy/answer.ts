// From what a call came to, to the Answer that the server shell delivers: a provider's answer, the proxy's own, or a
// refusal in the caller's dialect. Adds the headers that say which rule and target served, by name. Pure.
import type { Buffer } from 'node:buffer'
import type { Dialect } from './dialect/dialect.ts'
import { statusOf, type Failure } from './errors.ts'
import type { Answer, Answered, AnswerBody, Trail } from './exchange.ts'
import { toAnswerHeaders, toHeaderText } from './upstream/headers.ts'

/** What is known of a call so far; what is not yet stays out. */
export type Known = Pick<Trail, 'operation' | 'tableVersion'> & Partial<Trail> & { readonly dialect: Dialect }

export function deliver(answered: Answered, body: AnswerBody, known: Known): Answer {
  const bodyBytes = 'start' in body ? null : body.length
  const rawHeaders = toAnswerHeaders(answered.headers, bodyBytes)
  addNames(rawHeaders, known)
  const { status } = answered
  return { kind: 'answer', source: 'upstream', status, rawHeaders, body, error: null, trail: trailOf(known) }
}

export function reply(body: Buffer, known: Known): Answer {
  const rawHeaders = jsonHeaders(body)
  return { kind: 'answer', source: 'proxy', status: 200, rawHeaders, body, error: null, trail: trailOf(known) }
}

export function refuse(failure: Failure, known: Known): Answer & { readonly body: Buffer } {
  const { code } = failure
  const body = known.dialect.errorBody(failure)
  const rawHeaders = [...jsonHeaders(body), 'x-modelroute-error', code]
  // The proxy has used up its attempts; a client library that repeats the call would multiply them.
  if (code === 'targets_failed' || code === 'targets_overloaded') rawHeaders.push('x-should-retry', 'false')
  addNames(rawHeaders, known)
  const trail = trailOf(known)
  return { kind: 'answer', source: 'proxy', status: statusOf(code), rawHeaders, body, error: code, trail }
}

function jsonHeaders(body: Buffer): string[] {
  return ['content-type', 'application/json', 'content-length', String(body.length)]
}

function addNames(rawHeaders: string[], { route, targetId }: Known): void {
  if (typeof route === 'string') rawHeaders.push('x-modelroute-route', toHeaderText(route))
  if (typeof targetId === 'string') rawHeaders.push('x-modelroute-target', toHeaderText(targetId))
}

function trailOf(known: Known): Trail {
  return {
    operation: known.operation,
    model: known.model ?? null,
    route: known.route ?? null,
    targetId: known.targetId ?? null,
    attempts: known.attempts ?? [],
    isStreaming: known.isStreaming ?? false,
    tableVersion: known.tableVersion,
  }
}
