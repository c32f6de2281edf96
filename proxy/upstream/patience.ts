// How long a caller still waits for its answer, and whether it has asked before. The libraries of OpenAI and Anthropic
// say both with every request: `x-stainless-timeout` (seconds; they hang up then) and `x-stainless-retry-count`. A
// rule's total limit counts too. Pure.
import type { Received, RoutedCall } from '../exchange.ts'
import { headerOf } from '../raw-headers.ts'

/** The longest pause that a call is held for, where its caller would wait longer. */
export const MAX_WAIT_MS = 30_000
/** The same where nobody says how long the caller waits. */
export const MAX_BLIND_WAIT_MS = 5_000
/** What must be left after a pause for the attempt itself. */
const ATTEMPT_MS = 1_000

/** 0: the caller's first request for this call, or a caller that does not say. */
export function retryCountOf({ rawHeaders }: Pick<Received, 'rawHeaders'>): number {
  const text = headerOf(rawHeaders, 'x-stainless-retry-count')
  return text !== null && /^\d{1,4}$/.test(text) ? Number(text) : 0
}

/** Since the epoch; null: nobody says. */
export function deadlineOf({ call, route }: RoutedCall): number | null {
  const { receivedAtMs, rawHeaders } = call.received
  const text = headerOf(rawHeaders, 'x-stainless-timeout')
  const patienceMs = text !== null && /^\d{1,6}(\.\d+)?$/.test(text) ? Number(text) * 1000 : Number.POSITIVE_INFINITY
  const limitMs = Math.min(patienceMs, route.timeouts.totalMs ?? Number.POSITIVE_INFINITY)
  return Number.isFinite(limitMs) ? receivedAtMs + limitMs : null
}

/** Whether a call that has waited `waitedMs` already may wait so much more. */
export function isWorthWaiting(
  waitMs: number,
  caller: { readonly deadlineMs: number | null; readonly nowMs: number; readonly waitedMs: number },
): boolean {
  const { deadlineMs, nowMs, waitedMs } = caller
  if (deadlineMs === null) return waitedMs + waitMs <= MAX_BLIND_WAIT_MS
  return waitedMs + waitMs <= MAX_WAIT_MS && nowMs + waitMs + ATTEMPT_MS <= deadlineMs
}
