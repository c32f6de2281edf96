// What an application can ask for: auto by the time of the day, aliases, models of its own choice. The example as it is
// published, through the operator's translation and the real proxy.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { answers, Upstream } from '../../support/upstream.ts'
import { tableOfExample } from '../../support/example-table.ts'

let openai: Upstream
let inhouse: Upstream
let rig: ProxyRig
let nowMs = 0

beforeEach(async () => {
  openai = await Upstream.start()
  inhouse = await Upstream.start()
  const urls = { 'https://api.openai.com/v1': openai.url, 'http://vllm.models.svc:8000/v1': inhouse.url }
  const { table, keys } = tableOfExample('by-time-of-day', urls)
  const clock = { now: () => nowMs, after: () => () => {} }
  rig = await startProxy({ table, keys: Object.fromEntries(keys.map((id) => [id, 'sk-test'])), clock })
})

afterEach(async () => {
  await rig.stop()
  await openai.stop()
  await inhouse.stop()
})

async function ask(model: string): Promise<string> {
  const response = await fetch(`${rig.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] }),
  })
  const { choices, error } = (await response.json()) as {
    choices?: { message: { content: string } }[]
    error?: { message: string }
  }
  return choices?.[0]?.message.content ?? `${response.status} ${error?.message}`
}

describe('the basic model by day and the premium one outside of it', () => {
  test.each([
    ['a minute before the day', '2026-11-23T08:59:59+08:00', 'from gpt-5'],
    ['when it begins', '2026-11-23T09:00:00+08:00', 'from qwen3-32b'],
    ['in its last second', '2026-11-23T17:59:59+08:00', 'from qwen3-32b'],
    ['when it ends', '2026-11-23T18:00:00+08:00', 'from gpt-5'],
    ['after the clock has jumped a year', '2027-11-23T12:00:00+08:00', 'from qwen3-32b'],
  ])('%s', async (_, moment, expected) => {
    nowMs = Date.parse(moment)
    expect(await ask('auto')).toBe(expected)
  })
})

describe('a name that the application chooses', () => {
  test.each([
    ['a model that a provider lists is respected', 'gpt-5', 'from gpt-5'],
    ['a model of another provider too', 'qwen3-32b', 'from qwen3-32b'],
    ['an alias is answered by its backends', 'fast', 'from qwen3-32b'],
    ['another one by others', 'smart', 'from gpt-5'],
    ['everything else goes to the default', 'gpt-3.5-turbo', 'from gpt-5-mini'],
  ])('%s', async (_, model, expected) => {
    expect(await ask(model)).toBe(expected)
  })

  test('an alias fails over to its own second tier, not to the rule’s', async () => {
    openai.usual = answers({ error: { message: 'down' } }, 500)
    expect(await ask('smart')).toBe('from qwen3-32b')
  })

  test('an explicit model never becomes another one', async () => {
    openai.usual = answers({ error: { message: 'no credit' } }, 402)
    expect(await ask('gpt-5')).toMatch(/^502 /)
    expect(inhouse.requests).toEqual([])
  })
})

test.each([
  ['/v1/models', {}, (body: unknown) => (body as { data: { id: string }[] }).data.map(({ id }) => id)],
  [
    '/v1/models',
    { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
    (body: unknown) => (body as { data: { id: string }[] }).data.map(({ id }) => id),
  ],
  [
    '/v1beta/models',
    {},
    (body: unknown) => (body as { models: { name: string }[] }).models.map(({ name }) => name.replace('models/', '')),
  ],
  ['/api/tags', {}, (body: unknown) => (body as { models: { name: string }[] }).models.map(({ name }) => name)],
])('the list of models at %s has auto, the aliases, and what can be asked for by name', async (path, headers, read) => {
  const response = await fetch(rig.url + path, { headers })
  const names = read(await response.json())
  expect(names.toSorted()).toEqual(['auto', 'fast', 'gpt-5', 'gpt-5-mini', 'qwen3-32b', 'smart'])
})
