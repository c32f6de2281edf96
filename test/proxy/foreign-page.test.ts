// Who may use a proxy on a machine with a browser on it. Over real sockets, since a browser's headers are forbidden to
// fetch.
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { Upstream } from '../support/upstream.ts'

type Headers = Readonly<Record<string, string>>

let upstream: Upstream
let rig: ProxyRig

async function start(refusesForeignPages: boolean): Promise<void> {
  const targets = { only: { url: upstream.url } }
  const table = makeTable({ targets, routes: [{ backends: ['only'] }], passthrough: 'only' })
  rig = await startProxy({ table, refusesForeignPages })
}

beforeEach(async () => {
  upstream = await Upstream.start()
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers: Headers
}

async function send({ method = 'POST', path = '/v1/chat/completions', headers }: Sent) {
  const sent = request(`${rig.url}${path}`, { method, headers })
  sent.end(method === 'POST' ? JSON.stringify({ model: 'm', messages: [] }) : undefined)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: response.statusCode, error: response.headers['x-modelroute-error'], body: await text(response) }
}

describe('a machine with a browser', () => {
  beforeEach(() => start(true))

  test.each<readonly [string, Headers]>([
    ['a program', {}],
    ['a program that says how it fetches', { 'sec-fetch-mode': 'cors' }],
    ['a page that this machine serves', { origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site' }],
    ['the same on IPv6', { origin: 'http://[::1]:3000', 'sec-fetch-site': 'cross-site' }],
    ['an address that was typed', { 'sec-fetch-site': 'none' }],
    ['a program under another name of the proxy', { host: 'models.internal' }],
  ])('serves %s', async (_who, headers) => {
    expect(await send({ headers })).toMatchObject({ status: 200 })
    expect(upstream.requests).toHaveLength(1)
  })

  test.each<readonly [string, Headers]>([
    ['a page of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['an older browser', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['a name that begins like ours', { origin: 'http://localhost.evil.example' }],
    ['an image of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a page that was led here by a name of its own', { host: 'evil.example:4141', 'sec-fetch-site': 'same-origin' }],
    ['the same with its origin', { host: 'evil.example:4141', origin: 'http://evil.example:4141' }],
  ])('refuses %s before it costs anything', async (_who, headers) => {
    const paths = ['/v1/chat/completions', '/anthropic/v1/messages', '/v1/files']
    for (const path of paths) {
      expect(await send({ path, headers })).toMatchObject({ status: 403, error: 'foreign_page' })
    }
    expect(await send({ method: 'GET', path: '/v1/models', headers })).toMatchObject({ error: 'foreign_page' })
    expect(upstream.requests).toEqual([])
    await rig.untilReported(paths.length + 1)
    expect(rig.exchanges.map(({ error }) => error)).toEqual(Array.from({ length: 4 }, () => 'foreign_page'))
  })

  test('refuses the WebSocket of another site, whose answers a page could read', async () => {
    const headers = { origin: 'https://evil.example', connection: 'upgrade', upgrade: 'websocket' }
    expect(await send({ method: 'GET', path: '/v1/realtime', headers })).toMatchObject({ error: 'foreign_page' })
    expect(upstream.requests).toEqual([])
  })
})

test('in a pod the headers of an application’s own users say nothing', async () => {
  await start(false)
  const headers = { origin: 'https://shop.example', 'sec-fetch-site': 'same-origin' }
  expect(await send({ headers })).toMatchObject({ status: 200 })
})
