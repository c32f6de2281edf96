// Every class of failure, in every phase of a call, streamed and not, with the official OpenAI library as the caller and
// its own retries on. Before the commit point no call is lost while another target is well; after it the caller gets
// exactly one error, and no text comes twice. What all of it costs in attempts at providers is counted.
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { FAILOVER_CLASSES, type FailoverClass } from '../../proxy/table/schema.ts'
import { OUTCOME_CLASSES } from '../../proxy/upstream/outcome-classes.ts'
import { makeTable, startProxy, type ProxyRig, type RouteSpec } from '../support/proxy-rig.ts'
import {
  answers,
  breaksAfter,
  chunk,
  hangsAfter,
  neverAnswers,
  resets,
  streams,
  Upstream,
  type Behaviour,
} from '../support/upstream.ts'

let faulty: Upstream
let well: Upstream
let rig: ProxyRig

beforeEach(async () => {
  faulty = await Upstream.start()
  well = await Upstream.start()
})

afterEach(async () => {
  await rig.stop()
  await faulty.stop()
  await well.stop()
})

/** Long enough for a target that is well on a busy machine. */
const PATIENCE_MS = 5_000
/** For targets that stay silent. */
const SILENCE_MS = 500
const ATTEMPTS = 3

interface Scene {
  readonly failover?: RouteSpec['failover']
  readonly url?: string
  readonly patienceMs?: number
}

async function start({ failover, url = faulty.url, patienceMs = PATIENCE_MS }: Scene = {}): Promise<void> {
  const targets = { faulty: { url, model: 'faulty' }, well: { url: well.url, model: 'well' } }
  const route: RouteSpec = {
    backends: ['faulty', { target: 'well', tier: 1 }],
    timeouts: { firstTokenMs: patienceMs, idleMs: patienceMs },
    failover: { attempts: ATTEMPTS, on: FAILOVER_CLASSES, ...failover },
  }
  rig = await startProxy({ table: makeTable({ targets, routes: [route] }) })
}

/** Longer than any fault that is no silence takes to be seen. */
const HEDGED = { hedgeAfterMs: 2_000 }
const isSilence = (name: string) => name.includes('silence')
const patienceWith = (fault: string) => ({ patienceMs: isSilence(fault) ? SILENCE_MS : PATIENCE_MS })

interface Got {
  readonly text: string
  readonly error: { readonly status: unknown; readonly code: string | null | undefined } | null
}

/** With the library's own two retries. */
async function ask(isStreaming: boolean): Promise<Got> {
  const client = new OpenAI({ baseURL: `${rig.url}/openai/v1`, apiKey: 'placeholder', maxRetries: 2 })
  const request = { model: 'm', messages: [{ role: 'user' as const, content: 'hello' }] }
  let text = ''
  try {
    if (!isStreaming) {
      const answer = await client.chat.completions.create(request)
      return { text: answer.choices[0]?.message.content ?? '', error: null }
    }
    const stream = await client.chat.completions.create({ ...request, stream: true })
    for await (const event of stream) text += event.choices[0]?.delta.content ?? ''
    return { text, error: null }
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error
    return { text, error: { status: error.status, code: error.code } }
  }
}

const STATUSES = {
  Timeout: [504, { error: { message: 'upstream timed out' } }],
  RateLimited: [429, { error: { message: 'slow', code: 'rate_limit_exceeded' } }],
  Overloaded: [503, { error: { message: 'busy', code: 'server_overloaded' } }],
  Quota: [429, { error: { message: 'no more', code: 'insufficient_quota' } }],
  Auth: [401, { error: { message: 'who', code: 'invalid_api_key' } }],
  ModelNotFound: [404, { error: { message: 'none', code: 'model_not_found' } }],
  ContextLength: [400, { error: { message: 'long', code: 'context_length_exceeded' } }],
  ContentFilter: [400, { error: { message: 'filtered', code: 'content_filter' } }],
  BadRequest: [422, { error: { message: 'odd', type: 'invalid_request_error' } }],
  Server: [500, { error: { message: 'boom', type: 'server_error' } }],
} as const satisfies Partial<Record<FailoverClass, readonly [number, object]>>
type StatusClass = keyof typeof STATUSES
const statusClasses = Object.keys(STATUSES) as StatusClass[]

const ROLE = `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })}\n\n`
const errorEvent = (failureClass: StatusClass) => {
  const code = STATUSES[failureClass][0]
  return `data: ${JSON.stringify({ error: { code, ...STATUSES[failureClass][1].error } })}\n\n`
}

