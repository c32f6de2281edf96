// The decisions of the cache, row by row: which calls may look and store, which answers become entries, how long those
// are good for, and what a single call can say about it.
import { describe, expect, it, test } from 'vitest'
import { controlsOf } from '../../../proxy/cache/controls.ts'
import { Envelope } from '../../../proxy/cache/envelope.ts'
import { isDown, judgeCall, judgeEnd, judgeFront, useOf } from '../../../proxy/cache/policy.ts'
import { policyReadingOf } from '../../../proxy/cache/policy-tables.ts'
import { failure } from '../../../proxy/errors.ts'
import type { Answered } from '../../../proxy/exchange.ts'
import type { CacheRule } from '../../../proxy/table/cache-schema.ts'
import type { CallOperation, DialectName } from '../../../proxy/table/schema.ts'
import { explainCache } from '../../../proxy/cache/verdict.ts'
import { CACHE, makeTable } from '../../support/proxy-rig.ts'
import { callOf } from './keyed.ts'

function judged(
  [dialect, operation]: readonly [DialectName, CallOperation],
  body: object | string,
  rule: Partial<CacheRule> = {},
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return judgeCall(new Envelope(Buffer.from(text)), policyReadingOf(operation, dialect), { ...CACHE, ...rule })
}

const CHAT = ['OpenAI', 'Chat'] as const
const RESPONSE = ['OpenAI', 'Response'] as const
const ANTHROPIC = ['Anthropic', 'Chat'] as const
const GEMINI = ['Gemini', 'Chat'] as const
const OLLAMA = ['Ollama', 'Chat'] as const
const cold = (body: object) => ({ temperature: 0, ...body })
const coldResponse = (body: object) => cold({ store: false, ...body })
const coldGemini = (body: object) => ({ generationConfig: { temperature: 0 }, ...body })

