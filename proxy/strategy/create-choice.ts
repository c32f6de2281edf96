// What choosing a target needs beside the table, made once per proxy: the meters, the canaries and their metrics. A
// canary that stops is a line in the log, and a metric by rule.
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Logger } from '../telemetry/log.ts'
import { Canaries, type CanaryState } from './canaries.ts'
import { Meters } from './meters.ts'

export interface ChoiceParts {
  readonly now: () => number
  readonly logger: Pick<Logger, 'warn'>
  readonly registry: Registry
}

export interface Choice {
  readonly meters: Meters
  readonly canaries: Canaries
  readonly onMissingKey: (route: string) => void
}

export function createChoice({ now, logger, registry }: ChoiceParts): Choice {
  const stops = new Counter({
    name: 'modelroute_proxy_canary_stops_total',
    help: 'Canaries that this proxy has stopped, by rule and reason: errors or slower.',
    labelNames: ['route', 'reason'],
    registers: [registry],
  })
  const canaries = new Canaries({
    now,
    onStopped: (route, reason, { canary, baseline }) => {
      stops.inc({ route, reason })
      const seen = { calls: canary.calls, failures: canary.failures, baselineCalls: baseline.calls }
      logger.warn({ route, reason, ...seen, baselineFailures: baseline.failures }, 'a canary is stopped')
    },
  })
  registerShares(registry, () => canaries.states())
  const missing = new Counter({
    name: 'modelroute_proxy_sticky_missing_total',
    help: 'Calls without the user or the header that their rule is sticky by, by rule.',
    labelNames: ['route'],
    registers: [registry],
  })
  return { meters: new Meters({ now }), canaries, onMissingKey: (route) => missing.inc({ route }) }
}

function registerShares(registry: Registry, read: () => readonly CanaryState[]): void {
  new Gauge({
    name: 'modelroute_proxy_canary_percent',
    help: 'Percent of the conversations that the canary of a rule gets now; 0 when it is stopped or has not begun.',
    labelNames: ['route'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { route, percent } of read()) this.set({ route }, percent)
    },
  })
}
