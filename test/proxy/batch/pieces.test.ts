// A call with more inputs than its target takes, through the front door: several upstream calls, one answer.
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { base64Of, embeds, itemsOf, vectorOf } from '../../support/embedding-models.ts'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { neverAnswers, Upstream } from '../../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  upstream.usual = embeds()
  const batch = { embeddings: { waitMs: 3, maxSize: 32, maxTokens: 10_000 } }
  const targets = { a: { url: upstream.url, dialect: 'Gemini', model: 'theirs' } } as const
  rig = await startProxy({ table: makeTable({ targets, routes: [{ backends: ['a'], batch }] }) })
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

async function ask(body: object, path = '/v1/embeddings') {
  const response = await fetch(rig.url + path, { method: 'POST', body: JSON.stringify(body) })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as unknown }
}

const input = (value: unknown, more: object = {}) => ({ model: 'm', input: value, ...more })

describe('a call with more inputs than its target takes', () => {
  const texts = Array.from({ length: 230 }, (_, index) => `text ${index}`)

  test('is asked for in pieces, and its answer is one', async () => {
    const { body, headers } = await ask(input(texts, { encoding_format: 'base64' }))
    expect(upstream.requests.map((seen) => itemsOf(seen).length)).toHaveLength(3)
    expect(Math.max(...upstream.requests.map((seen) => itemsOf(seen).length))).toBe(100)
    const { data, usage } = body as { data: { index: number; embedding: string }[]; usage: object }
    expect(data.map(({ index }) => index)).toEqual(texts.map((_, index) => index))
    expect(data.map(({ embedding }) => embedding)).toEqual(texts.map((text) => base64Of(vectorOf(text))))
    expect([usage, headers.get('x-modelroute-target')]).toEqual([{ prompt_tokens: 460, total_tokens: 460 }, 'a'])
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ usage: { inputTokens: 460 }, attempts: [{}, {}, {}] })
  })

  test('of Gemini itself too', async () => {
    const requests = texts.map((text) => ({ model: 'models/m', content: { parts: [{ text }] } }))
    const { body } = await ask({ requests }, '/v1beta/models/m:batchEmbedContents')
    const { embeddings, usageMetadata } = body as { embeddings: { values: number[] }[]; usageMetadata: object }
    expect(embeddings.map(({ values }) => values)).toEqual(texts.map((text) => vectorOf(text)))
    expect(usageMetadata).toEqual({ promptTokenCount: 460 })
  })

  test('is refused as a whole when one of its pieces is', async () => {
    upstream.usual = embeds({ refuses: { word: 'text 150', status: 400 } })
    const { status, text } = await ask(input(texts))
    expect([status, text.includes('cannot embed')]).toEqual([400, true])
  })

  test('is cancelled, every piece of it, when its caller goes', async () => {
    upstream.usual = neverAnswers
    const call = request(`${rig.url}/v1/embeddings`, { method: 'POST' })
    call.on('error', () => {})
    call.end(JSON.stringify(input(texts)))
    await upstream.until(() => upstream.requests.length === 3)
    call.destroy()
    await upstream.until(() => upstream.openConnections === 0)
    await rig.untilReported(1)
    expect(rig.exchanges.map(({ error }) => error)).toEqual(['caller_gone'])
  })

  test('more than could ever be meant goes as it came', async () => {
    await ask(input(Array.from({ length: 3201 }, () => 'a')))
    expect(upstream.requests.map((seen) => itemsOf(seen).length)).toEqual([3201])
  })
})
