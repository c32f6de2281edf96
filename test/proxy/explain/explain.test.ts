// Explaining a call: by the admin port and on the call itself, and that it comes true.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Answer, Received } from '../../../proxy/exchange.ts'
import type { Explanation } from '../../../proxy/explain/explanation.ts'
import { explained } from '../../../proxy/explain/on-demand.ts'
import { makeTable, type ProxyRig, type RouteSpec, startProxy } from '../../support/proxy-rig.ts'
import { Upstream } from '../../support/upstream.ts'

let alpha: Upstream
let beta: Upstream
const rigs: ProxyRig[] = []

beforeEach(async () => {
  alpha = await Upstream.start()
  beta = await Upstream.start()
})

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop()
  await alpha.stop()
  await beta.stop()
})

const ROUTES: readonly RouteSpec[] = [
  { name: 'ns/chat/trial', mode: 'Shadow', models: ['small'], backends: ['beta'] },
  { name: 'ns/chat/red', headers: [{ name: 'x-team', value: 'red' }], backends: ['beta'] },
  { name: 'ns/chat/rest', backends: ['alpha', 'beta'] },
]

async function proxied(routes: readonly RouteSpec[] = ROUTES): Promise<ProxyRig> {
  const targets = { alpha: { url: alpha.url, model: 'a' }, beta: { url: beta.url, model: 'b' } }
  const rig = await startProxy({ table: makeTable({ targets, routes }) })
  rigs.push(rig)
  return rig
}

const body = { model: 'small', messages: [{ role: 'user', content: 'Write to ann@example.org' }] }

async function explain(rig: ProxyRig, call: object, accept = 'application/json'): Promise<Response> {
  return await fetch(`${rig.adminUrl}/explain`, { method: 'POST', headers: { accept }, body: JSON.stringify(call) })
}

const chat = (rig: ProxyRig, headers: Record<string, string> = {}, content = 'hello') =>
  fetch(`${rig.url}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content }] }),
  })

const described = (headers: Record<string, string> = {}) => ({ path: '/openai/v1/chat/completions', headers, body })

test('the rules, the strategy and the targets of a described call are told, and no provider is asked', async () => {
  const rig = await proxied()
  const explanation = (await (await explain(rig, described())).json()) as Explanation
  expect(explanation).toMatchObject({
    call: { dialect: 'OpenAI', operation: 'Chat', model: 'small', isStreaming: false },
    rules: [
      { rule: 'ns/chat/trial', outcome: 'would take', reason: null },
      { rule: 'ns/chat/red', outcome: 'passes over', reason: 'headers: x-team is not there' },
      { rule: 'ns/chat/rest', outcome: 'takes', reason: null },
    ],
    rule: 'ns/chat/rest',
    strategy: { name: 'Weight' },
    failure: null,
  })
  expect(explanation.targets.map(({ target }) => target).toSorted()).toEqual(['alpha', 'beta'])
  expect([...alpha.requests, ...beta.requests]).toEqual([])
})

test('what would be masked is counted and never repeated', async () => {
  const rig = await proxied([{ name: 'ns/chat/masked', redact: {}, backends: ['alpha'] }])
  rig.keys.replaceAll([{ id: 'modelroute/namespace-key', value: 'A'.repeat(43) }])
  const text = await (await explain(rig, described(), 'text/plain')).text()
  expect(text).not.toContain('ann@example.org')
  expect(text).toContain('refused    masking_not_ready')
})

test('a call that asks for it is told where it went and why', async () => {
  const rig = await proxied()
  const answer = await chat(rig, { 'x-modelroute-explain': '1', 'x-team': 'red' })
  const header = answer.headers.get('x-modelroute-explain') ?? ''
  const explanation = JSON.parse(header) as Explanation
  expect([explanation.rule, explanation.targets[0]?.target]).toEqual(['ns/chat/red', 'beta'])
  expect(answer.headers.get('x-modelroute-target')).toBe('beta')
  expect(beta.requests[0]?.headers['x-modelroute-explain']).toBeUndefined()
})

test('what a shadow rule would have done is counted and compared', async () => {
  const rig = await proxied([
    { name: 'ns/chat/trial', mode: 'Shadow', backends: ['beta'] },
    { name: 'ns/chat/same', mode: 'Shadow', backends: ['alpha'] },
    { name: 'ns/chat/rest', backends: ['alpha'] },
  ])
  await chat(rig)
  await rig.untilReported(1)
  expect(rig.exchanges[0]).toMatchObject({
    route: 'ns/chat/rest',
    shadows: [
      { route: 'ns/chat/trial', targetId: 'beta', isSame: false },
      { route: 'ns/chat/same', targetId: 'alpha', isSame: true },
    ],
  })
  const metrics = await rig.registry.metrics()
  expect(metrics).toContain('shadow_calls_total{route="ns/chat/trial",target="other"} 1')
  expect(metrics).toContain('shadow_calls_total{route="ns/chat/same",target="same"} 1')
})

test.each([
  ['not JSON', '{', 'give {"path"'],
  ['without a path', '{"body": {}}', 'path:'],
  ['with a path that is none', '{"path": "v1", "body": {}}', 'path:'],
])('a call %s is refused with what is wrong', async (_, text, sentence) => {
  const rig = await proxied()
  const answer = await fetch(`${rig.adminUrl}/explain`, { method: 'POST', body: text })
  expect(answer.status).toBe(400)
  expect(await answer.text()).toContain(sentence)
})

test('a call that no rule takes is told so', async () => {
  const rig = await proxied([{ name: 'ns/chat/none', models: ['gpt-*'], backends: ['alpha'] }])
  const explanation = (await (await explain(rig, described())).json()) as Explanation
  expect(explanation).toMatchObject({ rule: null, failure: { code: 'no_route' } })
})

test('a fault in explaining costs a call its explanation and not its answer', async () => {
  const received = { id: 'call-1', rawHeaders: [] } as unknown as Received
  const answer = { kind: 'answer', rawHeaders: ['x-a', '1'] } as unknown as Answer
  const faults: object[] = []
  const deps = {
    random: () => 0.5,
    tables: { current: () => expect.fail('the table cannot be read') },
    logger: { error: (fields: object) => faults.push(fields) },
  } as unknown as Parameters<typeof explained>[2]
  expect(await explained(received, () => Promise.resolve(answer), deps)).toBe(answer)
  expect(faults).toMatchObject([{ id: 'call-1' }])
})
