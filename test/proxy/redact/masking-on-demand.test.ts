// Masking that is loaded when a rule asks for it: calls of other rules pass by without waiting, and a table with such a
// rule makes it ready.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { MaskingOnDemand } from '../../../proxy/redact/masking-on-demand.ts'
import { KeyRing } from '../../../proxy/table/key-ring.ts'
import type { RoutedCall } from '../../../proxy/exchange.ts'
import { systemTimers } from '../../../proxy/upstream/timers.ts'
import { makeTable } from '../../support/proxy-rig.ts'

function masking() {
  const compiled: string[] = []
  const onDemand = new MaskingOnDemand({
    keys: new KeyRing(),
    logger: { error: () => {} },
    memoryKey: randomBytes(32),
    timers: systemTimers,
    now: () => 0,
    afterTurn: setImmediate,
    compile: () => {
      compiled.push('a policy')
      throw new Error('enough')
    },
  })
  return { onDemand, compiled }
}

test('a call of a rule that does not redact passes by, without a promise', () => {
  const [route] = makeTable({ targets: { a: { url: 'http://a.test' } }, routes: [{ backends: ['a'] }] }).routes
  const routed = { kind: 'routed', route } as RoutedCall
  expect(masking().onDemand.mask(routed)).toEqual({ kind: 'masked', routed, report: null, restoration: null })
})

test('a table without a rule that redacts loads nothing', () => {
  const { onDemand, compiled } = masking()
  onDemand.prepare(makeTable({ targets: { a: { url: 'http://a.test' } }, routes: [{ backends: ['a'] }] }))
  expect(compiled).toEqual([])
})
