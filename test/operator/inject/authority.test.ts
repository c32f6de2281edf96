// The authority's decisions by table, and what they add up to over two years of days.
import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  advanceAuthority,
  type AuthorityState,
  bundleOf,
  decideStep,
  fromSecretData,
  LAST_MOMENT_MS,
  OVERLAP_MS,
  toSecretData,
} from '../../../operator/inject/authority.ts'
import { AUTHORITY_LIFETIME_MS, createAuthority, DAY_MS } from '../../../operator/inject/certificate.ts'
import { Secret } from '../../../proxy/secret.ts'

const bornMs = Date.parse('2026-01-01T00:00:00Z')
const certificate = (notBeforeMs: number, notAfterMs: number) => ({
  pem: '',
  key: new Secret('unused'),
  notBeforeMs,
  notAfterMs,
})
const issuing = certificate(bornMs, bornMs + 300 * DAY_MS)
const alone: AuthorityState = { issuing, next: null, retired: null }
const preparedMs = bornMs + 200 * DAY_MS
const prepared: AuthorityState = { ...alone, next: certificate(preparedMs, preparedMs + 300 * DAY_MS) }
const late: AuthorityState = {
  ...alone,
  next: certificate(issuing.notAfterMs - 2 * DAY_MS, issuing.notAfterMs + 300 * DAY_MS),
}
const retired: AuthorityState = { ...alone, retired: certificate(bornMs - 200 * DAY_MS, bornMs + 50 * DAY_MS) }

describe('decideStep', () => {
  test.each([
    ['creates one when there is none', null, bornMs, 'create'],
    ['keeps one with more than a third left', alone, preparedMs - 1, 'keep'],
    ['prepares a successor at a third', alone, preparedMs, 'prepare'],
    ['prepares a successor a moment before the end', alone, issuing.notAfterMs - 1, 'prepare'],
    ['makes a new one when the only one has expired', alone, issuing.notAfterMs, 'create'],
    ['keeps signing with the old one during the overlap', prepared, preparedMs + OVERLAP_MS - 1, 'keep'],
    ['promotes the successor after the overlap', prepared, preparedMs + OVERLAP_MS, 'promote'],
    ['waits with a late successor', late, issuing.notAfterMs - LAST_MOMENT_MS - 1, 'keep'],
    ['promotes a late successor at the last moment', late, issuing.notAfterMs - LAST_MOMENT_MS, 'promote'],
    ['promotes a successor when the old one has expired', late, issuing.notAfterMs + 1, 'promote'],
    ['keeps a retired one while it is valid', retired, bornMs + 50 * DAY_MS - 1, 'keep'],
    ['forgets a retired one when it has expired', retired, bornMs + 50 * DAY_MS, 'forget'],
  ] as const)('%s', (_sentence, state, nowMs, step) => {
    expect(decideStep(state, nowMs)).toBe(step)
  })
})

describe('advanceAuthority over two years of days', () => {
  const days: { readonly nowMs: number; readonly state: AuthorityState }[] = []

  beforeAll(async () => {
    let state: AuthorityState | null = null
    for (let day = 0; day <= 730; day += 1) {
      const nowMs = bornMs + day * DAY_MS
      state = await advanceAuthority(state, nowMs)
      days.push({ nowMs, state })
    }
  })

  test('always signs with an authority that is valid', () => {
    const invalid = days.filter(
      ({ nowMs, state }) => nowMs > state.issuing.notAfterMs || nowMs < state.issuing.notBeforeMs,
    )
    expect(invalid).toEqual([])
  })

  test('always has the signing authority in the bundle of 29 days before, so that nobody meets an unknown one', () => {
    const surprises = days.filter(({ state }, day) => {
      const earlier = days[Math.max(0, day - 29)]
      return earlier !== undefined && !bundleOf(earlier.state).includes(state.issuing.pem)
    })
    expect(surprises).toEqual([])
  })

  test('changes the signing authority two times and never holds more than three certificates', () => {
    expect(new Set(days.map(({ state }) => state.issuing.pem)).size).toBe(3)
    const sizes = days.map(({ state }) => bundleOf(state).split('BEGIN CERTIFICATE').length - 1)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(3)
  })
})

describe('the Secret', () => {
  test('gives back what was stored, successor and retired one included', async () => {
    const [one, two] = await Promise.all([createAuthority({ nowMs: bornMs }), createAuthority({ nowMs: bornMs })])
    const { pem, notBeforeMs, notAfterMs } = two
    const state: AuthorityState = { issuing: one, next: two, retired: { pem, notBeforeMs, notAfterMs } }
    const read = await fromSecretData(toSecretData(state))
    expect(read).toEqual(state)
    expect(read?.issuing.key.reveal()).toBe(one.key.reveal())
  })

  test('is null without data, as the chart makes it', async () => {
    expect(await fromSecretData({})).toBeNull()
  })

  test('names the part that cannot be read', async () => {
    const one = await createAuthority({ nowMs: bornMs })
    const data = toSecretData({ issuing: one, next: null, retired: null })
    await expect(fromSecretData({ ...data, 'ca.key': null })).rejects.toThrow(/"ca" in the Secret cannot be read/)
    const broken = { ...data, 'retired.crt': Buffer.from('x').toString('base64') }
    await expect(fromSecretData(broken)).rejects.toThrow(/"retired" in the Secret cannot be read/)
  })

  test('holds certificates that others can read', async () => {
    const state = await advanceAuthority(null, bornMs)
    const pem = Buffer.from(toSecretData(state)['ca.crt'] ?? '', 'base64').toString()
    expect(Date.parse(new X509Certificate(pem).validTo)).toBe(bornMs + AUTHORITY_LIFETIME_MS)
  })
})
