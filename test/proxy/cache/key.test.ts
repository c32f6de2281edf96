// What shares an entry and what never does: spellings of one request do, anything else does not, be it a value, a name,
// a header, the rule or who asks.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimalOf } from '../../../proxy/cache/canonical.ts'
import { keyOf, type Asked } from './keyed.ts'
import { chat, choices, Choices, isRequest, mutatedObject, spelled } from './spellings.ts'

const keyOfBody = (body: string) => keyOf({ body })

describe('the key of a call', () => {
  it('is one for every spelling of a request: order of the envelope, white space, numbers, escapes', () => {
    fc.assert(
      fc.property(chat, choices, (body, how) => {
        expect(keyOfBody(spelled(body, new Choices(how), true))).toBe(keyOfBody(JSON.stringify(body)))
      }),
      { numRuns: 60 },
    )
  })

  it('is another one for every change of a single value, name or order inside of the envelope', () => {
    fc.assert(
      fc.property(chat, (body) => {
        const others = [...mutatedObject(body, true)].filter(isRequest).map((other) => JSON.stringify(other))
        expect(others.map(keyOfBody)).not.toContain(keyOfBody(JSON.stringify(body)))
      }),
      { numRuns: 25 },
    )
  })

  it.each([
    ['2^53 and 2^53 + 1', '{"model":"m","seed":9007199254740992}', '{"model":"m","seed":9007199254740993}'],
    ['a number and its text', '{"model":"m","seed":1}', '{"model":"m","seed":"1"}'],
    ['a member that is null and one that is not there', '{"model":"m","seed":null}', '{"model":"m"}'],
    ['halves of surrogates', '{"model":"m","user":"\\ud800"}', '{"model":"m","user":"\\ud801"}'],
    ['a list and the list in a list', '{"model":"m","stop":["a"]}', '{"model":"m","stop":[["a"]]}'],
    ['one text and two that join to it', '{"model":"m","stop":["ab"]}', '{"model":"m","stop":["a","b"]}'],
    ['the order of names in a schema', '{"model":"m","s":{"a":1,"b":2}}', '{"model":"m","s":{"b":2,"a":1}}'],
    ['whole and streamed', '{"model":"m","stream":false}', '{"model":"m","stream":true}'],
    ['a stream that is none of its two words', '{"model":"m","stream":1}', '{"model":"m"}'],
    ['a member twice', '{"model":"m","n":1,"n":2}', '{"model":"m","n":2}'],
  ])('tells %s apart', (_, one, other) => {
    expect(keyOfBody(one)).not.toBe(keyOfBody(other))
  })

  it.each([
    ['absent and false say the same of a stream', '{"model":"m","stream":false}', '{"model":"m"}'],
    ['spellings of a number', '{"model":"m","n":1.50e1}', '{"model":"m","n":15}'],
    ['minus zero', '{"model":"m","n":-0}', '{"model":"m","n":0.0}'],
  ])('takes for one: %s', (_, one, other) => {
    expect(keyOfBody(one)).toBe(keyOfBody(other))
  })

  const BASE: Asked = { body: '{"model":"m"}', headers: ['OpenAI-Beta', 'one'], route: { name: 'shop/chat/rule' } }

  it.each<[what: string, other: Partial<Asked>]>([
    ['another header of a vendor', { headers: ['openai-beta', 'two'] }],
    ['an organisation', { headers: ['openai-beta', 'one', 'OpenAI-Organization', 'acme'] }],
    ['a header that nobody knows', { headers: ['openai-beta', 'one', 'x-tenant', 'a'] }],
    ['a cookie', { headers: ['openai-beta', 'one', 'cookie', 'a=b'] }],
    ['another rule', { route: { name: 'shop/chat/other' } }],
    ['another namespace', { route: { name: 'stall/chat/rule' } }],
    ['a redaction', { route: { name: 'shop/chat/rule', redact: {} } }],
    ['another generation', { route: { name: 'shop/chat/rule', cache: { generation: 1 } } }],
    ['a wider scope', { route: { name: 'shop/chat/rule', cache: { scope: 'Namespace' } } }],
    ['another credential', { target: { credential: 'other' } }],
    ['another model at the target', { target: { model: 'other' } }],
    ['another URL of the target', { target: { url: 'http://127.0.0.1:2' } }],
    ['another path', { path: '/v1/completions' }],
    ['another pod', { names: { pod: 'pod-2', workload: 'web' } }],
  ])('has %s in it', (_, other) => {
    expect(keyOf({ ...BASE, ...other })).not.toBe(keyOf(BASE))
  })

  it.each<[what: string, other: Partial<Asked>]>([
    ['who the library says it is', { headers: ['x-stainless-os', 'Linux', 'user-agent', 'x', 'openai-beta', 'one'] }],
    ['the caller’s own key', { headers: ['Authorization', 'Bearer sk-1', 'openai-beta', 'one'] }],
    ['a trace', { headers: ['traceparent', '00-1-2-01', 'openai-beta', 'one', 'x-request-id', '7'] }],
    [
      'a header that the rule ignores',
      {
        headers: ['openai-beta', 'one', 'x-tenant', 'a'],
        route: { name: 'shop/chat/rule', cache: { ignoreHeaders: ['x-tenant'] } },
      },
    ],
    ['a time to live', { route: { name: 'shop/chat/rule', cache: { ttlMs: 1 } } }],
  ])('does not have %s in it', (_, other) => {
    expect(keyOf({ ...BASE, ...other })).toBe(keyOf(BASE))
  })

  it('is one for the pods of a workload, of a namespace, and never of two workloads', () => {
    const of = (scope: 'Workload' | 'Namespace', pod: string, workload: string | null) =>
      keyOf({ ...BASE, route: { cache: { scope } }, names: { pod, workload } })
    expect(of('Workload', 'a', 'web')).toBe(of('Workload', 'b', 'web'))
    expect(of('Workload', 'a', 'web')).not.toBe(of('Workload', 'a', 'batch'))
    expect(of('Workload', 'a', null)).not.toBe(of('Workload', 'b', null))
    expect(of('Namespace', 'a', 'web')).toBe(of('Namespace', 'b', 'batch'))
  })

  it('knows numbers by their exact value', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(6), (digits, zeros) => {
        const text = digits.toString()
        expect(decimalOf(`${text}${'0'.repeat(zeros)}e-${zeros}`)).toBe(decimalOf(text))
        expect(decimalOf((digits + 1n).toString())).not.toBe(decimalOf(text))
      }),
    )
  })
})
