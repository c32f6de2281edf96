// The REST client over real sockets: how many connections it opens, what it waits for, what it gives up on.
import { afterEach, describe, expect, test } from 'vitest'
import { createAuthority, issueLeaf } from '../../../operator/inject/certificate.ts'
import type { ClusterAccess } from '../../../operator/kube/access.ts'
import { ApiUnreachable } from '../../../operator/kube/api.ts'
import {
  createKubeClient,
  type KubeClientDeps,
  MAX_CONNECTIONS,
  MAX_RETRY_AFTER_MS,
  retryAfterMs,
  TOKEN_REREAD_MS,
} from '../../../operator/kube/client.ts'
import { Secret } from '../../../proxy/secret.ts'
import { systemClock } from '../../../proxy/telemetry/clock.ts'
import { FakeApiServer, reply } from '../../support/fake-api-server.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function serverRuns(tls?: { cert: string; key: string }): Promise<FakeApiServer> {
  const server = await new FakeApiServer(tls).start()
  ends.push(() => server.stop())
  return server
}

function clientOf(access: Partial<ClusterAccess> & { server: string }, deps: Partial<KubeClientDeps> = {}) {
  const complete: ClusterAccess = { caPem: null, clientCertificate: null, token: { kind: 'none' }, ...access }
  const client = createKubeClient(complete, { clock: systemClock, ...deps })
  ends.push(() => client.close())
  return client
}

const plain = (server: FakeApiServer) => `http://127.0.0.1:${server.port}`
const get = (path: string) => ({ method: 'GET' as const, path })

describe('connections', () => {
  async function withTls() {
    const nowMs = Date.now()
    const authority = await createAuthority({ nowMs })
    const leaf = await issueLeaf(authority, { nowMs, names: ['127.0.0.1'] })
    const server = await serverRuns({ cert: leaf.pem, key: leaf.key.reveal() })
    return { server, url: `https://127.0.0.1:${server.port}`, caPem: authority.pem }
  }

  test('a hundred requests one after the other cost two TLS handshakes at most', async () => {
    const { server, url, caPem } = await withTls()
    const client = clientOf({ server: url, caPem })
    for (let index = 0; index < 100; index += 1) expect((await client.request(get(`/api/${index}`))).status).toBe(200)
    expect(server.count('other')).toBe(100)
    expect(server.connections).toBeLessThanOrEqual(2)
  })

  test('a watch beside them costs one more, and a burst no more than the bound', async () => {
    const { server, url, caPem } = await withTls()
    const client = clientOf({ server: url, caPem })
    const stop = new AbortController()
    await client.openLines({ ...get('/api/v1/pods?watch=true'), signal: stop.signal })
    for (let index = 0; index < 100; index += 1) await client.request(get(`/api/${index}`))
    expect(server.connections).toBeLessThanOrEqual(3)
    await Promise.all(Array.from({ length: 200 }, (_, index) => client.request(get(`/api/${index}`))))
    expect(server.connections).toBeLessThanOrEqual(MAX_CONNECTIONS)
    stop.abort()
  })

  test('a server of another authority is not spoken to', async () => {
    const { server, url } = await withTls()
    const other = await createAuthority({ nowMs: Date.now() })
    const client = clientOf({ server: url, caPem: other.pem, token: { kind: 'fixed', token: new Secret('t') } })
    await expect(client.request(get('/api'))).rejects.toBeInstanceOf(ApiUnreachable)
    expect(server.requests).toEqual([])
  })
})

