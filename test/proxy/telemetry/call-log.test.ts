// What a proxy's calls leave for the dashboard: the newest few, how many, and what redaction did with all of them.
import { expect, test } from 'vitest'
import type { Exchange, RedactionReport } from '../../../proxy/exchange.ts'
import { CallLog } from '../../../proxy/telemetry/call-log.ts'
import { MAX_RECENT_CALLS } from '../../../proxy/table/messages.ts'

const report: RedactionReport = {
  outcome: 'masked',
  reason: null,
  masked: { Email: 2 },
  notInspected: 0,
  sent: 2,
  seen: 1,
  restored: 1,
  damaged: 0,
  unknown: 0,
}

function exchange(id: string, redaction?: RedactionReport): Exchange {
  const call = {
    id,
    atMs: 0,
    route: 'r',
    targetId: 't',
    model: 'm',
    status: 200,
    attempts: [],
    durationMs: 1,
    error: null,
  }
  return { ...call, ...(redaction ? { redaction } : {}) } as unknown as Exchange
}

test('the newest calls are kept, newest first, and all are counted', () => {
  const log = new CallLog()
  for (let index = 0; index <= MAX_RECENT_CALLS; index += 1) log.record(exchange(String(index)))
  expect(log.count()).toBe(MAX_RECENT_CALLS + 1)
  expect(log.recent().map(({ id }) => id)).toEqual(
    Array.from({ length: MAX_RECENT_CALLS }, (_, age) => String(MAX_RECENT_CALLS - age)),
  )
})

test('what redaction did is added up over all calls, also those that are no longer kept', () => {
  const log = new CallLog()
  log.record(exchange('plain'))
  expect(log.redaction()).toBeNull()
  log.record(exchange('one', report))
  log.record(exchange('two', { ...report, outcome: 'passed', masked: { Email: 1, Phone: 3 }, restored: 0, damaged: 2 }))
  for (let index = 0; index < MAX_RECENT_CALLS; index += 1) log.record(exchange(String(index)))
  expect(log.redaction()).toEqual({ masked: { Email: 3, Phone: 3 }, restored: 1, damaged: 2, passed: 1 })
})
