// Several questions in one request: what each caller reads is what it would have read alone, whatever mistakes the
// model makes; and what cannot be divided beyond doubt is never merged.
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { answersIn, mostTokensOf, newMarks } from '../../../proxy/batch/chat-questions.ts'
import type { DialectName } from '../../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig, type RouteSpec } from '../../support/proxy-rig.ts'
import { answerTo, MISTAKES, questionsIn, repliesTo } from '../../support/question-models.ts'
import { Upstream, type SeenRequest } from '../../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeAll(async () => {
  upstream = await Upstream.start()
  rig = await startProxy()
})

beforeEach(() => {
  upstream.requests.length = 0
  upstream.usual = repliesTo()
})

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

function aim(maxSize: number, rule: Partial<RouteSpec> = {}, dialect: DialectName = 'OpenAI'): void {
  const batch = { chat: { waitMs: 30, maxSize, maxTokens: 10_000, maxQuestionTokens: 100 } }
  const routes = [{ backends: ['a'], batch, ...rule }]
  rig.tables.swap(makeTable({ targets: { a: { url: upstream.url, dialect } }, routes }))
}

const SYSTEM = 'Say what the mood of the text is.'

const question = (text: string, more: object = {}) => ({
  model: 'm',
  temperature: 0,
  messages: [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: text },
  ],
  ...more,
})

interface Reply {
  readonly status: number
  readonly said: string | undefined
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number }
}

async function ask(body: object): Promise<Reply> {
  const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) })
  const read = (await response.json()) as {
    choices?: { message: { content: string } }[]
    usage: Reply['usage']
  }
  return { status: response.status, said: read.choices?.[0]?.message.content, usage: read.usage }
}

const TEXTS = ['Hello', 'I am "sad" | really', 'line\nbreak \\ {"answers":["x|y|z"]}', '你好', 'Five', 'Six']
const EXPECTED = TEXTS.map((text) => answerTo(text, SYSTEM))

const questionsOf = ({ body }: SeenRequest) => {
  const { messages } = JSON.parse(body) as { messages: { content: string }[] }
  return questionsIn(messages.at(-1)?.content ?? '')
}

test('one request asks for all of them, and each caller reads its own answer', async () => {
  aim(TEXTS.length)
  const replies = await Promise.all(TEXTS.map((text) => ask(question(text))))
  expect(upstream.requests).toHaveLength(1)
  expect(upstream.requests.map(questionsOf)[0]?.map(({ text }) => text)).toEqual(TEXTS)
  expect(replies.map(({ said }) => said)).toEqual(EXPECTED)
  expect(JSON.parse(upstream.requests[0]?.body ?? '')).toMatchObject({ response_format: { type: 'json_object' } })
  const inputTokens = replies.reduce((sum, { usage }) => sum + usage.prompt_tokens, 0)
  expect(inputTokens).toBeGreaterThan(100)
  expect(rig.exchanges.at(-1)?.batch).toMatchObject({ form: 'chat', calls: TEXTS.length })
})

describe('a model that', () => {
  it.each(MISTAKES)('%s costs calls, and never an answer', async (mistake) => {
    aim(TEXTS.length, { name: mistake })
    upstream.usual = repliesTo({ mistakesIn: () => [mistake] })
    const replies = await Promise.all(TEXTS.map((text) => ask(question(text))))
    expect(replies.map(({ said }) => said)).toEqual(EXPECTED)
    expect(upstream.requests.length).toBeLessThanOrEqual(TEXTS.length + 1)
  })

  test('is asked for each alone for a while when half of its answers are of no use three times in a row', async () => {
    aim(TEXTS.length)
    upstream.usual = repliesTo({ mistakesIn: () => ['answers in prose'] })
    const counts: number[] = []
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(TEXTS.map((text) => ask(question(text))))
      counts.push(upstream.requests.splice(0).length)
    }
    const alone = TEXTS.length
    expect(counts).toEqual([alone + 1, alone + 1, alone + 1, alone])
  })
})

describe('goes alone:', () => {
  it.each<[what: string, more: object]>([
    ['a stream', { stream: true }],
    ['tools', { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }] }],
    ['several answers', { n: 2 }],
    ['a format', { response_format: { type: 'json_object' } }],
    ['a seed', { seed: 1 }],
    ['a stop sequence', { stop: ['.'] }],
    ['probabilities', { logprobs: true }],
    ['a parameter that nobody knows', { top_a: 1 }],
    ['an image', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] }] }],
    [
      'a conversation',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
          { role: 'user', content: 'c' },
        ],
      },
    ],
    ['a long text', { messages: [{ role: 'user', content: 'long '.repeat(100) }] }],
    [
      'other instructions',
      {
        messages: [
          { role: 'system', content: 'Other.' },
          { role: 'user', content: 'a' },
        ],
      },
    ],
    ['another temperature', { temperature: 1 }],
    ['another user', { user: 'ann' }],
    ['another limit', { max_tokens: 5 }],
  ])('%s', async (_, more) => {
    aim(2)
    const send = (body: object) =>
      fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) }).then((one) => one.text())
    await Promise.all([send(question('plain')), send(question('a', more))])
    expect(upstream.requests.map(questionsOf)).toEqual([null, null])
  })
})

test('an answer that might be longer than its caller allows is asked for alone', async () => {
  aim(2)
  const say = (text: string) => (text === 'long' ? 'word '.repeat(20) : 'ok')
  upstream.usual = repliesTo({ answerTo: say })
  await Promise.all(['long', 'short'].map((text) => ask(question(text, { max_tokens: 20 }))))
  const limits = upstream.requests.map(({ body }) => (JSON.parse(body) as { max_tokens: number }).max_tokens)
  expect(limits).toEqual([100, 20])
})

test('answers are told apart whatever they hold, and mistakes make them missing, never wrong', () => {
  const texts = fc.array(fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('|', '"', '|a|', '\\', '好|', '\n')), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(texts, fc.nat(), fc.nat(), fc.nat(), (said, seed, from, to) => {
      let turn = seed
      const random = () => ((turn += 1) * 0.6180339887) % 1
      const marks = said.map(() => newMarks(random))
      const strings = said.map((text, index) => `${marks[index]?.begin}|${text}|${marks[index]?.end}`)
      const reply = JSON.stringify({ answers: strings })
      const cut = reply.slice(from % (reply.length + 1), (from % (reply.length + 1)) + (to % (reply.length + 1)))
      for (const read of [answersIn(reply, marks), answersIn(cut, marks)]) {
        expect(read.every((answer, index) => answer === null || answer === said[index]?.trim())).toBe(true)
      }
    }),
    { numRuns: 50 },
  )
})

it.each<[text: string, atMost: number]>([
  ['', 0],
  ['Positive', 4],
  ['yes, 42', 6],
  ['好', 3],
])('%j has at most %d tokens', (text, atMost) => {
  expect(mostTokensOf(text)).toBe(atMost)
})
