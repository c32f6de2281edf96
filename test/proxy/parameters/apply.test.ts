// What a rule does to parameters, in the bytes of each dialect: defaults, forced values, bounds, a language; and what it
// leaves alone.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyParameters } from '../../../proxy/parameters/apply.ts'
import type { ParameterPolicy } from '../../../proxy/table/parameters-schema.ts'
import { makeTable } from '../../support/proxy-rig.ts'
import { CHAT, readCall } from '../classify/call.ts'

function apply(parameters: ParameterPolicy, body: string, url = CHAT) {
  const table = makeTable({ targets: { t: { url: 'http://model' } }, routes: [{ parameters, backends: ['t'] }] })
  const [route] = table.routes
  if (route === undefined) throw new Error('no rule')
  const routed = applyParameters({ kind: 'routed', call: readCall(url, body), route })
  if (routed.kind === 'failure') return { failure: routed.code, body: null, notes: [], call: null }
  const { call } = routed
  return { failure: null, body: call.received.body.toString(), notes: call.adjusted ?? [], call }
}

/** The documents' own example. */
const BOUNDS: ParameterPolicy = {
  clamp: { temperature: { min: '0.3', max: '0.5' }, topK: { min: '30', max: '50' }, maxTokens: { max: '2048' } },
}
const GENERATE = '/v1beta/models/m:generateContent'

test.each([
  [
    'a chat beyond its bounds',
    CHAT,
    '{ "model":"m", "temperature": 0.9 , "top_k":99,"max_tokens":4096,"messages":[] }',
    '{ "model":"m", "temperature": 0.5 , "top_k":50,"max_tokens":2048,"messages":[] }',
  ],
  [
    'a chat within its bounds',
    CHAT,
    '{"model":"m","temperature":0.40,"top_k":40,"max_tokens":2048,"messages":[]}',
    '{"model":"m","temperature":0.40,"top_k":40,"max_tokens":2048,"messages":[]}',
  ],
  [
    'a chat that says nothing: what its provider would take counts, and top_k is not of every server',
    CHAT,
    '{"model":"m","messages":[]}',
    '{"temperature":0.5,"max_completion_tokens":2048,"model":"m","messages":[]}',
  ],
  [
    'nulls and texts in place of numbers',
    CHAT,
    '{"model":"m","temperature":null,"max_tokens":"99999"}',
    '{"model":"m","temperature":0.5,"max_tokens":2048}',
  ],
  [
    'both names of one limit',
    CHAT,
    '{"model":"m","temperature":0.4,"max_tokens":9000,"max_completion_tokens":1e4}',
    '{"model":"m","temperature":0.4,"max_tokens":2048,"max_completion_tokens":2048}',
  ],
  [
    'a message',
    '/v1/messages',
    '{"model":"m","max_tokens":9000,"temperature":0.1,"top_k":40}',
    '{"model":"m","max_tokens":2048,"temperature":0.3,"top_k":40}',
  ],
  [
    'a message of a model that thinks: randomness is not added',
    '/v1/messages',
    '{"model":"m","max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1024}}',
    '{"model":"m","max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1024}}',
  ],
  [
    'a generation without its object of settings',
    GENERATE,
    '{"contents":[]}',
    '{"generationConfig":{"temperature":0.5,"topK":50,"maxOutputTokens":2048},"contents":[]}',
  ],
  [
    'a generation in snake case',
    GENERATE,
    '{"generation_config":{"top_k":10,"max_output_tokens":5,"temperature":0.3}}',
    '{"generation_config":{"top_k":30,"max_output_tokens":5,"temperature":0.3}}',
  ],
  [
    'an Ollama chat with empty options',
    '/api/chat',
    '{"model":"m","options":{ }}',
    '{"model":"m","options":{"temperature":0.5,"num_predict":2048 }}',
  ],
  [
    'an Ollama chat without any limit',
    '/api/chat',
    '{"model":"m","options":{"num_predict":-1,"temperature":0.3,"top_k":30}}',
    '{"model":"m","options":{"num_predict":2048,"temperature":0.3,"top_k":30}}',
  ],
  [
    'a prompt',
    '/prompt',
    '{"prompt":"hi","temperature":2,"top_k":5,"max_tokens":100}',
    '{"prompt":"hi","temperature":0.5,"top_k":30,"max_tokens":100}',
  ],
  [
    'a response',
    '/v1/responses',
    '{"model":"m","temperature":0}',
    '{"max_output_tokens":2048,"model":"m","temperature":0.3}',
  ],
  ['an embedding has no such parameters', '/v1/embeddings', '{"model":"m","input":"a"}', '{"model":"m","input":"a"}'],
])('%s', (_, url, before, after) => {
  expect(apply(BOUNDS, before, url).body).toBe(after)
})

test('what was changed is noted by the names of the dialect, with what was asked', () => {
  expect(apply(BOUNDS, '{"model":"m","temperature":0.9,"max_tokens":10}').notes).toEqual(['temperature=0.5;asked=0.9'])
  expect(apply(BOUNDS, '{"contents":[]}', GENERATE).notes).toContain('generationConfig.topK=50')
})

