// The dashboard over a real socket: its pages, its headers, and whom it refuses.
import http from 'node:http'
import { Script } from 'node:vm'
import { afterEach, expect, test } from 'vitest'
import { type Dashboard, isFromThisPage, startDashboard } from '../../../operator/dashboard/server.ts'
import { dashboardState } from '../../../operator/dashboard/state.ts'
import { call, connected, report, view } from './views.ts'

const running: Dashboard[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((dashboard) => dashboard.stop()))
})

const pods = () => [{ name: 'ns/chat-1', uid: 'uid-1' }]
const explain = (podUid: string, asked: string) =>
  podUid === 'uid-1' ? Promise.resolve({ status: 200, text: `would do: ${asked}` }) : null

async function start(calls = [call()]): Promise<Dashboard> {
  const state = () =>
    dashboardState({
      source: 'test',
      notices: [],
      hasAllReports: true,
      views: [view()],
      reports: () => [report()],
      connected: [connected(calls)],
    })
  const dashboard = await startDashboard(0, { state, pods, explain })
  running.push(dashboard)
  return dashboard
}

test.each([
  ['', 'text/html', '<!doctype html>'],
  ['parts', 'text/html', '<section id="totals"'],
  ['api/state', 'application/json', '"readyRoutes": 1'],
  ['style.css', 'text/css', ':root'],
  ['script.js', 'text/javascript', "'use strict'"],
  ['icon.svg', 'image/svg+xml', '<svg'],
])('/%s is served as %s under a policy that allows no foreign or inline script', async (path, type, text) => {
  const response = await fetch(`${(await start()).url}${path}`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe(`${type}; charset=utf-8`)
  const policy = response.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  expect(await response.text()).toContain(text)
})

test('the parts are sent again only when they changed', async () => {
  const calls = [call()]
  const { url } = await start(calls)
  const etag = (await fetch(`${url}parts`)).headers.get('etag') ?? ''
  const again = () => fetch(`${url}parts`, { headers: { 'if-none-match': etag } })
  expect((await again()).status).toBe(304)
  calls.push(call({ id: 'next', model: 'gpt-next' }))
  const changed = await again()
  expect(changed.status).toBe(200)
  expect(await changed.text()).toContain('gpt-next')
})

test('the script is JavaScript that a browser can read', async () => {
  const script = await (await fetch(`${(await start()).url}script.js`)).text()
  expect(() => new Script(script)).not.toThrow()
})

test('unknown paths and writes are refused', async () => {
  const { url } = await start()
  expect((await fetch(`${url}nothing`)).status).toBe(404)
  expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(405)
})

test.each([
  ['loopback', { host: '127.0.0.1:4180' }, true],
  ['localhost behind a port-forward', { host: 'localhost:9000' }, true],
  ['IPv6 loopback', { host: '[::1]:4180' }, true],
  ['its own Origin', { host: 'localhost:4180', origin: 'http://localhost:4180' }, true],
  ['no Host', {}, false],
  ['a name that was pointed at loopback', { host: 'evil.example:4180' }, false],
  ['a name that only starts like loopback', { host: '127.0.0.1.evil.example' }, false],
  ['a foreign Origin', { host: '127.0.0.1:4180', origin: 'http://evil.example' }, false],
  ['an Origin on another port', { host: '127.0.0.1:4180', origin: 'http://127.0.0.1:3000' }, false],
  ['an opaque Origin', { host: '127.0.0.1:4180', origin: 'null' }, false],
])('a request with %s is judged rightly', (...[, headers, isAllowed]) => {
  expect(isFromThisPage(headers)).toBe(isAllowed)
})

test('a rebound name gets 403 over the wire', async () => {
  const { port } = await start()
  const status = await new Promise((resolve, reject) => {
    http
      .get({ port, host: '127.0.0.1', path: '/api/state', headers: { host: 'evil.example' } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      .on('error', reject)
  })
  expect(status).toBe(403)
})

test.each([
  ['a call for a pod', { pod: 'ns/chat-1', call: 'a call' }, 200, 'would do: a call'],
  ['a pod that is not connected', { pod: 'ns/other', call: 'a call' }, 404, 'No proxy of a pod "ns/other"'],
  ['no call', { pod: 'ns/chat-1' }, 400, 'Give a pod and a call'],
  ['a call that is too long', { pod: 'ns/chat-1', call: 'a'.repeat(200_000) }, 400, 'Give a pod and a call'],
])('%s is answered', async (_, body, status, text) => {
  const { url } = await start()
  const answer = await fetch(`${url}explain`, { method: 'POST', body: JSON.stringify(body) })
  expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(text)])
})

test('a page from elsewhere cannot have a call explained', async () => {
  const { url } = await start()
  const headers = { origin: 'http://elsewhere.example' }
  const body = JSON.stringify({ pod: 'ns/chat-1', call: 'a call' })
  expect((await fetch(`${url}explain`, { method: 'POST', headers, body })).status).toBe(403)
})

test('a port that is taken rejects the start', async () => {
  const { port } = await start()
  await expect(startDashboard(port, { state: () => expect.fail(), pods, explain })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})