const halfBody =
  (isBroken: boolean): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
    response.write('{"id":', () => isBroken && setImmediate(() => response.socket?.destroy()))
  }

type Fault = readonly [name: string, failureClass: FailoverClass, behaviour: Behaviour, isStreaming: boolean]

const onlyStreamed = [true]
const both = [true, false]
const each = (modes: readonly boolean[], faults: readonly (readonly [string, FailoverClass, Behaviour])[]): Fault[] =>
  faults.flatMap((fault) => modes.map((isStreaming) => [...fault, isStreaming] as const))

const beforeHeaders: readonly Fault[] = [
  ...each(both, [['a reset', 'Reset', resets]]),
  ...each(onlyStreamed, [
    ['silence', 'Timeout', neverAnswers],
    ['headers and silence', 'Timeout', hangsAfter()],
  ]),
  ...each(
    both,
    statusClasses.map((name) => [
      `an answer of ${STATUSES[name][0]}`,
      name,
      answers(STATUSES[name][1], STATUSES[name][0]),
    ]),
  ),
]

const inThePreamble: readonly Fault[] = [
  ...each(onlyStreamed, [
    ['silence', 'Timeout', hangsAfter(ROLE)],
    ['a break', 'Reset', breaksAfter(ROLE)],
    ['an end', 'Reset', streams(ROLE)],
    ...statusClasses.map((name) => ['an error', name, streams(ROLE, errorEvent(name))] as const),
  ]),
  // What a preamble is to a stream, the front of its body is to a whole answer.
  ...each(
    [false],
    [
      ['silence', 'Idle', halfBody(false)],
      ['a break', 'Reset', halfBody(true)],
      ['an error in place of the answer', 'Server', answers({ error: { message: 'boom', code: 500 } })],
    ],
  ),
]

describe('before the commit point', () => {
  const phases = [
    ['before headers', beforeHeaders],
    ['with nothing but a preamble', inThePreamble],
  ] as const

  describe.each(phases)('%s', (_phase, faults) => {
    it.each(faults)(
      '%s (%s) costs no call while another target is well',
      async (...[name, failureClass, fault, isStreaming]) => {
        await start(patienceWith(name))
        faulty.usual = fault
        expect(await ask(isStreaming)).toEqual({ text: 'from well', error: null })
        expect([faulty.requests.length, well.requests.length]).toEqual([1, 1])
        await rig.untilReported(1)
        expect(rig.exchanges[0]?.attempts).toMatchObject([
          { targetId: 'faulty', failureClass },
          { targetId: 'well', failureClass: null },
        ])
      },
    )

    // Silence with hedging on, and faults of the hedge itself: hedging.test.ts.
    it.each(faults.filter(([name]) => !isSilence(name)))(
      '%s (%s) costs no call and no hedge, with hedging on',
      async (...[_name, failureClass, fault, isStreaming]) => {
        await start({ failover: HEDGED })
        faulty.usual = fault
        expect(await ask(isStreaming)).toEqual({ text: 'from well', error: null })
        expect([faulty.requests.length, well.requests.length]).toEqual([1, 1])
        await rig.untilReported(1)
        const [failed, answered] = rig.exchanges[0]?.attempts ?? []
        expect([failed?.failureClass, answered?.failureClass, answered?.hedge]).toEqual([failureClass, null, undefined])
      },
    )
  })

  it.each([
    ['Connect', (): string => 'http://127.0.0.1:1/v1'],
    ['Dns', (): string => 'http://no-such-host.invalid/v1'],
    ['Tls', (): string => faulty.url.replace('http:', 'https:')],
  ] as const)('a target that fails by %s costs neither a call nor budget', async (failureClass, url) => {
    await start({ url: url() })
    for (let count = 1; count <= 6; count += 1) {
      expect(await ask(count % 2 === 0)).toEqual({ text: 'from well', error: null })
      expect(well.requests).toHaveLength(count)
    }
    await rig.untilReported(6)
    expect(rig.exchanges[0]?.attempts[0]).toMatchObject({ targetId: 'faulty', failureClass })
  })
})

