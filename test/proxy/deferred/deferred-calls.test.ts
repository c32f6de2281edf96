// Calls that may wait, through the front door: taken in, sent by a provider's batch API or off-peak, fetched,
// cancelled, expired, and kept over a restart of the proxy. Time is the test's; sockets, file and thread are real.
import { Buffer } from 'node:buffer'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { LOOK_EVERY_MS, RETRY_MS } from '../../../proxy/deferred/batches.ts'
import { OFF_PEAK_LOOK_MS } from '../../../proxy/deferred/runner.ts'
import { NAMESPACE_KEY_IDS } from '../../../proxy/table/messages.ts'
import { BatchProvider, type AskedBatch } from '../../support/batch-provider.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { makeTable, startProxy, type ProxyRig, type RouteSpec } from '../../support/proxy-rig.ts'

const MINUTE_MS = 60_000
const LOOK_AGAIN_MS = 4
/** 10:00 on a Sunday. */
const clockOf = () => new ManualClock()
const NIGHT = { timeZone: 'UTC', days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 22 * 60, toMinute: 6 * 60 }

let provider: BatchProvider
let folder: string
let clock: ManualClock
let rig: ProxyRig

beforeEach(async () => {
  provider = await BatchProvider.start()
  folder = mkdtempSync(join(tmpdir(), 'modelroute-deferred-'))
  clock = clockOf()
})

afterEach(async () => {
  await rig.stop()
  await provider.stop()
  rmSync(folder, { recursive: true })
})

async function start(route: Partial<RouteSpec> = {}, stateDir: string | null = folder): Promise<void> {
  const targets = {
    openai: { url: provider.url, model: 'gpt-5', credential: 'openai-key' },
    anthropic: { url: provider.url, dialect: 'Anthropic' },
  } as const
  const table = makeTable({
    targets,
    routes: [{ backends: ['openai'], deferred: { collectMs: 0 }, failover: { attempts: 1 }, ...route }],
  })
  const timers = {
    start: (delayMs: number, run: () => void) => ({ refresh: () => {}, close: clock.after(delayMs, run) }),
  }
  const keys = { 'openai-key': 'sk-provider', [NAMESPACE_KEY_IDS.current]: Buffer.alloc(32, 7).toString('base64') }
  rig = await startProxy({ table, keys, timers, clock, ...(stateDir !== null && { stateDir }) })
  rig.prepare(table)
}

interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly isStreaming?: boolean
  readonly path?: string
}

function send(content: string, { headers, isStreaming = false, path = '/v1/chat/completions' }: Sent = {}) {
  const body = JSON.stringify({ model: 'm', max_tokens: 9, stream: isStreaming, messages: [{ role: 'user', content }] })
  const sent = {
    prefer: 'respond-async, wait=5',
    authorization: 'Bearer sk-caller',
    'x-api-key': 'sk-caller',
    ...headers,
  }
  return fetch(rig.url + path, { method: 'POST', body, headers: sent })
}

/** The path of its status. */
async function defer(content: string, sent: Sent = {}): Promise<string> {
  const response = await send(content, sent)
  await response.arrayBuffer()
  expect([response.status, response.headers.get('preference-applied')]).toEqual([202, 'respond-async'])
  return response.headers.get('location') ?? ''
}

interface Status {
  readonly id: string
  readonly status: string
  readonly sent_by: string | null
  readonly answer: { readonly status: number; readonly url: string } | null
}

/** An application that looks has nothing else to wait for; it leaves the processor to the thread of the jobs. */
async function look(path: string): Promise<Status> {
  await delay(LOOK_AGAIN_MS)
  return (await fetch(rig.url + path)).json() as Promise<Status>
}

async function untilIs(path: string, state: string): Promise<Status> {
  for (;;) {
    const status = await look(path)
    if (status.status === state) return status
  }
}

async function resultOf(path: string): Promise<string> {
  const response = await fetch(`${rig.url}${path}/result`)
  const text = await response.text()
  const [, content = text] = /"(?:content|text)":"([^"]*)"/.exec(text) ?? []
  return `${response.status} ${content}`
}

/** The provider has worked on it, and the proxy looks again. */
function end(batch: AskedBatch | undefined, status = 'completed', fates: AskedBatch['fates'] = {}): void {
  if (batch === undefined) throw new Error('there is no such batch')
  batch.fates = fates
  batch.status = status
  clock.advance(LOOK_EVERY_MS)
}

