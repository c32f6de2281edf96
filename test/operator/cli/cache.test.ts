// The command against a real proxy's admin port: a call is kept, seen, and thrown away.
import { expect, test } from 'vitest'
import { askUrl, parseCacheArguments, runCache } from '../../../operator/cli/cache.ts'
import { makeTable, startProxy } from '../../support/proxy-rig.ts'
import { answers, completion, Upstream } from '../../support/upstream.ts'

test.each<readonly [string, RegExp]>([
  ['', /either --pod or --url/],
  ['--pod a --url http://x', /either --pod or --url/],
  ['--pod a --admin-port many', /not a port/],
  ['--url nowhere', /not a URL/],
  ['--pod a --route r', /say "cache purge"/],
  ['purge --pod a', /say what to purge/],
  ['purge --pod a --rout r', /Unknown option/],
])('"cache %s" is refused', (line, sentence) => {
  expect(parseCacheArguments(line.split(' ').filter((word) => word !== ''))).toMatch(sentence)
})

test('a purge names what it means', () => {
  const wish = parseCacheArguments([
    'purge',
    '--pod',
    'chat-1',
    '-n',
    'shop',
    '--route',
    'shop/chat/all',
    '--older-than',
    '2h',
  ])
  expect(wish).toMatchObject({
    place: { kind: 'pod', to: { namespace: 'shop', pod: 'chat-1', port: 4142 } },
    request: { method: 'POST', path: '/cache/purge?route=shop%2Fchat%2Fall&olderThan=2h' },
  })
})

test('a call is kept, seen, thrown away by its rule, and asked again', async () => {
  const upstream = await Upstream.start()
  upstream.usual = answers(completion('hi'))
  const routes = [{ name: 'shop/chat/all', backends: ['a'], cache: {} }]
  const rig = await startProxy({ table: makeTable({ targets: { a: { url: upstream.url } }, routes }) })
  const call = async () => {
    const body = JSON.stringify({ model: 'm', temperature: 0, messages: [{ role: 'user', content: 'hello' }] })
    const answer = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body })
    await answer.text()
    return answer.headers.get('x-modelroute-cache')
  }
  const cache = (line: string) => {
    const wish = parseCacheArguments([...line.split(' ').filter((word) => word !== ''), '--url', rig.adminUrl])
    if (typeof wish === 'string') throw new Error(wish)
    return runCache(wish, { pod: () => Promise.reject(new Error('no pod was named')), url: askUrl })
  }
  expect(await cache('')).toBe('No rule of this proxy has a cache.\n')
  expect([await call(), await call()].map((text) => text?.split(';')[0])).toEqual(['miss', 'hit'])
  expect(await cache('')).toMatch(/^memory {2}ready, 1 entries, 0\.0 MiB of 32\.0 MiB\n$/)
  expect(await cache('purge --route shop/other/all')).toBe('0 entries are gone.\n')
  expect(await cache('purge --route shop/chat/all')).toBe('1 entries are gone.\n')
  expect((await call())?.split(';')[0]).toBe('miss')
  expect(await cache('purge --older-than 0s --json')).toContain('"purged": 1')
  await expect(cache('purge --older-than soon')).rejects.toThrow('olderThan must be a duration')
  expect(await rig.registry.metrics()).toMatch(/modelroute_proxy_cache_lookups_total\{level="memory",result="hit"\} 1/)
  await rig.stop()
  await upstream.stop()
})
