// The examples by-content and parameters as the operator translates them, served by the real proxy: which model each
// call of the documents reaches, and what it is sent.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tableOfExample } from '../support/example-table.ts'
import { startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { Upstream } from '../support/upstream.ts'

let openAi: Upstream
let inhouse: Upstream
let rig: ProxyRig

beforeAll(async () => {
  openAi = await Upstream.start()
  inhouse = await Upstream.start()
  const urls = { 'https://api.openai.com/v1': openAi.url, 'http://vllm.models.svc:8000/v1': inhouse.url }
  const { table, keys } = tableOfExample('by-content', urls)
  rig = await startProxy({ table, keys: Object.fromEntries(keys.map((id) => [id, 'key'])) })
})

afterAll(async () => {
  await rig.stop()
  await openAi.stop()
  await inhouse.stop()
})

const CODE =
  'def total(items):\n    return sum(item.price * item.count for item in items)\n\nprint(total(load("a.csv")))\n'
const PROSE = 'The committee met for the third time this year, and its members talked about the old town hall. '
const PICTURE = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }

test.each([
  ['a completion of code', CODE, 'inhouse/qwen3-coder'],
  ['a caption of a picture', [{ type: 'text', text: 'Write a caption.' }, PICTURE], 'openai/gpt-4o'],
  ['a question', 'What should I cook tonight? I have eggs, tomatoes and a bit of rice.', 'inhouse/qwen3-8b'],
  ['20,000 tokens', PROSE.repeat(1000), 'inhouse/qwen3-32b'],
  ['50,000 tokens, which the model of 32K cannot hold', PROSE.repeat(2400), 'openai/gpt-5-mini'],
])('%s goes to %s', async (_, content, target) => {
  const body = JSON.stringify({ model: 'auto', messages: [{ role: 'user', content }] })
  const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body })
  await response.arrayBuffer()
  expect(response.headers.get('x-modelroute-target')).toBe(`default/${target}`)
  expect(response.status).toBe(200)
})

test('the bounds of the example reach a server of the prompt dialect', async () => {
  const server = await Upstream.start()
  const { table } = tableOfExample('parameters', { 'http://models.ml.svc:8080/generate': `${server.url}/generate` })
  rig.tables.swap(table)
  const body = JSON.stringify({ prompt: 'hello', temperature: 0.9, top_k: 99, max_tokens: 9000 })
  const response = await fetch(`${rig.url}/prompt`, { method: 'POST', body })
  await response.arrayBuffer()
  const sent = JSON.parse(server.requests[0]?.body ?? '') as object
  const wanted = { temperature: 0.5, top_k: 50, top_p: 0.9, max_tokens: 2048, language: 'Chinese' }
  expect(sent).toMatchObject({ ...wanted, prompt: 'hello', model_type: 'qwen3-32b' })
  expect(response.headers.get('x-modelroute-adjusted')).toContain('temperature=0.5;asked=0.9')
  await server.stop()
})