describe('a call', () => {
  test.each([
    ['with temperature 0', CHAT, cold({}), null],
    ['without a temperature', CHAT, {}, 'sampled'],
    ['with a temperature of null', CHAT, { temperature: null }, 'sampled'],
    ['with a temperature that is a text', CHAT, { temperature: '0' }, 'sampled'],
    ['with a temperature above the bound', CHAT, { temperature: 0.1 }, 'sampled'],
    ['of Anthropic with temperature 0', ANTHROPIC, cold({}), null],
    ['of Anthropic without one', ANTHROPIC, {}, 'sampled'],
    ['of Gemini with it', GEMINI, coldGemini({}), null],
    ['of Gemini with it in the other spelling', GEMINI, { generation_config: { temperature: 0.0 } }, null],
    ['of Gemini with it in the wrong place', GEMINI, { temperature: 0 }, 'sampled'],
    ['of Ollama with it', OLLAMA, { options: { temperature: 0 } }, null],
    ['of Ollama without', OLLAMA, { options: {} }, 'sampled'],
    ['for vectors', ['OpenAI', 'Embedding'], { input: 'x' }, null],
    ['for a count', ['Anthropic', 'CountTokens'], { messages: [] }, null],
    ['that the provider is to keep', CHAT, cold({ store: true }), 'stateful'],
    ['that it is not to keep', CHAT, cold({ store: false }), null],
    ['with a search of the provider’s', CHAT, cold({ web_search_options: {} }), 'stateful'],
    ['for a spoken answer', CHAT, cold({ audio: { voice: 'a', format: 'wav' } }), 'stateful'],
    ['for a response that is kept by default', RESPONSE, cold({}), 'stateful'],
    ['for a response that is not kept', RESPONSE, coldResponse({}), null],
    ['that goes on from a response', RESPONSE, coldResponse({ previous_response_id: 'r' }), 'stateful'],
    ['that goes on from none', RESPONSE, coldResponse({ previous_response_id: null }), null],
    ['in a conversation', RESPONSE, coldResponse({ conversation: { id: 'c' } }), 'stateful'],
    ['in the background', RESPONSE, coldResponse({ background: true }), 'stateful'],
    ['with a prompt that the provider has', RESPONSE, coldResponse({ prompt: { id: 'p' } }), 'stateful'],
    ['in a container', ANTHROPIC, cold({ container: 'c' }), 'stateful'],
    ['on content that Gemini has', GEMINI, coldGemini({ cachedContent: 'c' }), 'stateful'],
    ['with a member twice', CHAT, '{"temperature":0,"temperature":2}', 'ambiguous'],
    ['with tools of its own', CHAT, cold({ tools: [{ type: 'function' }, { type: 'custom' }] }), null],
    ['with a tool of the provider’s', RESPONSE, coldResponse({ tools: [{ type: 'web_search' }] }), 'providerTool'],
    ['with a tool of Anthropic’s', ANTHROPIC, cold({ tools: [{ type: 'web_search_20250305' }] }), 'providerTool'],
    ['with a tool that Anthropic only describes', ANTHROPIC, cold({ tools: [{ type: 'bash_20250124' }] }), null],
    ['with servers of tools', ANTHROPIC, cold({ mcp_servers: [{ type: 'url' }] }), 'providerTool'],
    ['with a tool of Gemini’s', GEMINI, coldGemini({ tools: [{ googleSearch: {} }] }), 'providerTool'],
    ['with functions for Gemini', GEMINI, coldGemini({ tools: [{ functionDeclarations: [] }] }), null],
    ['that tells what a tool did', CHAT, cold({ messages: [{ role: 'tool', content: '1' }] }), 'toolResult'],
    ['that spells it with escapes', CHAT, '{"temperature":0,"messages":[{"role":"\\u0074ool"}]}', 'toolResult'],
    ['that only says the word', CHAT, cold({ messages: [{ role: 'user', content: '"tool"' }] }), null],
    ['in responses', RESPONSE, coldResponse({ input: [{ type: 'function_call_output' }] }), 'toolResult'],
    ['in messages', ANTHROPIC, cold({ messages: [{ content: [{ type: 'tool_result' }] }] }), 'toolResult'],
    ['in messages whose content is a text', ANTHROPIC, cold({ messages: [{ content: 'tool_result"' }] }), null],
    ['in contents', GEMINI, coldGemini({ contents: [{ parts: [{ functionResponse: {} }] }] }), 'toolResult'],
    ['at Ollama', OLLAMA, { options: { temperature: 0 }, messages: [{ role: 'tool' }] }, 'toolResult'],
  ] as const)('%s', (_, kind, body, reason) => {
    expect(judged(kind, body)).toBe(reason)
  })

  it('may be drawn where the rule says Store, or up to its bound', () => {
    expect(judged(CHAT, {}, { sampled: 'Store' })).toBeNull()
    expect(judged(CHAT, { temperature: 0.2 }, { maxTemperature: '0.2' })).toBeNull()
    expect(judged(CHAT, { temperature: 0.21 }, { maxTemperature: '0.2' })).toBe('sampled')
  })

  it('may tell what tools did where the rule says Store; state is never shared', () => {
    const rule = { toolResults: 'Store' } as const
    expect(judged(CHAT, cold({ messages: [{ role: 'tool' }] }), rule)).toBeNull()
    expect(judged(RESPONSE, coldResponse({ tools: [{ type: 'mcp' }] }), rule)).toBeNull()
    expect(judged(CHAT, cold({ store: true }), { ...rule, sampled: 'Store' })).toBe('stateful')
  })
})

describe('an answer', () => {
  const answered: Answered = {
    kind: 'answered',
    status: 200,
    failureClass: null,
    retryAfterMs: null,
    headers: {},
    body: Buffer.alloc(0),
    isEventStream: false,
  }

  test.each([
    ['a good one', {}, null],
    ['an error', { status: 400, failureClass: 'BadRequest' }, 'failed'],
    ['an error that says 200', { failureClass: 'Overloaded' }, 'failed'],
    ['another status', { status: 202 }, 'status'],
    ['compressed', { headers: { 'content-encoding': 'gzip' } }, 'encoded'],
    ['said to be as it is', { headers: { 'content-encoding': 'identity' } }, null],
  ] as const)('at its front: %s', (_, part, verdict) => {
    expect(judgeFront({ ...answered, ...part })).toBe(verdict)
  })

  const cut = failure('stream_cut', 'cut')
  test.each([
    ['done', { fault: null, finish: 'stop' }, {}, 'stored'],
    ['with calls of tools', { fault: null, finish: 'tool' }, {}, 'stored'],
    ['that no model has written', { fault: null, finish: null }, {}, 'stored'],
    ['cut off by the connection', { fault: cut, finish: 'stop' }, {}, 'cut'],
    ['at its limit of length', { fault: null, finish: 'length' }, {}, 'truncated'],
    ['at its limit, opted in', { fault: null, finish: 'length' }, { truncated: 'Store' }, 'stored'],
    ['filtered', { fault: null, finish: 'filter' }, {}, 'filtered'],
    ['filtered, opted in', { fault: null, finish: 'filter' }, { filtered: 'Store' }, 'stored'],
    [
      'without its last event',
      { fault: null, finish: 'unknown' },
      { truncated: 'Store', filtered: 'Store' },
      'unfinished',
    ],
    ['ended by an error', { fault: null, finish: 'error' }, { truncated: 'Store', filtered: 'Store' }, 'failed'],
  ] as const)('at its end: %s', (_, end, rule, verdict) => {
    expect(judgeEnd(end, { ...CACHE, ...rule })).toBe(verdict)
  })

  test.each([
    ['no target could be reached', failure('targets_failed', 'x'), true],
    ['the caller left', failure('caller_gone', 'x'), false],
    ['overloaded', { ...answered, status: 503, failureClass: 'Overloaded' }, true],
    ['at fault itself', { ...answered, status: 400, failureClass: 'BadRequest' }, false],
    ['good', answered, false],
  ] as const)('lets an old one be served: %s', (_, result, isOld) => {
    expect(isDown(result)).toBe(isOld)
  })
})

