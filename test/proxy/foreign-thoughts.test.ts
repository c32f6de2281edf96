// Conversations that change providers between their turns, through real sockets: what one vendor signed must not reach
// another, who would refuse the whole request for it, and must come home unchanged when the conversation does.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DialectName } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, Upstream } from '../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  rig = await startProxy()
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

function use(dialect: DialectName): void {
  const targets = { a: { url: upstream.url, dialect, model: 'theirs' } }
  rig.tables.swap(makeTable({ targets, routes: [{ backends: ['a'] }] }))
}

interface Message {
  readonly content: readonly { readonly type: string; readonly signature?: string }[]
}

async function say(messages: readonly object[]): Promise<{ message: Message; adjusted: string | null; sent: string }> {
  const body = JSON.stringify({ model: 'm', max_tokens: 99, n: 1, messages })
  const response = await fetch(`${rig.url}/v1/messages`, { method: 'POST', body })
  const message = (await response.json()) as Message
  const adjusted = response.headers.get('x-modelroute-adjusted')
  return { message, adjusted, sent: upstream.requests.at(-1)?.body ?? '' }
}

const question = { role: 'user', content: 'hello' }
const byGemini = answers({
  candidates: [
    {
      content: {
        role: 'model',
        parts: [
          { text: 'Let me think.', thought: true },
          { functionCall: { name: 'look', args: {} }, thoughtSignature: 'R2VtaW5p' },
        ],
      },
      finishReason: 'STOP',
    },
  ],
})
const byAnthropic = answers({ type: 'message', content: [{ type: 'text', text: 'ok' }], stop_reason: 'end_turn' })

test('an application of Anthropic, answered by Gemini, goes on with Anthropic, and then with Gemini', async () => {
  use('Gemini')
  upstream.usual = byGemini
  const first = await say([question])
  const call = first.message.content.find(({ type }) => type === 'tool_use') as { id?: string } | undefined
  const history = [
    question,
    { role: 'assistant', content: first.message.content },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id, content: 'found' }] },
  ]
  expect(JSON.stringify(first.message.content)).toContain('"type":"thinking"')

  use('Anthropic')
  upstream.usual = byAnthropic
  const second = await say(history)
  expect(second.sent).not.toContain('thinking')
  expect(JSON.parse(second.sent)).toMatchObject({
    model: 'theirs',
    messages: [question, { content: [call] }, history[2]],
  })
  expect(second.adjusted).toBe('foreign_reasoning=removed')

  use('Gemini')
  upstream.usual = byGemini
  expect((await say(history)).sent).toContain('"thoughtSignature":"R2VtaW5p"')
})

test('reasoning that the own vendor signed stays, byte for byte', async () => {
  use('Anthropic')
  upstream.usual = byAnthropic
  const thinking = { type: 'thinking', thinking: 'hm', signature: 'QW50aHJvcGlj' }
  const history = [question, { role: 'assistant', content: [thinking, { type: 'text', text: 'a' }] }, question]
  const { sent, adjusted } = await say(history)
  expect(sent).toBe(JSON.stringify({ model: 'theirs', max_tokens: 99, n: 1, messages: history }))
  expect(adjusted).toBeNull()
})
