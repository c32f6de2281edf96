// What happens with a closed Exchange: one log line, the counters, the ring of recent calls. Never a body, a query
// string or a key; an Exchange has none.
import type { Exchange } from '../exchange.ts'
import type { CallLog } from './call-log.ts'
import type { Logger } from './log.ts'
import type { ProxyMetrics } from './metrics.ts'

export interface ReportDeps {
  readonly logger: Logger
  readonly metrics: ProxyMetrics
  readonly callLog: CallLog
}

export function report(exchange: Exchange, { logger, metrics, callLog }: ReportDeps): void {
  const { operation, route, targetId, attempts, error, durationMs, firstByteMs } = exchange
  const operationName = operation ?? 'None'
  metrics.calls.inc({
    operation: operationName,
    route: route ?? '',
    status: exchange.status,
    error: error ?? '',
  })
  for (const { targetId: target, outcome } of attempts) metrics.attempts.inc({ target, outcome })
  metrics.duration.observe({ operation: operationName }, durationMs / 1000)
  if (targetId !== null && firstByteMs !== null) metrics.firstByte.observe({ target: targetId }, firstByteMs / 1000)
  if (operation !== 'Models') callLog.record(exchange)
  logger.info(exchange, 'call')
}
