// `npm start` as a person meets it: the real program, real sockets, the official OpenAI client, files edited and saved.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documentedCalls, documentedRules } from '../support/documented-routing.ts'
import { freePorts, launch, type RunningLocal, startLocal } from './local/running.ts'

let local: RunningLocal
beforeAll(async () => {
  local = await startLocal()
})
afterAll(() => local.cleanUp())

function client(): OpenAI {
  return new OpenAI({
    baseURL: `http://127.0.0.1:${local.ports.proxy}/openai/v1`,
    apiKey: 'modelroute-placeholder',
    maxRetries: 0,
  })
}

async function ask(model = 'auto'): Promise<string> {
  const messages = [{ role: 'user' as const, content: 'hello' }]
  const completion = await client().chat.completions.create({ model, messages })
  return completion.choices[0]?.message.content ?? ''
}

async function askStreaming(model = 'auto'): Promise<readonly string[]> {
  const messages = [{ role: 'user' as const, content: 'hello' }]
  const stream = await client().chat.completions.create({ model, messages, stream: true })
  const pieces: string[] = []
  for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta.content ?? '')
  return pieces.filter((piece) => piece !== '')
}

async function askRule(model: string, content: string | readonly object[]) {
  const answer = await fetch(`http://127.0.0.1:${local.ports.proxy}/openai/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
  })
  return { text: await answer.text(), answeredBy: answer.headers.get('x-modelroute-route') }
}

const PICTURE = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }

/** The rules are the end of the file. */
function replaceRules(text: string, rules: readonly object[]): string {
  return `${text.slice(0, text.indexOf('  rules:'))}  rules: ${JSON.stringify(rules)}\n`
}

async function dashboard(): Promise<string> {
  return (await fetch(`http://127.0.0.1:${local.ports.dashboard}/api/state`)).text()
}

/** Calls until the answer matches, and says how long that took; vitest's own limit is the bound. */
async function untilAnswer(call: () => Promise<string>, pattern: RegExp): Promise<number> {
  const startedAt = performance.now()
  while (!pattern.test(await call().catch(String)));
  return performance.now() - startedAt
}

test('it is ready soon and prints where things are', () => {
  // Three seconds on a machine that has nothing else to do; here other tests share its cores.
  expect(local.startedInMs).toBeLessThan(10_000)
  expect(local.output()).toContain(`http://127.0.0.1:${local.ports.dashboard}/`)
  expect(local.output()).toContain(`curl -N http://127.0.0.1:${local.ports.proxy}/openai/v1/chat/completions`)
})

test('an unmodified client with a placeholder key is answered by the model that the route names', async () => {
  expect(await ask()).toBe('Hello from alpha-small on server alpha. You said: hello')
  expect(await ask('big-one')).toBe('Hello from beta-large on server beta. You said: hello')
})

test('the same call streams word by word', async () => {
  const pieces = await askStreaming()
  expect(pieces.join('')).toBe('Hello from alpha-small on server alpha. You said: hello')
  expect(pieces.length).toBeGreaterThan(5)
})

test('the dashboard shows the route ready, the proxy current, and the calls', async () => {
  await untilAnswer(dashboard, /"target": "default\/beta\/beta-large"/)
  const state: unknown = JSON.parse(await dashboard())
  expect(state).toMatchObject({
    totals: { routes: 1, readyRoutes: 1, current: 1, behind: 0, rejected: 0, unconnected: 0 },
    proxies: { shown: [{ namespace: 'default', pod: 'laptop', state: 'current' }] },
  })
})

test('a saved route moves the next call to the other model in under a second, and back', async () => {
  await local.edit('route.yaml', (text) =>
    text.replace('{ name: alpha }, model: alpha-small', '{ name: beta }, model: beta-large'),
  )
  expect(await untilAnswer(ask, /server beta/)).toBeLessThan(1000)
  await local.edit('route.yaml', (text) =>
    text.replace(
      '{ name: beta }, model: beta-large }\n        # Asked',
      '{ name: alpha }, model: alpha-small }\n        # Asked',
    ),
  )
  expect(await untilAnswer(ask, /server alpha/)).toBeLessThan(1000)
})

test('a file that cannot be read is named on the dashboard and calls go on as before', async () => {
  await local.edit('route.yaml', (text) => `${text}\n  broken: [`)
  await untilAnswer(dashboard, /route\.yaml/)
  expect(await ask()).toContain('server alpha')
  await local.edit('route.yaml', (text) => text.replace('\n  broken: [', ''))
  await untilAnswer(dashboard, /"notices": \{\s*"shown": \[\]/)
})

test('a changed key in a saved Secret is used by the next calls', async () => {
  await local.edit('providers.yaml', (text) => text.replace('local-alpha-key', 'revoked'))
  expect(await untilAnswer(ask, /401/)).toBeLessThan(1000)
  await local.edit('providers.yaml', (text) => text.replace('api-key: revoked', 'api-key: local-alpha-key'))
  expect(await untilAnswer(ask, /server alpha/)).toBeLessThan(1000)
})

test('while the first model server fails, the second tier answers', async () => {
  const setFault = (body: string) => fetch(`http://127.0.0.1:${local.ports.alpha}/fault`, { method: 'POST', body })
  await setFault('503')
  expect(await ask()).toContain('server beta')
  await setFault('')
  expect(await ask()).toContain('server alpha')
})

test('the routing that the documents promise works on a laptop', async () => {
  const alpha = { provider: 'alpha', model: 'alpha-small' }
  const beta = { provider: 'beta', model: 'beta-large' }
  const cast = { coder: beta, seer: beta, long: beta, basic: alpha, premium: beta, default: alpha, other: beta }
  await local.edit('route.yaml', (text) => replaceRules(text, documentedRules(cast)))
  await untilAnswer(dashboard, /"pictures"/)
  for (const { what, model, say, times = 1, hasPicture, rule, part } of documentedCalls(Date.now())) {
    const words = say.repeat(times)
    const content = hasPicture === true ? [{ type: 'text', text: words }, PICTURE] : words
    const { text, answeredBy } = await askRule(model, content)
    expect([what, answeredBy, text]).toEqual([what, `default/local/${rule}`, expect.stringContaining(cast[part].model)])
  }
  expect((await askRule('beta-large', 'Good day')).text).toContain('Hello from beta-large')
})

test('a port in use is one sentence and exit code 1, and nothing stays running', async () => {
  const ports = await freePorts()
  const temporary = await mkdtemp(join(tmpdir(), 'modelroute-test-'))
  const taken = { ...ports, proxy: local.ports.proxy }
  const { code, output } = await launch([], { ports: taken, temporary }).finished
  expect(code).toBe(1)
  expect(output).toBe(
    `modelroute: port ${taken.proxy} (proxy) is in use: stop the program that holds it, ` +
      'or set MODELROUTE_PROXY_PORT to a free port\n',
  )
  await rm(temporary, { recursive: true })
})

test('a folder that is not there is one sentence and exit code 1', async () => {
  const temporary = await mkdtemp(join(tmpdir(), 'modelroute-test-'))
  const missing = join(temporary, 'missing')
  const { code, output } = await launch(['--resources', missing], { ports: await freePorts(), temporary }).finished
  expect(code).toBe(1)
  expect(output.trim().split('\n')).toHaveLength(1)
  expect(output).toContain(missing)
  await rm(temporary, { recursive: true })
})

test('Ctrl-C stops everything and leaves nothing behind', async () => {
  expect(await local.end('SIGINT')).toBe(0)
  expect(await openPorts(Object.values(local.ports))).toEqual([])
  expect(await readdir(local.temporary)).toEqual([])
})

test('a program that is killed outright takes its proxy with it', async () => {
  const other = await startLocal()
  try {
    await other.end('SIGKILL')
    await expect.poll(() => openPorts([other.ports.proxy, other.ports.admin]), { timeout: 5000 }).toEqual([])
  } finally {
    await other.cleanUp()
  }
})

async function openPorts(ports: readonly number[]): Promise<readonly number[]> {
  const checked = await Promise.all(
    ports.map(
      (port) =>
        new Promise<number | null>((resolve) => {
          const socket = connect(port, '127.0.0.1')
          socket.once('connect', () => {
            socket.destroy()
            resolve(port)
          })
          socket.once('error', () => resolve(null))
        }),
    ),
  )
  return checked.filter((port) => port !== null)
}