describe('after the commit point', () => {
  const faults: readonly (readonly [string, Behaviour])[] = [
    ['silence', hangsAfter(ROLE, chunk('some '))],
    ['a break', breaksAfter(ROLE, chunk('some '))],
    ['a break inside of an event', breaksAfter(ROLE, chunk('some '), 'data: {"choices":[{"de')],
    ['an end', streams(ROLE, chunk('some '))],
    ...statusClasses.map((name) => [`an error (${name})`, streams(ROLE, chunk('some '), errorEvent(name))] as const),
  ]

  const modes = faults.flatMap(([name, fault]) => [
    [name, 'off', fault, {}] as const,
    ...(isSilence(name) ? [] : [[name, 'on', fault, HEDGED] as const]),
  ])

  it.each(modes)('%s ends the stream with one error event and costs no other attempt, hedging %s', async (...mode) => {
    const [name, , fault, failover] = mode
    await start({ ...patienceWith(name), failover })
    faulty.usual = fault
    const body = JSON.stringify({ model: 'm', stream: true, messages: [] })
    const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body })
    const events = (await response.text()).split('\n\n').filter((event) => event !== '')
    expect(events.slice(0, 2)).toEqual([ROLE.trim(), chunk('some ').trim()])
    expect(events).toHaveLength(3)
    expect(JSON.parse(events[2]?.replace('data: ', '') ?? '')).toMatchObject({ error: { message: expect.any(String) } })
    expect([faulty.requests.length, well.requests.length]).toEqual([1, 0])
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ status: 200, error: 'stream_cut' })
  })

  test('the library tells its caller once, and what came before it once', async () => {
    await start()
    faulty.usual = breaksAfter(chunk('some '), chunk('text'))
    expect(await ask(true)).toEqual({ text: 'some text', error: { status: undefined, code: 'stream_cut' } })
    expect([faulty.requests.length, well.requests.length]).toEqual([1, 0])
  })
})

describe("when every target fails, the library's retries on", () => {
  it.each(statusClasses)('%s costs no more attempts than the rule allows', async (failureClass) => {
    await start()
    const [status, body] = STATUSES[failureClass]
    faulty.usual = answers(body, status)
    well.usual = answers(body, status)
    const { error } = await ask(false)
    const { exhausted, pauseMs } = OUTCOME_CLASSES[failureClass]
    expect(error).toMatchObject(exhausted === 'as it came' ? { status } : { code: exhausted })
    // Two targets, and the first once more where the failure is one that passes.
    expect(faulty.requests.length + well.requests.length).toBe(pauseMs === null ? 2 : ATTEMPTS)
  })

  test('a target that names a time is asked again when it has come', async () => {
    await start()
    const busy: Behaviour = (response) => {
      response.writeHead(429, { 'retry-after-ms': '120', 'content-type': 'application/json' })
      response.end(JSON.stringify(STATUSES.RateLimited[1]))
    }
    faulty.script.push(busy)
    well.script.push(answers({ error: { message: 'no more', code: 'insufficient_quota' } }, 429))
    const startMs = performance.now()
    expect(await ask(false)).toEqual({ text: 'from faulty', error: null })
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(119)
    expect([faulty.requests.length, well.requests.length]).toEqual([2, 1])
  })

  test('nobody waits for a time that the caller will not live to see, and it is told', async () => {
    await start()
    const busy: Behaviour = (response) => {
      response.writeHead(429, { 'retry-after': '42' })
      response.end()
    }
    faulty.usual = busy
    well.usual = busy
    const body = JSON.stringify({ model: 'm' })
    const response = await fetch(`${rig.url}/v1/chat/completions`, {
      method: 'POST',
      body,
      headers: { 'x-stainless-timeout': '20' },
    })
    const names = ['x-modelroute-error', 'x-should-retry', 'retry-after']
    expect([response.status, ...names.map((name) => response.headers.get(name))]).toEqual([
      429,
      'targets_rate_limited',
      'false',
      '42',
    ])
    expect(Number(response.headers.get('retry-after-ms'))).toBeGreaterThan(41_000)
    expect([faulty.requests.length, well.requests.length]).toEqual([1, 1])
  })

  test("retries of the library count in the proxy's budget", async () => {
    await start({ failover: { attempts: 2 } })
    faulty.usual = answers(STATUSES.Server[1], 500)
    const headers = { 'x-stainless-retry-count': '1' }
    const body = JSON.stringify({ model: 'm' })
    const served: (string | null)[] = []
    for (let count = 0; count < 3; count += 1) {
      const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body, headers })
      served.push(response.headers.get('x-modelroute-error'))
    }
    // Each is an extra attempt itself, and a failover is another: 3 in all.
    expect(served).toEqual([null, 'targets_failed', 'targets_failed'])
  })
})
