// Questions asked together in every dialect, to providers of the same and of others.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { answerIn, CHAT_DIALECTS, MODELS, WRITERS, type ChatDialect } from '../../bench/savings/dialects.ts'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { answerTo, questionsIn } from '../../support/question-models.ts'
import { Upstream, type SeenRequest } from '../../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeAll(async () => {
  upstream = await Upstream.start()
  rig = await startProxy()
})

beforeEach(() => {
  upstream.requests.length = 0
  upstream.usual = (response, seen) => {
    const questions = questionsOf(seen)
    const strings = questions?.map(({ id, text, end }) => `${id}|${answerTo(text, '')}|${end}`)
    const text = strings === undefined ? answerTo(textsOf(seen).at(-1) ?? '', '') : JSON.stringify({ answers: strings })
    answerIn(seen.url, false, { text, inputTokens: 100, outputTokens: 30 })(response, seen)
  }
})

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

/** Every text of a request, whatever its dialect and however deep. */
function textsOf({ body }: Pick<SeenRequest, 'body'>): readonly string[] {
  const texts: string[] = []
  JSON.parse(body, (name, value: unknown) => {
    if ((name === 'text' || name === 'content') && typeof value === 'string') texts.push(value)
    return value
  })
  return texts
}

function questionsOf(seen: Pick<SeenRequest, 'body'>) {
  return textsOf(seen)
    .map((text) => questionsIn(text))
    .find((questions) => questions !== null)
}

const BASE_PATHS = { OpenAI: '/v1', Anthropic: '/v1', Gemini: '/v1beta', Ollama: '' } as const
const SYSTEM = 'Say what the mood of the text is.'
const TEXTS = ['Hello', 'I am "sad" | really', '你好']

const PAIRS = CHAT_DIALECTS.flatMap((from) => CHAT_DIALECTS.map((to): [ChatDialect, ChatDialect] => [from, to]))

it.each(PAIRS)('%s asks %s', async (from, to) => {
  const url = `http://127.0.0.1:${upstream.port}${BASE_PATHS[to]}`
  const batch = { chat: { waitMs: 500, maxSize: TEXTS.length, maxTokens: 1000, maxQuestionTokens: 100 } }
  const targets = { a: { url, dialect: to, model: MODELS[to] } }
  rig.tables.swap(makeTable({ targets, routes: [{ backends: ['a'], batch, failover: { attempts: 1 } }] }))
  const replies = await Promise.all(
    TEXTS.map(async (text) => {
      const chat = { system: SYSTEM, turns: [{ role: 'user', text }] as const, temperature: 0, isStreaming: false }
      const { path, body } = WRITERS[from](chat)
      const response = await fetch(rig.url + path, { method: 'POST', body: JSON.stringify(body) })
      return { batch: response.headers.get('x-modelroute-batch'), said: textsOf({ body: await response.text() }) }
    }),
  )
  expect(upstream.requests).toHaveLength(1)
  expect(upstream.requests.map(questionsOf)[0]?.map(({ text }) => text)).toEqual(TEXTS)
  expect(upstream.requests[0]?.body).toContain(SYSTEM)
  expect(replies).toEqual(TEXTS.map((text) => ({ batch: 'calls=3', said: [answerTo(text, '')] })))
})
