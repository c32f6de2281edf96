// Which headers pass, both ways.
import { describe, expect, it, test } from 'vitest'
import { toAnswerHeaders, toHeaderText, toUpstreamHeaders } from '../../../proxy/upstream/headers.ts'

describe('toUpstreamHeaders', () => {
  it.each([
    'Connection',
    'keep-alive',
    'Proxy-Authorization',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Host',
    'Content-Length',
    'Expect',
    'Authorization',
    'AUTHORIZATION',
    'api-key',
    'X-Api-Key',
    'x-goog-api-key',
    'OpenAI-Organization',
    'OpenAI-Project',
    'x-modelroute-route',
  ])('drops %s', (name) => {
    expect(toUpstreamHeaders(['A', '1', name, 'x', 'B', '2'], false)).toEqual(['A', '1', 'B', '2'])
  })

  it.each(['Content-Type', 'Accept', 'User-Agent', 'x-stainless-retry-count', 'Cookie', 'OpenAI-Beta', 'traceparent'])(
    'keeps %s as it was spelled',
    (name) => {
      expect(toUpstreamHeaders([name, 'x'], false)).toEqual([name, 'x'])
    },
  )

  test('drops what the connection header names', () => {
    expect(toUpstreamHeaders(['Connection', 'close, X-Hop', 'x-hop', '1', 'x-end', '2'], false)).toEqual(['x-end', '2'])
  })

  test('keeps repeated headers and their order', () => {
    expect(toUpstreamHeaders(['X-A', '1', 'X-B', '2', 'X-A', '3'], false)).toEqual(['X-A', '1', 'X-B', '2', 'X-A', '3'])
  })

  test('asks for streams uncompressed and leaves other calls alone', () => {
    expect(toUpstreamHeaders(['Accept-Encoding', 'gzip'], false)).toEqual(['Accept-Encoding', 'gzip'])
    expect(toUpstreamHeaders(['Accept-Encoding', 'gzip'], true)).toEqual(['Accept-Encoding', 'identity'])
    expect(toUpstreamHeaders([], true)).toEqual(['accept-encoding', 'identity'])
  })
})

describe('toAnswerHeaders', () => {
  test('drops hop-by-hop headers and what the connection header names', () => {
    const headers = {
      connection: 'keep-alive, x-hop',
      'keep-alive': 'timeout=5',
      'x-hop': '1',
      'transfer-encoding': 'chunked',
      vary: 'a',
    }
    expect(toAnswerHeaders(headers, null)).toEqual(['vary', 'a'])
  })

  test('keeps each of several values and every other header', () => {
    expect(toAnswerHeaders({ 'set-cookie': ['a', 'b'], 'x-ratelimit-remaining-requests': '9' }, null)).toEqual([
      'set-cookie',
      'a',
      'set-cookie',
      'b',
      'x-ratelimit-remaining-requests',
      '9',
    ])
  })

  test("keeps the provider's own length, and adds one where the whole body is at hand", () => {
    expect(toAnswerHeaders({ 'content-length': '5' }, 5)).toEqual(['content-length', '5'])
    expect(toAnswerHeaders({}, 7)).toEqual(['content-length', '7'])
    expect(toAnswerHeaders({}, null)).toEqual([])
  })

  test('does not let a provider speak in our name', () => {
    expect(toAnswerHeaders({ 'x-modelroute-error': 'no_route' }, null)).toEqual([])
  })
})

test('toHeaderText leaves nothing that could end a header', () => {
  expect(toHeaderText('ns/route/größe\r\nx: 1')).toBe('ns/route/gr??e??x:?1')
})