describe('an entry', () => {
  const rule = { ...CACHE, ttlMs: 1000, staleWhileRevalidateMs: 500, staleIfErrorMs: 2000 }
  const facts = { storedAtMs: 10_000, freshUntilMs: 11_000, staleUntilMs: 13_000, route: 'r', scope: 'pod' }

  test.each([
    [999, {}, {}, 'fresh'],
    [1000, {}, {}, 'whileRevalidating'],
    [1499, {}, {}, 'whileRevalidating'],
    [1500, {}, {}, 'ifError'],
    [2999, {}, {}, 'ifError'],
    [3000, {}, {}, null],
    [900, { maxAgeMs: 900 }, {}, 'fresh'],
    [901, { maxAgeMs: 900 }, {}, null],
    [400, {}, { ttlMs: 300 }, 'whileRevalidating'],
    [400, {}, { ttlMs: 300_000 }, 'fresh'],
    [1000, {}, { ttlMs: 300_000, staleWhileRevalidateMs: undefined, staleIfErrorMs: undefined }, null],
  ] as const)('of %i ms, asked with %o under %o, is %s', (ageMs, controls, part, use) => {
    const age = { facts, nowMs: 10_000 + ageMs, controls: { ...controlsOf([]), ...controls } }
    expect(useOf(age, { ...rule, ...part } as CacheRule)).toBe(use)
  })
})

describe('what a call says', () => {
  test.each([
    ['nothing', [], [true, true, null]],
    ['no-cache', ['Cache-Control', 'no-cache'], [false, true, null]],
    ['no-store', ['cache-control', 'max-age=9, no-store'], [false, false, null]],
    ['max-age', ['cache-control', ' Max-Age=60 '], [true, true, 60_000]],
    ['max-age of zero', ['cache-control', 'max-age=0'], [true, true, 0]],
    ['what is no age', ['cache-control', 'max-age=-1, x-max-age=5'], [true, true, null]],
    ['bypass', ['X-ModelRoute-Cache', 'bypass', 'cache-control', 'max-age=5'], [false, false, null]],
    ['refresh', ['x-modelroute-cache', 'Refresh'], [false, true, null]],
    ['refresh and no-store', ['x-modelroute-cache', 'refresh', 'cache-control', 'no-store'], [false, false, null]],
    ['anything else', ['x-modelroute-cache', 'please'], [true, true, null]],
  ] as const)('%s', (_, headers, [mayLook, mayStore, maxAgeMs]) => {
    expect(controlsOf(headers)).toEqual({ mayLook, mayStore, maxAgeMs })
  })
})

test('is explained for a call without asking anybody: looked up and kept, only kept, or neither and why', () => {
  const explained = (body: object, headers: readonly string[] = []) => {
    const { routes } = makeTable({
      targets: { a: { url: 'http://127.0.0.1:1' } },
      routes: [{ backends: ['a'], cache: {} }],
    })
    const [route] = routes
    if (route === undefined) throw new Error('no rule')
    const call = callOf({ body: JSON.stringify({ model: 'm', ...body }), headers })
    return explainCache(
      { kind: 'masked', routed: { kind: 'routed', call, route }, report: null, restoration: null },
      headers,
    )
  }
  expect(explained({ temperature: 0 })).toEqual({ looks: true, stores: true, reason: null })
  expect(explained({ temperature: 0 }, ['cache-control', 'no-cache'])).toEqual({
    looks: false,
    stores: true,
    reason: 'control',
  })
  expect(explained({})).toEqual({ looks: false, stores: false, reason: 'sampled' })
})