describe('requests', () => {
  test('carry the token, the body and the content type they are given', async () => {
    const server = await serverRuns()
    const client = clientOf({ server: plain(server), token: { kind: 'fixed', token: new Secret('sa-token') } })
    const contentType = 'application/apply-patch+yaml'
    await client.request({ method: 'PATCH', path: '/x', body: { a: 1 }, contentType, accept: 'application/json;as=T' })
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      headers: { authorization: 'Bearer sa-token', 'content-type': contentType, accept: 'application/json;as=T' },
    })
  })

  test.each([200, 201, 404, 409, 410, 422, 500])('give status %i to the caller with its body', async (status) => {
    const server = await serverRuns()
    server.misbehaviours.other.push((response) => reply(response, status, { reason: 'x' }))
    const answer = await clientOf({ server: plain(server) }).request(get('/x'))
    expect(answer).toEqual({ status, body: { reason: 'x' } })
  })

  test('take a page of something in between as text and an empty answer as null', async () => {
    const server = await serverRuns()
    server.misbehaviours.other.push(
      (response) => response.writeHead(502).end('<html>'),
      (response) => response.writeHead(200).end(),
    )
    const client = clientOf({ server: plain(server) })
    expect(await client.request(get('/x'))).toEqual({ status: 502, body: '<html>' })
    expect(await client.request(get('/x'))).toEqual({ status: 200, body: null })
  })

  test('end in time when the server is silent, before and within the answer', async () => {
    const server = await serverRuns()
    server.misbehaviours.other.push(
      () => undefined,
      (response) => response.writeHead(200).write('{'),
    )
    const client = clientOf({ server: plain(server) })
    await expect(client.request({ ...get('/x'), timeoutMs: 50 })).rejects.toBeInstanceOf(ApiUnreachable)
    await expect(client.request({ ...get('/x'), timeoutMs: 50 })).rejects.toThrow('GET /x')
  })

  test('say what was asked and why it failed, without the query', async () => {
    const server = await serverRuns()
    await server.stop()
    const failed = clientOf({ server: plain(server) }).request(get('/api/v1/pods?labelSelector=a'))
    await expect(failed).rejects.toThrow(/^GET \/api\/v1\/pods: .*ECONNREFUSED/)
  })
})

describe('a server that asks to wait', () => {
  test('is obeyed, and asked again', async () => {
    const server = await serverRuns()
    const clock = new ManualClock()
    server.misbehaviours.other.push((response) => reply(response.setHeader('retry-after', '3'), 429, {}))
    const answer = clientOf({ server: plain(server) }, { clock }).request(get('/x'))
    await waitUntil('it waits', () => clock.waiting === 1)
    clock.advance(2_999)
    expect(server.requests).toHaveLength(1)
    clock.advance(1)
    expect((await answer).status).toBe(200)
    expect(server.requests).toHaveLength(2)
  })

  test('four times is handed to the caller', async () => {
    const server = await serverRuns()
    const clock = new ManualClock()
    for (let index = 0; index < 4; index += 1) server.misbehaviours.other.push((response) => reply(response, 429, {}))
    const answer = clientOf({ server: plain(server) }, { clock }).request(get('/x'))
    for (let count = 1; count < 4; count += 1) {
      await waitUntil('it waits', () => clock.waiting === 1 && server.requests.length === count)
      clock.advance(1_000)
    }
    expect((await answer).status).toBe(429)
  })

  test.each([
    ['3', 3_000],
    ['0', 1_000],
    ['9', 9_000],
    ['10', MAX_RETRY_AFTER_MS],
    ['86400', MAX_RETRY_AFTER_MS],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 1_000],
    [undefined, 1_000],
  ])('Retry-After: %s is %i ms', (header, expectedMs) => {
    expect(retryAfterMs(header)).toBe(expectedMs)
  })
})

describe('a token file', () => {
  test('is read again when it may have been rotated, at once after a 401, and kept when it cannot be read', async () => {
    const server = await serverRuns()
    const clock = new ManualClock()
    let text: string | null = 'first\n'
    const readFile = async () => {
      if (text === null) throw new Error('ENOENT')
      return text
    }
    const client = clientOf({ server: plain(server), token: { kind: 'file', path: '/token' } }, { clock, readFile })
    const shown = async () => {
      await client.request(get('/x'))
      return server.requests.at(-1)?.headers.authorization
    }
    expect(await shown()).toBe('Bearer first')
    text = 'second'
    clock.advance(TOKEN_REREAD_MS - 1)
    expect(await shown()).toBe('Bearer first')
    clock.advance(1)
    expect(await shown()).toBe('Bearer second')
    text = null
    clock.advance(TOKEN_REREAD_MS)
    expect(await shown()).toBe('Bearer second')
    text = 'third'
    server.misbehaviours.other.push((response) => reply(response, 401, {}))
    expect(await shown()).toBe('Bearer second')
    expect(await shown()).toBe('Bearer third')
  })
})
