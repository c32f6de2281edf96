// Providers over TLS: verified always, on both ways out.
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createAuthority, issueLeaf } from '../../operator/inject/certificate.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'

let provider: Server
let rig: ProxyRig
let asked = 0

beforeEach(async () => {
  const nowMs = Date.now()
  const leaf = await issueLeaf(await createAuthority({ nowMs }), { nowMs, names: ['localhost'] })
  asked = 0
  provider = createServer({ cert: leaf.pem, key: leaf.key.reveal() }, (_, response) => {
    asked += 1
    response.end('{}')
  })
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
  const { port } = provider.address() as AddressInfo
  const targets = { tls: { url: `https://localhost:${port}/v1` } }
  rig = await startProxy({ table: makeTable({ targets, routes: [{ backends: ['tls'] }], passthrough: 'tls' }) })
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rig.stop()
  provider.close()
})

it.each([
  ['/v1/chat/completions', 'targets_failed', '1'],
  ['/v1/chat/completions', 'targets_failed', '0'],
  ['/v1/moderations', 'passthrough_failed', '1'],
  ['/v1/moderations', 'passthrough_failed', '0'],
])('an unknown authority gets no request to %s (%s, NODE_TLS_REJECT_UNAUTHORIZED=%s)', async (path, code, setting) => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', setting)
  const response = await fetch(rig.url + path, { method: 'POST', body: '{"model":"m"}' })
  expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([502, code])
  expect(await response.text()).toContain('its certificate is not signed by a known authority')
  expect(asked).toBe(0)
})
