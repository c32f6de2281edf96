// How long a caller waits: what its library says, what the rule says, and both sides of each bound.
import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { Caller } from '../../../proxy/caller.ts'
import { recognise } from '../../../proxy/dialect/recognise.ts'
import { openAiChat } from '../../../proxy/dialect/openai-chat.ts'
import {
  deadlineOf,
  isWorthWaiting,
  MAX_BLIND_WAIT_MS,
  MAX_WAIT_MS,
  retryCountOf,
} from '../../../proxy/upstream/patience.ts'
import { makeTable } from '../../support/proxy-rig.ts'

const RECEIVED_MS = 1_000_000

function deadline(rawHeaders: string[], totalMs?: number) {
  const body = Buffer.from('{"model":"m"}')
  const received = {
    id: 'x',
    method: 'POST',
    place: recognise('POST', '/v1/chat/completions'),
    rawHeaders,
    body,
    original: { read: body, sent: body },
    receivedAtMs: RECEIVED_MS,
    caller: new Caller(),
  }
  const call = openAiChat.readCall(received)
  const [route] = makeTable({
    targets: { a: { url: 'http://a.test' } },
    routes: [{ backends: ['a'], timeouts: totalMs === undefined ? {} : { totalMs } }],
  }).routes
  if (call.kind === 'failure' || route === undefined) throw new Error('no call')
  const deadlineMs = deadlineOf({ kind: 'routed', call, route })
  return deadlineMs === null ? null : deadlineMs - RECEIVED_MS
}

describe('the time at which the caller gives up', () => {
  it.each([
    ['is not known', [], undefined, null],
    ["is its library's", ['X-Stainless-Timeout', '60'], undefined, 60_000],
    ["is the rule's", [], 7000, 7000],
    ["is its library's when that is sooner", ['x-stainless-timeout', '6'], 7000, 6000],
    ["is the rule's when that is sooner", ['x-stainless-timeout', '8'], 7000, 7000],
    ['is not known from a header that is no number', ['x-stainless-timeout', 'soon'], undefined, null],
  ])('%s', (...[, rawHeaders, totalMs, expected]) => {
    expect(deadline(rawHeaders, totalMs)).toBe(expected)
  })
})

it.each([
  [[], 0],
  [['X-Stainless-Retry-Count', '0'], 0],
  [['X-Stainless-Retry-Count', '2'], 2],
  [['x-stainless-retry-count', '-2'], 0],
  [['x-stainless-retry-count', 'many'], 0],
])('a request with %j has been sent %i times before', (rawHeaders, expected) => {
  expect(retryCountOf({ rawHeaders })).toBe(expected)
})

it.each([
  ['the longest pause of a caller that says nothing', MAX_BLIND_WAIT_MS, null, 0, true],
  ['a longer one', MAX_BLIND_WAIT_MS + 1, null, 0, false],
  ['two that are too long together', MAX_BLIND_WAIT_MS - 10, null, 11, false],
  ['the longest pause of a patient caller', MAX_WAIT_MS, 600_000, 0, true],
  ['one that is longer', MAX_WAIT_MS + 1, 600_000, 0, false],
  ['one that leaves a second for the attempt', 2000, 3000, 0, true],
  ['one that leaves less', 2001, 3000, 0, false],
])('%s', (...[, waitMs, deadlineMs, waitedMs, expected]) => {
  expect(isWorthWaiting(waitMs, { deadlineMs, nowMs: 0, waitedMs })).toBe(expected)
})
