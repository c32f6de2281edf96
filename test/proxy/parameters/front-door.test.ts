// A rule's parameters through the real proxy: what the provider gets in its own dialect, what the caller and the record
// are told, and that a cache sees the call as the rule wants it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig, type RouteSpec, type TargetSpec } from '../../support/proxy-rig.ts'
import { Upstream } from '../../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeAll(async () => {
  upstream = await Upstream.start()
  rig = await startProxy()
})

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

function use(route: Omit<RouteSpec, 'backends'>, target: Partial<TargetSpec> = {}): void {
  const targets = { t: { url: upstream.url, ...target } }
  rig.tables.swap(makeTable({ targets, routes: [{ ...route, backends: ['t'] }] }))
}

async function ask(request: object) {
  const seen = rig.exchanges.length
  const sent = upstream.requests.length
  const body = JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'hi' }], ...request })
  const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body })
  await response.arrayBuffer()
  await rig.untilReported(seen + 1)
  const bodies = upstream.requests.slice(sent).map((each) => JSON.parse(each.body) as Record<string, unknown>)
  return { adjusted: response.headers.get('x-modelroute-adjusted'), bodies, exchange: rig.exchanges.at(-1) }
}

const CLAMP = { temperature: { min: '0.3', max: '0.5' }, maxTokens: { max: '2048' } }

test('the provider gets the bounded numbers, and the caller and the record are told', async () => {
  use({ parameters: { clamp: CLAMP } })
  const { adjusted, bodies, exchange } = await ask({ temperature: 1.2, max_tokens: 9000 })
  expect(bodies[0]).toMatchObject({ temperature: 0.5, max_tokens: 2048 })
  expect(adjusted).toBe('temperature=0.5;asked=1.2, max_tokens=2048;asked=9000')
  expect(exchange?.adjusted).toEqual(['temperature=0.5;asked=1.2', 'max_tokens=2048;asked=9000'])
})

test('a target of another dialect gets them in its own', async () => {
  use({ parameters: { clamp: CLAMP, language: 'German' } }, { dialect: 'Anthropic' })
  const { bodies } = await ask({ temperature: 1.2, max_tokens: 9000 })
  expect(bodies[0]).toMatchObject({ temperature: 0.5, max_tokens: 2048 })
  expect(JSON.stringify(bodies[0]?.['system'])).toContain('Answer in German.')
})

test("the model's own limit still holds below the rule's", async () => {
  use({ parameters: { clamp: CLAMP } }, { outputLimits: { small: 1000 } })
  const { adjusted, bodies } = await ask({ temperature: 0.4, max_tokens: 9000 })
  expect(bodies[0]).toMatchObject({ max_tokens: 1000 })
  expect(adjusted).toBe('max_tokens=2048;asked=9000, max_tokens=1000;asked=2048')
})

test('calls that the rule makes equal share a cached answer', async () => {
  use({ parameters: { force: { temperature: '0' } }, cache: {} })
  expect((await ask({ temperature: 0.7 })).bodies).toHaveLength(1)
  expect((await ask({ temperature: 0.9 })).bodies).toHaveLength(0)
})

test('a rule without parameters changes no byte', async () => {
  use({})
  const { adjusted, bodies, exchange } = await ask({ temperature: 1.2 })
  expect(bodies[0]?.['temperature']).toBe(1.2)
  expect(adjusted).toBeNull()
  expect(exchange?.adjusted).toBeUndefined()
})
