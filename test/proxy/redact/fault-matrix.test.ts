// Every fault that keeps a request from being masked, over the wire, under each of the three settings: refused, it has
// not left and the caller is told why; passed or in a dry run, it leaves as it came and header, log and metric say so.
// There is no fourth ending, and no value in what is told.
import { Buffer } from 'node:buffer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LOOK_EVERY_MS } from '../../../proxy/redact/work/detached-work.ts'
import { systemTimers, type Timers } from '../../../proxy/upstream/timers.ts'
import { makeTable, startProxy, type ProxyRig, type RouteSpec } from '../../support/proxy-rig.ts'
import { answers, completion, Upstream } from '../../support/upstream.ts'

const EMAIL = 'alice.muster@example.com'
const KEYS = { 'redaction/current': Buffer.alloc(32, 7).toString('base64') }
const CHAT = '/v1/chat/completions'
const RESPONSES = '/v1/responses'
const MESSAGES = '/v1/messages'

type Make = (model: string) => object | string | Buffer
type Fault = readonly [name: string, code: string, path: string, make: Make, more?: Partial<RouteSpec['redact']>]

const user = (content: unknown) => (model: string) => ({ model, messages: [{ role: 'user', content }] })
const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
const thinking = { type: 'thinking', thinking: EMAIL, signature: 'AAAA' }

const FAULTS: readonly Fault[] = [
  ['a detector that never returns', 'masking_failed', CHAT, user(`${EMAIL} never returns`)],
  ['a detector that throws', 'masking_failed', CHAT, user(`${EMAIL} throws`)],
  ['words that have not come', 'masking_not_ready', CHAT, user(EMAIL), { wordLists: ['words/missing'] }],
  ['a kind of part that nobody knows', 'part_not_maskable', CHAT, user([{ type: 'hologram', of: EMAIL }])],
  ['token numbers', 'part_not_maskable', '/v1/embeddings', (model) => ({ model, input: [[1, 2]] })],
  [
    'what the provider holds',
    'state_not_maskable',
    RESPONSES,
    (model) => ({ model, input: EMAIL, previous_response_id: 'r' }),
  ],
  [
    'a member twice',
    'body_not_maskable',
    CHAT,
    (model) => `{"model":"${model}","messages":[],"metadata":{"a":"x","a":"${EMAIL}"}}`,
  ],
  [
    'a bad escape',
    'body_not_maskable',
    CHAT,
    (model) => `{"model":"${model}","messages":[{"role":"user","content":"\\q"}]}`,
  ],
  [
    'bytes that are no UTF-8',
    'body_not_maskable',
    CHAT,
    (model) => Buffer.from(`{"model":"${model}","messages":["\xe9"]}`, 'latin1'),
  ],
  [
    'a value in what is signed',
    'signed_not_maskable',
    MESSAGES,
    (model) => ({ model, max_tokens: 1, messages: [{ role: 'assistant', content: [thinking] }] }),
  ],
  ['an image under Strict', 'content_not_inspected', CHAT, user([image]), { profile: 'Strict' }],
]
const SETTINGS = [
  ['refused', {}],
  ['passed', { onFailure: 'Pass' }],
  ['dryRun', { mode: 'DryRun' }],
] as const

const COUNTERS = { passed: 'redaction_passed_total', dryRun: 'redaction_would_fail_total' }

/** Looks at the thread more often, so that nobody waits for five seconds. */
const hasty: Timers = {
  start: (delayMs, run) => systemTimers.start(delayMs === LOOK_EVERY_MS ? delayMs / 25 : delayMs, run),
}
const modelOf = (index: number, setting: string) => `m${index}-${setting}`

let upstream: Upstream
let rig: ProxyRig
let calls = 0

beforeAll(async () => {
  upstream = await Upstream.start()
  upstream.usual = answers(completion('yes'))
  const routes = FAULTS.flatMap(([, , path, , more], index) =>
    SETTINGS.map(([setting, settings]) => ({
      name: `test/faults/${modelOf(index, setting)}`,
      models: [modelOf(index, setting)],
      backends: [path === MESSAGES ? 'anthropic' : 'openAi'],
      redact: { profile: 'Credentials' as const, ...more, ...settings },
    })),
  )
  const targets = { openAi: { url: upstream.url }, anthropic: { url: upstream.url, dialect: 'Anthropic' as const } }
  const maskingThread = new URL('work/broken-thread.ts', import.meta.url)
  rig = await startProxy({ table: makeTable({ routes, targets }), keys: KEYS, maskingThread, timers: hasty })
})

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

async function ask(path: string, body: Buffer) {
  upstream.requests.splice(0)
  calls += 1
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(rig.url + path, { method: 'POST', headers, body: new Uint8Array(body) })
  const text = await response.text()
  await rig.untilReported(calls)
  const told = [...response.headers].join()
  return {
    error: response.headers.get('x-modelroute-error'),
    redaction: response.headers.get('x-modelroute-redaction'),
    told,
    text,
  }
}

test.each(FAULTS.map((fault, index) => [...fault.slice(0, 2), index] as [string, string, number]))(
  '%s: %s',
  async (_, code, index) => {
    const [, , path, make] = FAULTS[index] ?? FAULTS[0] ?? []
    if (path === undefined || make === undefined) throw new Error('no fault')
    const bytesFor = (setting: string) => {
      const made = make(modelOf(index, setting))
      return Buffer.isBuffer(made) ? made : Buffer.from(typeof made === 'string' ? made : JSON.stringify(made))
    }
    const refused = await ask(path, bytesFor('refused'))
    expect([refused.error, refused.redaction]).toEqual([code, null])
    expect(upstream.requests).toEqual([])
    expect(refused.told + refused.text).not.toContain('muster')
    expect(rig.exchanges.at(-1)).toMatchObject({ error: code, route: `test/faults/${modelOf(index, 'refused')}` })
    for (const setting of ['passed', 'dryRun'] as const) {
      const body = bytesFor(setting)
      const { error, redaction, told } = await ask(path, body)
      expect([error, redaction]).toEqual([null, `${setting}; reason=${code}`])
      expect(upstream.requests.map(({ bytes }) => bytes)).toEqual([body])
      expect(told).not.toContain('muster')
      expect(rig.exchanges.at(-1)?.redaction).toMatchObject({ outcome: setting, reason: code, masked: {} })
      const counted = `${COUNTERS[setting]}{route="test/faults/${modelOf(index, setting)}",reason="${code}"} 1`
      expect(await rig.registry.metrics()).toContain(counted)
    }
  },
)

test('nothing of the values is in the log or the metrics', async () => {
  expect(rig.logText() + (await rig.registry.metrics())).not.toMatch(/muster|hologram/)
})
