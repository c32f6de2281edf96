// What happens with a closed Exchange: one log line, the counters, the ring of recent calls. Never a body, a query
// string or a key; an Exchange has none.
import type { BatchReport, Exchange, RedactionReport } from '../exchange.ts'
import { reportCache } from './cache-calls.ts'
import type { CallLog } from './call-log.ts'
import type { ProxyMetrics } from './metrics.ts'

export interface ReportDeps {
  readonly callLines: { readonly write: (exchange: Exchange) => void }
  readonly metrics: ProxyMetrics
  readonly callLog: CallLog
}

const NO_SHADOWS: NonNullable<Exchange['shadows']> = []

export function report(exchange: Exchange, { callLines, metrics, callLog }: ReportDeps): void {
  const { route, targetId, attempts, error, status, durationMs, firstByteMs, finish } = exchange
  const operation = exchange.operation ?? 'None'
  metrics.calls.add(operation, route ?? '', String(status), error ?? '')
  for (const { targetId: asked, outcome, failureClass, hedge, isClamped, isShared } of attempts) {
    if (isShared === true) continue
    metrics.attempts.add(asked, outcome, failureClass ?? '')
    if (hedge !== undefined) metrics.hedges.add(asked, hedge)
    if (isClamped === true) metrics.clamps.add(asked)
  }
  if (targetId !== null && finish !== null) metrics.finishes.add(targetId, finish)
  if (targetId !== null && exchange.usage !== undefined) reportUsage(targetId, exchange, metrics)
  metrics.duration.observe(operation, durationMs / 1000)
  if (targetId !== null && firstByteMs !== null) metrics.firstByte.observe(targetId, firstByteMs / 1000)
  for (const { route: shadow, isSame } of exchange.shadows ?? NO_SHADOWS)
    metrics.shadows.add(shadow, isSame ? 'same' : 'other')
  if (exchange.cache !== undefined) reportCache(exchange.cache, exchange, metrics)
  if (exchange.batch !== undefined) reportBatch(route ?? '', exchange.batch, metrics)
  if (exchange.deferred !== undefined)
    metrics.deferred.add(route ?? '', exchange.deferred.outcome, exchange.deferred.reason ?? '')
  if (exchange.redaction !== undefined) reportRedaction(route ?? '', exchange.redaction, metrics)
  if (operation !== 'Models') callLog.record(exchange)
  callLines.write(exchange)
}

function reportBatch(route: string, { form, isFirst }: BatchReport, metrics: ProxyMetrics): void {
  metrics.batchedCalls.add(route, form)
  if (isFirst) metrics.batches.add(route, form)
}

function reportUsage(targetId: string, { usage, cost }: Exchange, metrics: ProxyMetrics): void {
  const { inputTokens = 0, cachedInputTokens = 0, outputTokens = 0 } = usage ?? {}
  metrics.tokens.addCount(inputTokens, targetId, 'input')
  metrics.tokens.addCount(cachedInputTokens, targetId, 'cached')
  metrics.tokens.addCount(outputTokens, targetId, 'output')
  // A sum over many calls: here a float is good enough.
  if (cost !== undefined) metrics.cost.addCount(Number(cost), targetId)
}

const FATES = ['sent', 'seen', 'restored', 'damaged', 'unknown'] as const

function reportRedaction(route: string, redaction: RedactionReport, metrics: ProxyMetrics): void {
  const { outcome, reason, masked, notInspected } = redaction
  for (const [type, count] of Object.entries(masked)) metrics.redacted.addCount(count, route, type, outcome)
  if (outcome === 'passed') metrics.redactionPassed.add(route, reason ?? '')
  if (outcome === 'dryRun' && reason !== null) metrics.redactionWouldFail.add(route, reason)
  if (notInspected > 0) metrics.notInspected.addCount(notInspected, route)
  for (const fate of FATES) if (redaction[fate] > 0) metrics.placeholders.addCount(redaction[fate], route, fate)
}
