// What the proxy reads of a chat call: paths, model, streaming, and what tells conversations apart.
import { Buffer } from 'node:buffer'
import { describe, expect, it, test } from 'vitest'
import { Caller } from '../../../proxy/caller.ts'
import { conversationOf } from '../../../proxy/dialect/conversation.ts'
import { openAiChat } from '../../../proxy/dialect/openai-chat.ts'
import { recognise } from '../../../proxy/dialect/recognise.ts'
import type { Call, Received } from '../../../proxy/exchange.ts'

function received(text: string, rawHeaders: readonly string[] = []): Received {
  const body = Buffer.from(text)
  return {
    id: 'x',
    method: 'POST',
    place: recognise('POST', '/v1/chat/completions'),
    rawHeaders,
    body,
    original: { read: body, sent: body },
    receivedAtMs: 0,
    caller: new Caller(),
  }
}

function callOf(body: string, rawHeaders: readonly string[] = []): Call {
  const call = openAiChat.readCall(received(body, rawHeaders))
  if (call.kind === 'failure') throw new Error(call.message)
  return call
}

describe('recognise', () => {
  it.each([
    ['POST', '/openai/v1/chat/completions', 'Chat', '/chat/completions'],
    ['POST', '/v1/chat/completions?x=1', 'Chat', '/chat/completions'],
    ['GET', '/openai/v1/models', 'Models', '/models'],
    ['GET', '/v1/models?limit=1', 'Models', '/models'],
    ['GET', '/v1/chat/completions', null, '/chat/completions'],
    ['POST', '/v1/models', null, '/models'],
    ['GET', '/v1/models/gpt-5', null, '/models/gpt-5'],
    ['POST', '/v1/chat/completions/', null, '/chat/completions/'],
    ['POST', '/chat/completions', null, null],
    ['POST', '/openai/chat/completions', null, null],
    ['POST', '/openaiv1/chat/completions', null, null],
    ['GET', '/', null, null],
    ['OPTIONS', '*', null, null],
  ])('%s %s', (...[method, url, operation, path]) => {
    const place = recognise(method, url)
    expect([place.operation, place.path]).toEqual([operation, path])
  })

  test('keeps the query apart, question mark included', () => {
    expect(recognise('GET', '/v1/files?a=?b')).toMatchObject({ path: '/files', fullPath: '/v1/files', query: '?a=?b' })
  })
})

describe('readCall', () => {
  it.each([
    ['{"model":"m"}', false],
    ['{"model":"m","stream":false}', false],
    ['{"model":"m","stream":null}', false],
    ['{"model":"m","stream":"true"}', false],
    ['{"model":"m","stream":true}', true],
    ['{"stream" : true ,"model":"m"}', true],
  ])('of %s streams: %s', (body, expected) => {
    expect(callOf(body).isStreaming).toBe(expected)
  })

  it.each([
    ['{"model":"gpt-5"}', 'gpt-5', '"gpt-5"'],
    ['{"mod\\u0065l":"gpt\\u002d5"}', 'gpt-5', '"gpt\\u002d5"'],
    [`{"model":"${'x'.repeat(256)}"}`, 'x'.repeat(256), `"${'x'.repeat(256)}"`],
    ['{"messages":[{"model":"no"}],"model":"日本"}', '日本', '"日本"'],
  ])('of %s finds the model and its place', (body, model, written) => {
    const call = callOf(body)
    expect(call.model).toBe(model)
    const { start = 0, end = 0 } = call.modelPlaces[0]?.span ?? {}
    expect(call.received.body.toString('utf8', start, end)).toBe(written)
  })

  it.each(['{"model":"bad \\x escape"}', '{"model":["m"]}', '{"model":null}', '{}'])('of %s finds none', (body) => {
    expect(openAiChat.readCall(received(body))).toMatchObject({ kind: 'failure', code: 'model_missing' })
  })
})

describe('conversationOf', () => {
  const user = '{"role":"user","content":"first"}'
  const turn = `{"model":"m","messages":[{"role":"system","content":"s"},${user}]}`
  const later = `{"model":"other","temperature":1,"messages":[${user},{"role":"assistant","content":"a"},{"role":"user","content":"second"}]}`

  test('is the same over the turns of one conversation', () => {
    expect(conversationOf(callOf(turn))).toBe(conversationOf(callOf(later)))
    expect(conversationOf(callOf(turn.replace('first', 'other')))).not.toBe(conversationOf(callOf(turn)))
  })

  it.each([
    ['a session header', turn, ['X-Claude-Code-Session-Id', 'session-1'], 'session-1'],
    ['prompt_cache_key', turn.replace('{', '{"prompt_cache_key":"key-1","user":"u",'), [], 'key-1'],
    ['metadata.user_id', turn.replace('{', '{"user":"u","metadata":{"a":1,"user_id":"id-1"},'), [], 'id-1'],
    ['user', turn.replace('{', '{"user":"user-1","metadata":{},'), [], 'user-1'],
    ['the first user message', turn, [], '"first"'],
    [
      'the first user message in parts',
      turn.replace('"first"', '[{"type":"text","text":"p"}]'),
      [],
      '[{"type":"text","text":"p"}]',
    ],
    ['the whole body', '{"model":"m","messages":[]}', [], '{"model":"m","messages":[]}'],
    [
      'the whole body',
      '{"model":"m","messages":5,"metadata":7,"user":""}',
      [],
      '{"model":"m","messages":5,"metadata":7,"user":""}',
    ],
  ])('is %s where there is nothing better', (...[, body, rawHeaders, expected]) => {
    expect(conversationOf(callOf(body, rawHeaders))).toBe(expected)
  })
})
