// Providers that answer nonsense, through real sockets: no HTTP, half an answer, HTML, nothing, garbage among the
// events. To an application of the same dialect the bytes pass as they came; to one of another dialect it is an error
// in words. A stream never ends in silence, and the proxy serves the next call as if nothing had been.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import type { DialectName } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, chunk, completion, DONE, streams, Upstream, type Behaviour } from '../support/upstream.ts'
import { says } from '../support/wire.ts'

let upstream: Upstream
let rig: ProxyRig

beforeAll(async () => {
  upstream = await Upstream.start()
  rig = await startProxy()
})

beforeEach(() => use('OpenAI'))

afterEach(async () => {
  use('OpenAI')
  upstream.usual = answers(completion('ok'))
  const { status } = await ask(false)
  if (status !== 200 || rig.logText().includes('fault of the proxy')) throw new Error(rig.logText())
})

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

let uses = 0

/** The provider speaks this dialect; what it says is final, and nobody remembers what it said before. */
function use(dialect: DialectName): void {
  uses += 1
  const id = `provider-${uses}`
  const targets = { [id]: { url: upstream.url, dialect } }
  rig.tables.swap(makeTable({ targets, routes: [{ backends: [id], failover: { on: [], attempts: 1 } }] }))
}

function ask(stream: boolean): Promise<Response> {
  const body = JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: 'hello' }] })
  return fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body })
}

const OTHERS = ['Anthropic', 'Gemini', 'Ollama', 'Prompt'] as const
const HTML = '<!doctype html><title>502</title><h1>Bad gateway</h1>'
const typed =
  (type: string, body: string, status = 200): Behaviour =>
  (response) => {
    response.writeHead(status, { 'content-type': type })
    response.end(body)
  }

describe('bytes that are no answer of HTTP', () => {
  const ok = 'HTTP/1.1 200 OK\r\n'
  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['a body without a head', '{"choices":[]}'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\ncontent-length: 2\r\n\r\n{}'],
    ['a status of four digits', 'HTTP/1.1 1000 OK\r\ncontent-length: 2\r\n\r\n{}'],
    ['a switch to a protocol nobody asked for', 'HTTP/1.1 101 OK\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['two lengths', `${ok}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`],
    ['a length and chunks', `${ok}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`],
    ['a negative length', `${ok}content-length: -2\r\n\r\n{}`],
    ['a control character in a header', `${ok}x-a: a\u0001b\r\ncontent-length: 2\r\n\r\n{}`],
    ['a zero byte in a header', `${ok}x-a: a\u0000b\r\ncontent-length: 2\r\n\r\n{}`],
    ['a bare return in a header', `${ok}x-a: a\rx-b: c\r\ncontent-length: 2\r\n\r\n{}`],
    ['a header name with a space', `${ok}x a: 1\r\ncontent-length: 2\r\n\r\n{}`],
    ['headers without end', `${ok}x-a: ${'y'.repeat(200_000)}`],
    ['a chunk without a size', `${ok}transfer-encoding: chunked\r\n\r\nZZ\r\n{}`],
    ['less than the length that was declared', `${ok}content-length: 9\r\n\r\n{}`],
  ])('%s is an error in words', async (_, text) => {
    upstream.usual = (response, request) => {
      says(text)(response, request)
      response.socket?.end()
    }
    const answer = await ask(false)
    expect([answer.status, answer.headers.get('x-modelroute-error')]).toEqual([502, 'targets_failed'])
    expect(await answer.json()).toMatchObject({ error: { type: 'server_error', code: 'targets_failed' } })
  })

  test('after a whole answer are nobody’s, and the connection is not used again', async () => {
    const before = upstream.totalConnections
    upstream.script.push(says(`${ok}content-length: 2\r\n\r\n{}${ok}content-length: 4\r\n\r\nevil`))
    upstream.usual = answers(completion('ok'))
    expect(await (await ask(false)).text()).toBe('{}')
    expect(await (await ask(false)).json()).toEqual(completion('ok'))
    expect(upstream.totalConnections - before).toBeGreaterThan(0)
  })

  test('behind an answer that has no body are nobody’s either', async () => {
    upstream.script.push(says('HTTP/1.1 204 No Content\r\n\r\n{"evil":1}'))
    upstream.usual = answers(completion('ok'))
    expect((await ask(false)).status).toBe(204)
    expect(await (await ask(false)).json()).toEqual(completion('ok'))
  })
})

const NONSENSE: readonly (readonly [what: string, behaviour: Behaviour, bytes: string])[] = [
  ['HTML', typed('text/html', HTML), HTML],
  ['HTML that says it is JSON', typed('application/json', HTML), HTML],
  ['half JSON', answers('{"choices":[{"message"'), '{"choices":[{"message"'],
  ['nothing', answers(''), ''],
  ['JSON of another kind', answers('[1,2]'), '[1,2]'],
  ['null', answers('null'), 'null'],
  ['JSON nested without end', answers('['.repeat(100_000)), '['.repeat(100_000)],
  [
    'numbers and names of no object',
    answers('{"__proto__":{"choices":1},"n":1e999}'),
    '{"__proto__":{"choices":1},"n":1e999}',
  ],
]