test('a number that is no parameter anyone would ask for is not told', () => {
  expect(apply(BOUNDS, '{"model":"m","temperature":4111111111111111,"max_tokens":1}').notes).toEqual([
    'temperature=0.5',
  ])
})

test('a default is set where there is none, within the bounds; a forced value always', () => {
  const policy: ParameterPolicy = { defaults: { temperature: '0.2', seed: '7' }, force: { topP: '0.8' }, ...BOUNDS }
  expect(apply(policy, '{"model":"m","max_tokens":1}').body).toBe(
    '{"temperature":0.3,"top_p":0.8,"seed":7,"model":"m","max_tokens":1}',
  )
  expect(apply(policy, '{"model":"m","max_tokens":1,"temperature":0.45,"top_p":0.1,"seed":1}').body).toBe(
    '{"model":"m","max_tokens":1,"temperature":0.45,"top_p":0.8,"seed":1}',
  )
})

test('a parameter that stands there twice is refused: readers differ in which one counts', () => {
  expect(apply(BOUNDS, '{"model":"m","temperature":0.4,"temperature":2}').failure).toBe('member_repeated')
  expect(apply(BOUNDS, '{"generationConfig":{"topK":40,"topK":99}}', GENERATE).failure).toBe('member_repeated')
})

test('a model of OpenAI that reasons is sent no temperature', () => {
  expect(apply(BOUNDS, '{"model":"o3","messages":[]}').body).toBe(
    '{"max_completion_tokens":2048,"model":"o3","messages":[]}',
  )
})

describe('the language of answers', () => {
  const language = { language: 'German' }
  test.each([
    ['a prompt has a parameter for it', '/prompt', '{"prompt":"hi"}', '{"language":"German","prompt":"hi"}'],
    ['and it is forced', '/prompt', '{"language":"English","prompt":"hi"}', '{"language":"German","prompt":"hi"}'],
    [
      'a chat gets a message of the system',
      CHAT,
      '{"model":"m","messages":[{"role":"user","content":"hi"}]}',
      '{"model":"m","messages":[{"role":"system","content":"Answer in German."},{"role":"user","content":"hi"}]}',
    ],
    [
      'a message with a system text has it at its end',
      '/v1/messages',
      '{"model":"m","max_tokens":1,"system":"Be brief."}',
      '{"model":"m","max_tokens":1,"system":"Be brief.\\n\\nAnswer in German."}',
    ],
    [
      'a message with blocks has one more',
      '/v1/messages',
      '{"model":"m","max_tokens":1,"system":[{"type":"text","text":"Be brief."}]}',
      '{"model":"m","max_tokens":1,"system":[{"type":"text","text":"Be brief."},{"type":"text","text":"Answer in German."}]}',
    ],
    [
      'a generation gets an instruction',
      GENERATE,
      '{"contents":[]}',
      '{"systemInstruction":{"parts":[{"text":"Answer in German."}]},"contents":[]}',
    ],
    [
      'a response gets instructions',
      '/v1/responses',
      '{"model":"m"}',
      '{"instructions":"Answer in German.","model":"m"}',
    ],
  ])('%s', (_, url, before, after) => {
    const { body, notes } = apply(language, before, url)
    expect(body).toBe(after)
    expect(notes).toEqual(['language=German'])
  })
})

test('numbers and a language in one empty place', () => {
  const { body } = apply({ ...BOUNDS, language: 'German' }, '{"model":"m"}', '/v1/responses')
  expect(JSON.parse(body ?? '')).toEqual({
    temperature: 0.5,
    max_output_tokens: 2048,
    instructions: 'Answer in German.',
    model: 'm',
  })
})

test('whatever a body holds, what the policy does not name comes out as it was, and the call can be read', () => {
  const value = fc.oneof(
    fc.integer(),
    // JSON.stringify writes -0 as 0; what comes in is the test's own then.
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.string(),
    fc.constant(null),
  )
  const members = fc.dictionary(fc.constantFrom('temperature', 'top_k', 'max_tokens', 'user', 'stop', 'ünï'), value)
  fc.assert(
    fc.property(members, (others) => {
      const { body, call } = apply(
        { ...BOUNDS, language: 'German' },
        JSON.stringify({ model: 'm', messages: [], ...others }),
      )
      const {
        temperature,
        top_k: _topK,
        max_tokens: _max,
        max_completion_tokens: _limit,
        messages: _,
        ...rest
      } = JSON.parse(body ?? '')
      const changed = ['temperature', 'top_k', 'max_tokens']
      const kept = Object.fromEntries(
        Object.entries({ model: 'm', ...others }).filter(([name]) => !changed.includes(name)),
      )
      expect(rest).toEqual(kept)
      expect(temperature).toBeGreaterThanOrEqual(0.3)
      expect(temperature).toBeLessThanOrEqual(0.5)
      expect(call?.model).toBe('m')
    }),
    { numRuns: 200 },
  )
})
