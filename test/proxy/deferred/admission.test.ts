// Who asks to be answered later, and whose call must not rest anywhere.
import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { admit } from '../../../proxy/deferred/admission.ts'
import { MAX_JOB_BYTES } from '../../../proxy/deferred/job.ts'
import { asksForLater } from '../../../proxy/deferred/preference.ts'
import { recognise } from '../../../proxy/dialect/recognise.ts'
import type { Attempt } from '../../../proxy/exchange.ts'
import type { MaskedCall } from '../../../proxy/redact/masking.ts'

describe('a preference', () => {
  const preferences: readonly (readonly [string, boolean])[] = [
    ['respond-async', true],
    ['Respond-Async', true],
    ['return=minimal, respond-async; x=1, wait=10', true],
    ['respond-async-later', false],
    ['not-respond-async', false],
    ['return=minimal', false],
  ]

  it.each(preferences)('%s: %s', (value, isAsked) => {
    expect(asksForLater(['Prefer', value])).toBe(isAsked)
    expect(asksForLater(['prefer', 'wait=1', 'prefer', value])).toBe(isAsked)
  })
})

describe('a call on a rule that masks', () => {
  const NOTHING = { outcome: 'masked', reason: null, masked: {}, notInspected: 0, sent: 0, seen: 0 } as const
  const report = { ...NOTHING, restored: 0, damaged: 0, unknown: 0 }
  const RULE = { offPeak: nightOf(), withinMs: 60_000, keepMs: 60_000 }

  const calls: readonly (readonly [string, Partial<MaskedCall>, string])[] = [
    ['may wait when nothing was found in it', { report }, 'OffPeak'],
    ['may wait when a dry run only counts', { report: { ...report, outcome: 'dryRun', sent: 0 } }, 'OffPeak'],
    ['is served at once with a placeholder in it', { report: { ...report, sent: 1 } }, 'masked'],
    ['is served at once when it left as it was', { report: { ...report, outcome: 'passed' } }, 'masked'],
  ]

  it.each(calls)('%s', (_, masked, expected) => {
    const admission = admit(maskedCall(masked), RULE, [TARGET])
    expect(admission.kind === 'take' ? admission.sendBy : admission.reason).toBe(expected)
  })

  it('is served at once when it is longer than a job may be', () => {
    const sizes = [MAX_JOB_BYTES, MAX_JOB_BYTES + 1].map(
      (size) => admit(maskedCall({ report }, size), RULE, [TARGET]).kind,
    )
    expect(sizes).toEqual(['take', 'decline'])
  })
})

describe('a call that no target can hold', () => {
  it('is served at once, and told so', () => {
    const rule = { offPeak: nightOf(), withinMs: 60_000, keepMs: 60_000 }
    expect(admit(maskedCall({}), rule, [])).toEqual({ kind: 'decline', reason: 'target' })
  })
})

/** As far as it is looked at. */
const TARGET = { targetId: 'a', target: { dialect: 'Prompt' } } as unknown as Attempt

function nightOf() {
  return { timeZone: 'UTC', days: [1], fromMinute: 0, toMinute: 60 }
}

/** As far as it is looked at. */
function maskedCall(given: Partial<MaskedCall>, sizeBytes = 10): MaskedCall {
  const received = { place: recognise('POST', '/v1/chat/completions'), body: Buffer.alloc(sizeBytes), rawHeaders: [] }
  const routed = { call: { received, isStreaming: false, model: 'm' } }
  return { kind: 'masked', report: null, restoration: null, routed, ...given } as unknown as MaskedCall
}
