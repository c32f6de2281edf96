// The proxy's metrics, one table. Label values are names from the table, statuses and codes: what callers choose (the
// model asked for, the path) is never a label, so the number of series is bounded by the resources.
import { Gauge, type Registry } from 'prom-client'
import { cacheCallTallies } from './cache-calls.ts'
import { Durations } from './durations.ts'
import { Tally } from './tally.ts'

/** Read when the metrics are asked for. */
export interface Gauges {
  readonly connectionsOpen: () => number
  readonly bodyBytesHeld: () => number
  readonly callsUnderWay: () => number
  readonly hasTable: () => boolean
  readonly residentBytes: () => number
  /** Of the targets of the table in force. */
  readonly targetStates: () => readonly { readonly targetId: string; readonly state: string }[]
}

export type ProxyMetrics = ReturnType<typeof createMetrics>

export function createMetrics(registry: Registry, gauges: Gauges) {
  registerGauges(registry, gauges)
  const tally = (name: string, help: string, labels: readonly string[]) =>
    new Tally({ name: `modelroute_proxy_${name}`, help, labels }, registry)
  return {
    calls: tally('calls_total', 'Calls whose answer has ended, by operation, rule, status and error code.', [
      'operation',
      'route',
      'status',
      'error',
    ]),
    attempts: tally(
      'attempts_total',
      'Attempts at targets, by target, outcome (a status, or how it ended) and class of failure.',
      ['target', 'outcome', 'class'],
    ),
    finishes: tally(
      'finish_total',
      'Answers by target and why they ended: stop, length, tool, filter, error, unknown.',
      ['target', 'reason'],
    ),
    hedges: tally(
      'hedges_total',
      'Second attempts made because the first stayed silent, by target and whether they answered first (won or lost).',
      ['target', 'result'],
    ),
    clamps: tally(
      'clamped_total',
      "Attempts that asked for a longer answer than the target's model gives, by target.",
      ['target'],
    ),
    shadows: tally(
      'shadow_calls_total',
      'Calls that a rule with mode Shadow would have taken, by that rule and by whether they went to the same target.',
      ['route', 'target'],
    ),
    ejections: tally(
      'ejections_total',
      'How often a target was put behind the others because it failed, by target and reason.',
      ['target', 'reason'],
    ),
    ...usageTallies(tally),
    ...policyTallies(tally),
    ...durations(registry),
  }
}

function durations(registry: Registry) {
  const seconds = (name: string, help: string, label: string) =>
    new Durations({ name: `modelroute_proxy_${name}`, help, label }, registry)
  return {
    duration: seconds(
      'call_duration_seconds',
      'From the last byte of a request to the last byte of its answer.',
      'operation',
    ),
    firstByte: seconds(
      'first_byte_seconds',
      'From the last byte of a request to the first byte of its answer, by target.',
      'target',
    ),
  }
}

type MakeTally = (name: string, help: string, labels: readonly string[]) => Tally

function usageTallies(tally: MakeTally) {
  return {
    tokens: tally(
      'tokens_total',
      'Tokens that answers said they took, by target and kind: input (the cached included), cached, output.',
      ['target', 'kind'],
    ),
    cost: tally('cost_total', "What answers cost, in the currency of the provider's prices, by target.", ['target']),
  }
}

function policyTallies(tally: MakeTally) {
  return { ...redactionTallies(tally), ...cacheCallTallies(tally), ...batchTallies(tally) }
}

function batchTallies(tally: MakeTally) {
  return {
    batchedCalls: tally('batched_calls_total', 'Calls that were answered together with others, by rule and kind.', [
      'route',
      'form',
    ]),
    batches: tally('batches_total', 'Upstream calls that answered several calls, by rule and kind.', ['route', 'form']),
    deferred: tally(
      'deferred_calls_total',
      'Calls whose application could wait, by rule, whether they were taken in, and why not.',
      ['route', 'outcome', 'reason'],
    ),
  }
}

function redactionTallies(tally: MakeTally) {
  return {
    redacted: tally('redacted_total', 'Values found in requests, by rule, detector and what was done with the call.', [
      'route',
      'type',
      'outcome',
    ]),
    redactionPassed: tally(
      'redaction_passed_total',
      'Calls that could not be masked and left as they were, because their rule says so, by rule and reason.',
      ['route', 'reason'],
    ),
    redactionWouldFail: tally(
      'redaction_would_fail_total',
      'Calls of a dry run that could not have been masked, by rule and reason.',
      ['route', 'reason'],
    ),
    placeholders: tally(
      'placeholders_total',
      'Placeholders by rule and what became of them: sent, seen in answers, restored, damaged (restored all the same), unknown.',
      ['route', 'fate'],
    ),
    notInspected: tally(
      'redaction_not_inspected_total',
      'Parts of requests that cannot be read and left as they were: images, audio, base64.',
      ['route'],
    ),
  }
}

function registerGauges(registry: Registry, gauges: Gauges): void {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `modelroute_proxy_${name}`,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge('connections_open', 'Connections to providers that are open.', gauges.connectionsOpen)
  gauge('body_bytes_held', 'Bytes of request bodies held at this moment.', gauges.bodyBytesHeld)
  gauge('calls_under_way', 'Calls whose answer has not ended.', gauges.callsUnderWay)
  gauge('has_table', '1 when a routing table is in force.', () => (gauges.hasTable() ? 1 : 0))
  gauge('memory_resident_bytes', 'Resident memory of the process.', gauges.residentBytes)
  new Gauge({
    name: 'modelroute_proxy_target_state',
    help: '1 for the state that each target of the table is in: well, cooling, ejected or half open.',
    labelNames: ['target', 'state'],
    registers,
    collect() {
      this.reset()
      for (const { targetId, state } of gauges.targetStates()) this.set({ target: targetId, state }, 1)
    },
  })
}
