// Calls that go on from what a provider holds stay with that provider, through the front door, and what is remembered for
// it is bounded.
import { Buffer } from 'node:buffer'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { Caller } from '../../../proxy/caller.ts'
import { recognise } from '../../../proxy/dialect/recognise.ts'
import type { Answered, Attempt, Call } from '../../../proxy/exchange.ts'
import { MAX_OWNED, StateOwners } from '../../../proxy/upstream/state-owners.ts'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { answers, streams, Upstream, type Behaviour } from '../../support/upstream.ts'

let one: Upstream
let other: Upstream
let rig: ProxyRig

beforeEach(async () => {
  one = await Upstream.start()
  other = await Upstream.start()
  one.usual = responds('one')
  other.usual = responds('other')
  const targets = { one: { url: one.url }, other: { url: other.url, model: 'theirs' } }
  rig = await startProxy({ table: makeTable({ targets, routes: [{ backends: ['one', 'other'] }] }) })
})

afterEach(async () => {
  await rig.stop()
  await one.stop()
  await other.stop()
})

/** A provider that gives each response an id of its own and knows no other's. */
function responds(name: string): Behaviour {
  let count = 0
  return (response, request) => {
    const { previous_response_id: previous, stream } = JSON.parse(request.body) as Record<string, unknown>
    if (typeof previous === 'string' && !previous.startsWith(name)) {
      const error = { message: 'none', type: 'invalid_request_error', code: 'previous_response_not_found' }
      return answers({ error }, 400)(response, request)
    }
    count += 1
    const whole = { id: `${name}-${count}`, object: 'response', status: 'completed', output: [] }
    if (stream !== true) return answers(whole)(response, request)
    const event = (type: string) => `event: ${type}\ndata: ${JSON.stringify({ type, response: whole })}\n\n`
    return streams(event('response.created'), event('response.completed'))(response, request)
  }
}

interface Turn {
  readonly input: string
  readonly previous?: string
  readonly stream?: boolean
}

async function ask({ input, previous, stream = false }: Turn): Promise<{ id: string; target: string | null }> {
  const body = JSON.stringify({ model: 'm', input, stream, ...(previous && { previous_response_id: previous }) })
  const response = await fetch(`${rig.url}/v1/responses`, { method: 'POST', body })
  const text = await response.text()
  return { id: /"id":"([^"]+)"/.exec(text)?.[1] ?? text, target: response.headers.get('x-modelroute-target') }
}

it.each([
  ['whole', false],
  ['streamed', true],
])('a conversation of %s responses stays with the provider that holds it', async (_, stream) => {
  for (let conversation = 0; conversation < 8; conversation += 1) {
    let last = await ask({ input: `hello ${conversation}`, stream })
    for (let turn = 0; turn < 4; turn += 1) {
      const next = await ask({ input: `turn ${turn} of ${conversation}`, previous: last.id, stream })
      expect(next.target).toBe(last.target)
      last = next
    }
  }
  expect(Math.min(one.requests.length, other.requests.length)).toBeGreaterThan(0)
  expect(one.requests.length + other.requests.length).toBe(8 * 5)
})

test('it is not taken to another one when its provider fails', async () => {
  const { id, target } = await ask({ input: 'hello' })
  const [owner, stranger] = target === 'one' ? [one, other] : [other, one]
  owner.usual = answers({ error: { message: 'boom' } }, 500)
  const before = stranger.requests.length
  expect((await ask({ input: 'more', previous: id })).id).toContain('targets_failed')
  expect(stranger.requests.length).toBe(before)
})

describe('an id that is not known here', () => {
  it.each(['one-77', 'other-77'])('is asked for in turn: %s', async (previous) => {
    const { target } = await ask({ input: 'hello', previous })
    expect(target).toBe(previous.split('-')[0])
    const asked = one.requests.length + other.requests.length
    // Known from now on.
    expect((await ask({ input: 'anything else', previous })).target).toBe(target)
    expect(one.requests.length + other.requests.length).toBe(asked + 1)
  })

  test("that no provider holds gives the provider's own answer", async () => {
    expect((await ask({ input: 'hello', previous: 'gone-1' })).id).toContain('previous_response_not_found')
  })
})

describe('what is remembered', () => {
  const attemptAt = (provider: string): Attempt => ({
    targetId: provider,
    target: { provider, dialect: 'OpenAI', url: 'http://a.test' },
    endpoint: { origin: 'http://a.test', basePath: '' },
  })
  const attempts = [attemptAt('p'), attemptAt('q')]

  function callOf(body: object): Call {
    const bytes = Buffer.from(JSON.stringify({ model: 'm', ...body }))
    const place = recognise('POST', '/v1/responses')
    const rest = { id: '1', method: 'POST', rawHeaders: [], receivedAtMs: 0, caller: new Caller() }
    const call = place.endpoint?.readCall?.({ ...rest, place, body: bytes, original: { read: bytes, sent: bytes } })
    if (call?.kind !== 'call') throw new Error('not a call')
    return call
  }

  const answered = (id: string): Answered => ({
    kind: 'answered',
    status: 200,
    failureClass: null,
    retryAfterMs: null,
    headers: {},
    body: Buffer.from(JSON.stringify({ id })),
    isEventStream: false,
  })

  const providersFor = (owners: StateOwners, body: object) =>
    owners.keepTogether(callOf(body), attempts).map(({ targetId }) => targetId)

  test('is bounded: what was met first is forgotten', () => {
    const owners = new StateOwners()
    for (let count = 0; count <= MAX_OWNED; count += 1) {
      owners.watch(answered(`r${count}`), { call: callOf({}), attempts, attempt: attemptAt('q') })
    }
    expect(providersFor(owners, { previous_response_id: 'r0' })).toEqual(['p', 'q'])
    expect(providersFor(owners, { previous_response_id: 'r1' })).toEqual(['q'])
  })

  test('is also whose conversation it was, named either way', () => {
    const owners = new StateOwners()
    owners.watch(answered('r'), { call: callOf({ conversation: { id: 'c1' } }), attempts, attempt: attemptAt('q') })
    expect(providersFor(owners, { conversation: 'c1' })).toEqual(['q'])
    expect(providersFor(owners, { conversation: { id: 'c1' } })).toEqual(['q'])
    expect(providersFor(owners, { conversation: 'c2' })).toEqual(['p', 'q'])
  })

  test('is nothing where the owner is no longer among the targets', () => {
    const owners = new StateOwners()
    owners.watch(answered('r'), { call: callOf({}), attempts, attempt: attemptAt('gone') })
    expect(providersFor(owners, { previous_response_id: 'r' })).toEqual(['p', 'q'])
  })
})