describe.each(NONSENSE)('%s in place of an answer', (_, behaviour, bytes) => {
  test('passes as it came to the same dialect', async () => {
    upstream.usual = behaviour
    const answer = await ask(false)
    expect([answer.status, await answer.text()]).toEqual([200, bytes])
  })

  it.each(OTHERS)('of %s is an error in words for another', async (dialect) => {
    use(dialect)
    upstream.usual = behaviour
    const answer = await ask(false)
    expect([answer.status, answer.headers.get('x-modelroute-error')]).toEqual([502, 'targets_failed'])
    expect(await answer.json()).toMatchObject({ error: { type: 'server_error' } })
  })

  it.each(['OpenAI', ...OTHERS] as const)(
    'of %s where a stream was asked for does not end in silence',
    async (dialect) => {
      use(dialect)
      upstream.usual = behaviour
      const answer = await ask(true)
      const text = await answer.text()
      // An application of the same dialect sees what the provider said: by its status and type it is no stream.
      const isAsItCame =
        dialect === 'OpenAI' && text === bytes && !(answer.headers.get('content-type') ?? '').includes('event-stream')
      expect(isAsItCame || /"error":\{/.test(text)).toBe(true)
      expect(text).not.toContain('[DONE]')
    },
  )
})

describe('an error that is no error of the dialect', () => {
  it.each(['OpenAI', ...OTHERS] as const)('of %s keeps its status', async (dialect) => {
    use(dialect)
    for (const behaviour of [
      typed('text/html', HTML, 400),
      answers('', 400),
      answers('{"error":', 400),
      answers('"x"', 400),
    ]) {
      upstream.usual = behaviour
      const answer = await ask(false)
      const text = await answer.text()
      expect(answer.status).toBe(400)
      expect(text).toMatch(
        dialect === 'OpenAI' ? /^(<!doc.*|\{"error":|"x"|)$/ : /^\{"error":\{"message":"[^<]+",.*\}$/,
      )
    }
  })
})

const text = (dialect: DialectName): string => {
  const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`
  const start = event({ type: 'message_start', message: { id: 'm', usage: {} } })
  const block = event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } })
  const delta = event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello' } })
  const events: Readonly<Record<DialectName, string>> = {
    OpenAI: chunk('hello'),
    Anthropic: start + block + delta,
    Gemini: event({ candidates: [{ content: { parts: [{ text: 'hello' }] } }] }),
    Ollama: `${JSON.stringify({ message: { role: 'assistant', content: 'hello' }, done: false })}\n`,
    Prompt: '{"text":"hello"}\n',
  }
  return events[dialect]
}
const GARBAGE: readonly (readonly [string, string])[] = [
  ['half of an event', 'data: {"choices":[{"del'],
  ['bytes of no text', '\u00ff\u00fe\u0000\u0001\r\r\n\n\n'],
  ['events of no JSON', 'data: hello\n\ndata: <html>\n\n{"text":\n'],
  ['events of other types', 'data: [1]\n\ndata: null\n\ndata: "x"\n\ndata: 1e999\n\nnull\n'],
  ['events of wrong members', 'data: {"choices":{"0":1},"candidates":5,"type":7}\n\n{"message":[],"text":{}}\n'],
]

describe.each(['OpenAI', ...OTHERS] as const)('a stream of %s with', (dialect) => {
  const type = dialect === 'Ollama' || dialect === 'Prompt' ? 'application/x-ndjson' : 'text/event-stream'

  it.each(GARBAGE)('%s after its first text, then its end, ends with one error', async (what, garbage) => {
    use(dialect)
    upstream.usual = (response) => {
      response.writeHead(200, { 'content-type': type })
      response.write(text(dialect))
      response.end(garbage, 'latin1')
    }
    const heard = await (await ask(true)).text()
    expect(heard).toContain('hello')
    // The end of a prompt's stream is the end of its body: what is readable until then is a whole answer.
    if (dialect === 'Prompt' && what === 'events of other types') return
    expect(heard.match(/"error":\{/g)).toHaveLength(1)
    expect(heard).not.toContain('[DONE]')
  })
})

test('one event without end is passed on to the same dialect, and an error for another', async () => {
  const endless = `data: {"choices":[{"delta":{"content":"${'x'.repeat(9 * 1024 * 1024)}`
  upstream.usual = streams(chunk('hello'), endless)
  const same = await (await ask(true)).text()
  expect(same.length).toBeGreaterThan(endless.length)
  expect(same.match(/"code":"stream_cut"/g)).toHaveLength(1)
  use('Anthropic')
  upstream.usual = streams(text('Anthropic'), endless)
  const other = await (await ask(true)).text()
  expect(other.match(/"error":\{/g)).toHaveLength(1)
  expect(other.length).toBeLessThan(10_000)
})

test('a stream that goes on behind its last event adds nothing to it', async () => {
  upstream.usual = streams(chunk('hello'), DONE, ': a comment\n\n')
  expect(await (await ask(true)).text()).toBe(`${chunk('hello')}${DONE}: a comment\n\n`)
})
