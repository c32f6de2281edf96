// Batches on rules that mask: one call may hold values of several callers, of which the provider sees none, and each
// caller reads its own answer and no other's.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { embeds, itemsOf, vectorOf } from '../../support/embedding-models.ts'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { questionsIn, repliesTo } from '../../support/question-models.ts'
import { Upstream } from '../../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeAll(async () => {
  upstream = await Upstream.start()
  rig = await startProxy({ keys: { 'redaction/current': Buffer.alloc(32, 7).toString('base64') } })
})

beforeEach(() => {
  upstream.requests.length = 0
  const limits = { waitMs: 300, maxSize: 3, maxTokens: 1000 }
  const batch = { embeddings: limits, chat: { ...limits, waitMs: 20, maxQuestionTokens: 100 } }
  const routes = [{ backends: ['a'], redact: {}, batch }]
  rig.tables.swap(makeTable({ targets: { a: { url: upstream.url } }, routes }))
})

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

async function embed(text: string, user: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${rig.url}/v1/embeddings`, {
    method: 'POST',
    // Different callers, conversations and keys; to the provider they are one.
    headers: { authorization: `Bearer ${user}`, 'x-claude-code-session-id': 'one' },
    body: JSON.stringify({ model: 'm', input: text }),
  })
  return { status: response.status, text: await response.text() }
}

const PRIVATE = ['mail ann@example.com', 'mail ben@example.com', 'mail ann@example.com again']

test('texts of several callers are masked alike in one call, and a value has one vector for all', async () => {
  upstream.usual = embeds()
  const replies = await Promise.all(PRIVATE.map((text, index) => embed(text, `key-${index}`)))
  const [sent = []] = upstream.requests.map(itemsOf)
  expect(upstream.requests).toHaveLength(1)
  expect(JSON.stringify(sent)).not.toMatch(/@example/)
  const placeholders = sent.map((text) => /XREF_EMAIL_\w+/.exec(String(text))?.[0])
  expect([placeholders[0] === placeholders[2], placeholders[0] === placeholders[1]]).toEqual([true, false])
  const vectors = replies.map(({ text }) => (JSON.parse(text) as { data: { embedding: unknown }[] }).data[0]?.embedding)
  expect(vectors).toEqual(sent.map((text) => vectorOf(text)))
})

test('what the provider says of an item is told to its own caller alone, in its own words', async () => {
  upstream.usual = embeds({ refuses: { word: 'again', status: 400 } })
  const replies = await Promise.all(PRIVATE.map((text, index) => embed(text, `key-${index}`)))
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 400])
  expect(replies[2]?.text).toContain('mail ann@example.com again')
  expect(replies[2]?.text).not.toContain('ben@')
})

test('a question in which something was masked goes alone; its neighbours need not', async () => {
  upstream.usual = repliesTo()
  const ask = (content: string) => {
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] })
    return fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body }).then(({ status }) => status)
  }
  expect(await Promise.all([...PRIVATE, 'plain', 'simple'].map(ask))).toEqual([200, 200, 200, 200, 200])
  const asked = upstream.requests.map(({ body }) => {
    const { messages } = JSON.parse(body) as { messages: { content: string }[] }
    return questionsIn(messages.at(-1)?.content)?.length ?? 1
  })
  expect(asked.toSorted((one, other) => one - other)).toEqual([1, 1, 1, 2])
})
