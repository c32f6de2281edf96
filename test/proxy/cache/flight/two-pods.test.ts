// Two pods of a namespace that ask the same at once, with a real Redis between them: one call at the provider, and no
// answer lost when the pod that makes it loses its callers, or the Redis goes.
import { Buffer } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NAMESPACE_KEY_IDS } from '../../../../proxy/table/messages.ts'
import { makeTable, startProxy, type ProxyRig } from '../../../support/proxy-rig.ts'
import { hasRedis, startRedis, type RedisServer } from '../../../support/redis-server.ts'
import { completion, Upstream } from '../../../support/upstream.ts'

let redis: RedisServer
let provider: Upstream
let pods: readonly ProxyRig[]

beforeEach(async () => {
  if (!hasRedis) return
  redis = await startRedis()
  provider = await Upstream.start()
  const table = makeTable({
    targets: { a: { url: provider.url } },
    routes: [{ backends: ['a'], cache: { scope: 'Namespace', shared: 'all', singleFlight: 'Shared' } }],
    sharedCaches: { all: { url: `redis://127.0.0.1:${redis.port}` } },
  })
  const keys = { [NAMESPACE_KEY_IDS.current]: Buffer.alloc(32, 7).toString('base64') }
  pods = await Promise.all([startProxy({ table, keys }), startProxy({ table, keys })])
})

afterEach(async () => {
  if (!hasRedis) return
  for (const pod of pods) await pod.stop()
  await provider.stop()
  await redis.stop()
})

/** Its answer when the test says so. */
function held() {
  const begun = Promise.withResolvers<ServerResponse>()
  provider.script.push((response) => begun.resolve(response))
  return async (text: string) => {
    const response = await begun.promise
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion(text)))
  }
}

async function ask(pod: ProxyRig | undefined, signal?: AbortSignal): Promise<string> {
  const body = JSON.stringify({ model: 'm', temperature: 0, messages: [{ role: 'user', content: 'hello' }] })
  const sent = { method: 'POST', body, ...(signal && { signal }) }
  const response = await fetch(`${pod?.url}/v1/chat/completions`, sent)
  const answer = (await response.json()) as ReturnType<typeof completion>
  return answer.choices[0]?.message.content ?? ''
}

/** A pod that has just started has no connection to its Redis yet, and asks alone. */
async function warm(): Promise<void> {
  for (const pod of pods) {
    for (let asked = 0; !(await hasLookedInRedis(pod)); asked += 1) {
      const messages = [{ role: 'user', content: `warm ${pod.port} ${asked}` }]
      const body = JSON.stringify({ model: 'm', temperature: 0, messages })
      await (await fetch(`${pod.url}/v1/chat/completions`, { method: 'POST', body })).text()
    }
  }
  provider.requests.length = 0
}

async function hasLookedInRedis({ registry }: ProxyRig): Promise<boolean> {
  return (await registry.metrics()).includes('modelroute_proxy_cache_lookups_total{level="shared",result="miss"}')
}

async function untilUnderWay(pod: ProxyRig | undefined, calls: number): Promise<void> {
  const isSo = async () => (await pod?.registry.metrics())?.includes(`modelroute_proxy_calls_under_way ${calls}\n`)
  while ((await isSo()) !== true) await new Promise((resolve) => setImmediate(resolve))
}

// On a machine that is busy with other tests a Redis is late, and a lock that is late is none.
describe.skipIf(!hasRedis)('two pods that ask the same', { retry: 3 }, () => {
  it('cost one call, and the pod that waits gets the answer of the other', async () => {
    await warm()
    const answer = held()
    const first = [ask(pods[0]), ask(pods[0])]
    await provider.until(() => provider.requests.length === 1)
    const second = [ask(pods[1]), ask(pods[1])]
    await untilUnderWay(pods[1], 2)
    await answer('from one call')
    expect(new Set(await Promise.all([...first, ...second]))).toEqual(new Set(['from one call']))
    expect(provider.requests).toHaveLength(1)
  })

  it('lose nothing when those hang up for whom the call is made', async () => {
    await warm()
    held()
    const hangUp = new AbortController()
    const gone = ask(pods[0], hangUp.signal).catch(() => 'gone')
    await provider.until(() => provider.requests.length === 1)
    const other = ask(pods[1])
    await untilUnderWay(pods[1], 1)
    hangUp.abort()
    expect([await gone, await other]).toEqual(['gone', 'from m'])
    expect(provider.requests).toHaveLength(2)
  })

  it('ask both when there is no Redis any more', async () => {
    await warm()
    await redis.stop()
    expect(await Promise.all([ask(pods[0]), ask(pods[1])])).toEqual(['from m', 'from m'])
    expect(provider.requests).toHaveLength(2)
  })
})