describe('calls that may wait', () => {
  it('go as one batch under the key of the provider, and each gets its own answer', async () => {
    await start({ deferred: { collectMs: 2 * MINUTE_MS } })
    const paths = [await defer('cats'), await defer('dogs'), await defer('owls')]
    expect((await look(paths[0] ?? '')).status).toBe('waiting')
    clock.advance(2 * MINUTE_MS)
    for (const path of paths) await untilIs(path, 'sent')
    const [batch] = provider.batches
    expect([provider.batches.length, batch?.endpoint]).toEqual([1, '/v1/chat/completions'])
    expect(batch?.calls.map(({ body }) => [body.model, body.messages[0]?.content])).toEqual([
      ['gpt-5', 'cats'],
      ['gpt-5', 'dogs'],
      ['gpt-5', 'owls'],
    ])
    expect(new Set(provider.headers.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer sk-provider']))
    end(batch)
    for (const path of paths)
      expect(await untilIs(path, 'done')).toMatchObject({ sent_by: 'batch', answer: { status: 200 } })
    expect(await Promise.all(paths.map(resultOf))).toEqual(['200 about cats', '200 about dogs', '200 about owls'])
    expect(provider.calls).toEqual([])
    while (provider.deleted.length < 3) await look(paths[0] ?? '')
    expect(provider.deleted.toSorted()).toEqual([
      '/files/file-err_batch_0',
      '/files/file-in_0',
      '/files/file-out_batch_0',
    ])
  })

  it('rest without any key, neither the caller’s nor the provider’s', async () => {
    await start({ deferred: { collectMs: MINUTE_MS } })
    await defer('cats', { headers: { 'openai-organization': 'org-1' } })
    const bytes = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('')
    expect([bytes.includes('cats'), bytes.includes('org-1'), bytes.includes('sk-')]).toEqual([true, true, false])
  })

  it('have errors of their own, and a call that was not made is sent again', async () => {
    await start()
    const [cats, dogs] = [await defer('cats'), await defer('dogs')]
    await untilIs(cats, 'sent')
    await untilIs(dogs, 'sent')
    for (const batch of provider.batches) end(batch, 'expired', { cats: 'fails', dogs: 'is never made' })
    await untilIs(cats, 'done')
    expect(await resultOf(cats)).toContain('400 {"error":{"message":"no cats"}}')
    while (
      provider.batches.filter(({ calls }) => calls.some(({ body }) => body.messages[0]?.content === 'dogs')).length < 2
    )
      await look(dogs)
    await untilIs(dogs, 'sent')
    end(provider.batches.at(-1))
    await untilIs(dogs, 'done')
    expect(await resultOf(dogs)).toBe('200 about dogs')
  })

  it('go as ordinary calls to a provider that has no batches', async () => {
    provider.refusal = 404
    await start()
    const path = await defer('cats')
    expect(await untilIs(path, 'done')).toMatchObject({ sent_by: 'call' })
    expect([await resultOf(path), provider.calls]).toEqual(['200 at once about cats', ['cats']])
  })

  it('wait where the provider takes no batch for the moment, and go one by one at last', async () => {
    provider.refusal = 503
    await start()
    const path = await defer('cats')
    for (const waits of [1, 2]) {
      while (provider.headers.length < waits) await look(path)
      await untilIs(path, 'waiting')
      clock.advance(waits * RETRY_MS)
    }
    await untilIs(path, 'done')
    expect([provider.headers.length, provider.calls]).toEqual([4, ['cats']])
  })

  it('go to Anthropic in its form, with errors and calls that were never made', async () => {
    await start({ backends: ['anthropic'] })
    const path = '/v1/messages'
    const [cats, dogs] = [await defer('cats', { path }), await defer('dogs', { path })]
    await untilIs(cats, 'sent')
    await untilIs(dogs, 'sent')
    for (const batch of provider.batches) end(batch, 'ended', { dogs: 'fails' })
    await untilIs(cats, 'done')
    await untilIs(dogs, 'done')
    expect(await resultOf(cats)).toBe('200 about cats')
    expect(await resultOf(dogs)).toContain('400 {"type":"error"')
    while (provider.deleted.length < 2) await look(cats)
    expect(provider.deleted.toSorted()).toEqual(['/messages/batches/msgbatch_0', '/messages/batches/msgbatch_1'])
    expect(provider.headers.every((headers) => headers['anthropic-version'] === '2023-06-01')).toBe(true)
  })

  it('go in batches of their own where they say different things to the provider', async () => {
    await start()
    const paths = [
      await defer('cats', { headers: { 'openai-project': 'one' } }),
      await defer('dogs', { headers: { 'openai-project': 'other' } }),
    ]
    for (const path of paths) await untilIs(path, 'sent')
    const projects = provider.headers.map((headers) => headers['openai-project'])
    expect([provider.batches.length, projects]).toEqual([2, ['one', 'one', 'other', 'other']])
  })

  it('outlive the proxy', async () => {
    await start()
    const [sent, done] = [await defer('cats'), await defer('dogs')]
    await untilIs(sent, 'sent')
    await untilIs(done, 'sent')
    end(provider.batches.find(({ calls }) => calls.some(({ body }) => body.messages[0]?.content === 'dogs')))
    await untilIs(done, 'done')
    await rig.stop()
    for (const batch of provider.batches) batch.status = 'completed'
    clock.advance(LOOK_EVERY_MS)
    await start()
    expect(await resultOf(done)).toBe('200 about dogs')
    await untilIs(sent, 'done')
    expect(await resultOf(sent)).toBe('200 about cats')
  })
})

describe('off-peak', () => {
  it('sends a call when its time of the day has come, and again when the provider was down', async () => {
    await start({ deferred: { offPeak: NIGHT } })
    provider.callStatuses.push(503)
    const path = await defer('cats')
    clock.advance(OFF_PEAK_LOOK_MS)
    expect([(await untilIs(path, 'waiting')).status, provider.calls]).toEqual(['waiting', []])
    for (; provider.calls.length < 2; clock.advance(30 * MINUTE_MS)) await look(path)
    await untilIs(path, 'done')
    expect(await resultOf(path)).toBe('200 at once about cats')
    const hour = new Date(clock.now()).getUTCHours()
    expect(hour >= 22 || hour < 6).toBe(true)
  })
})

describe('a call that is served at once', () => {
  const served = async (response: Promise<Response>) => {
    const { status, headers } = await response
    return [status, headers.get('x-modelroute-deferred'), headers.get('preference-applied')]
  }

  it('did not ask for anything else, or is streamed', async () => {
    await start()
    expect(await served(send('cats', { headers: { prefer: 'return=minimal' } }))).toEqual([200, null, null])
    expect(await served(send('cats', { isStreaming: true }))).toEqual([200, 'declined; reason=streaming', null])
  })

  it('had something masked in it, and nothing of that rests anywhere', async () => {
    await start({ redact: { profile: 'Standard' } })
    expect(await served(send('write to ann@one.test'))).toEqual([200, 'declined; reason=masked', null])
    const path = await defer('cats')
    await untilIs(path, 'sent')
    const bytes = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('')
    expect(bytes).not.toContain('ann@one.test')
  })

  it('asks for no text, or has no target with batches and its rule no other time', async () => {
    await start({ backends: ['anthropic'] })
    expect((await served(send('cats', { path: '/v1/messages/count_tokens' })))[1]).toBe('declined; reason=operation')
    expect((await served(send('cats')))[1]).toBe('declined; reason=target')
  })

  it('came to a proxy without a folder', async () => {
    await start({}, null)
    expect(await served(send('cats'))).toEqual([200, 'declined; reason=failed', null])
  })

  it('came to a proxy whose folder cannot be used', async () => {
    writeFileSync(join(folder, 'file'), '')
    await start({}, join(folder, 'file', 'below'))
    expect(await served(send('cats'))).toEqual([200, 'declined; reason=failed', null])
  })
})

describe('the application', () => {
  it('is told when to look again, finds the same job under its idempotency key, and nothing elsewhere', async () => {
    await start({ deferred: { collectMs: MINUTE_MS } })
    const headers = { 'idempotency-key': 'one' }
    const path = await defer('cats', { headers })
    expect(await defer('cats', { headers })).toBe(path)
    const other = await send('dogs', { headers })
    expect([other.status, other.headers.get('x-modelroute-error')]).toEqual([422, 'idempotency_key_reused'])
    const [status, result] = [await fetch(rig.url + path), await fetch(`${rig.url}${path}/result`)]
    expect([status.status, result.status, status.headers.get('retry-after')]).toEqual([200, 202, '15'])
    const asked = [fetch(`${rig.url}/modelroute/jobs/nobody`), fetch(rig.url + path, { method: 'PUT' })]
    const answers = await Promise.all(asked)
    expect(answers.map(({ headers }) => headers.get('x-modelroute-error'))).toEqual(['job_unknown', 'unknown_path'])
  })

  it('cancels what waits, and what the provider works on when nobody else waits for it', async () => {
    await start()
    const path = await defer('cats')
    await untilIs(path, 'sent')
    const response = await fetch(rig.url + path, { method: 'DELETE' })
    expect(((await response.json()) as Status).status).toBe('cancelled')
    while (provider.cancelled.length === 0) await look(path)
    expect([provider.cancelled, (await resultOf(path)).slice(0, 3)]).toEqual([['batch_0'], '410'])
  })

  test('whose call took too long is told so, and later that nothing is known of it', async () => {
    await start({ deferred: { collectMs: 10 * MINUTE_MS, withinMs: 2 * MINUTE_MS, keepMs: 5 * MINUTE_MS } })
    const path = await defer('cats')
    clock.advance(2 * MINUTE_MS)
    await untilIs(path, 'expired')
    expect((await resultOf(path)).slice(0, 3)).toBe('504')
    clock.advance(5 * MINUTE_MS)
    while ('status' in (await look(path)));
    expect((await resultOf(path)).slice(0, 3)).toBe('404')
    expect(provider.batches).toEqual([])
  })
})
