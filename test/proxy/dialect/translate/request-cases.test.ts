// What a model takes, and shapes that one dialect has and another has not: single decisions of the request writers.
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../../proxy/dialect/neutral/json.ts'
import type { FormatName } from '../../../../proxy/dialect/neutral/chat.ts'
import { translateRequest } from '../../../../proxy/dialect/translate/translate-request.ts'

const user = { role: 'user', content: 'hi' }

interface Case {
  readonly to: FormatName
  readonly model: string
  readonly ask: JsonObject
  readonly body: JsonObject
  readonly absent?: readonly string[]
  readonly dropped?: readonly string[]
  readonly adjusted?: readonly string[]
}

function check(from: FormatName, { to, model, ask, body, absent = [], dropped = [], adjusted = [] }: Case): void {
  const translated = translateRequest({ messages: [user], ...ask }, { from, to, model })
  expect(translated).toMatchObject({ kind: 'request', dropped, adjusted, body })
  expect(Object.keys(translated.kind === 'request' ? translated.body : {})).not.toEqual(
    expect.arrayContaining(absent.length > 0 ? [...absent] : ['-']),
  )
}

test.each<Case>([
  {
    to: 'OpenAIChat',
    model: 'gpt-4.1',
    ask: { max_tokens: 9 },
    body: { max_tokens: 9 },
    absent: ['max_completion_tokens'],
  },
  { to: 'OpenAIChat', model: 'llama-3', ask: { max_tokens: 9 }, body: { max_tokens: 9 } },
  { to: 'OpenAIChat', model: 'o3', ask: { max_tokens: 9 }, body: { max_completion_tokens: 9 }, absent: ['max_tokens'] },
  {
    to: 'OpenAIChat',
    model: 'openai/gpt-5-mini',
    ask: { max_tokens: 9, temperature: 0.5 },
    body: { max_completion_tokens: 9 },
    absent: ['temperature'],
    dropped: ['temperature'],
  },
  { to: 'OpenAIChat', model: 'gpt-5.1', ask: { max_tokens: 9, temperature: 0.5 }, body: { temperature: 0.5 } },
  {
    to: 'OpenAIChat',
    model: 'gpt-5.1',
    ask: { max_tokens: 9, temperature: 0.5, thinking: { type: 'enabled', budget_tokens: 9000 } },
    body: { reasoning_effort: 'medium' },
    dropped: ['temperature'],
  },
  ...(
    [
      ['o3', 'high'],
      ['gpt-5-mini', 'high'],
      ['gpt-5-pro', 'high'],
      ['gpt-5.1', 'high'],
      ['gpt-5.1-codex-max', 'xhigh'],
      ['gpt-5.2', 'xhigh'],
      ['gpt-5.6-terra', 'xhigh'],
      ['open-model', 'max'],
    ] as const
  ).map(([model, effort]): Case => ({
    to: 'OpenAIChat',
    model,
    ask: { max_tokens: 9, output_config: { effort: 'max' } },
    body: { reasoning_effort: effort },
  })),
  {
    to: 'OpenAIChat',
    model: 'gpt-5-chat-latest',
    ask: { max_tokens: 9, temperature: 0.5 },
    body: { temperature: 0.5 },
  },
  {
    to: 'OpenAIChat',
    model: 'gpt-5.6',
    ask: { max_tokens: 9, temperature: 0.5 },
    body: {},
    absent: ['temperature', 'reasoning_effort'],
    dropped: ['temperature'],
  },
  {
    to: 'OpenAIChat',
    model: 'gpt-5.6',
    ask: {
      max_tokens: 9,
      temperature: 0.5,
      output_config: { effort: 'high' },
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
    },
    body: { reasoning_effort: 'none', temperature: 0.5 },
    adjusted: ['reasoning_effort=none'],
  },
  {
    to: 'OpenAIChat',
    model: 'o3',
    ask: { max_tokens: 9, thinking: { type: 'disabled' } },
    body: { reasoning_effort: 'low' },
  },
  {
    to: 'OpenAIChat',
    model: 'gpt-4o',
    ask: { max_tokens: 9, thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
    body: {},
    dropped: ['thinking'],
  },
  {
    to: 'OpenAIResponses',
    model: 'gpt-4o',
    ask: { max_tokens: 9 },
    body: { max_output_tokens: 16, store: false },
    adjusted: ['max_output_tokens=16'],
  },
  { to: 'OpenAIResponses', model: 'gpt-4o', ask: { max_tokens: 16 }, body: { max_output_tokens: 16 } },
  {
    to: 'Gemini',
    model: 'gemini-2.5-pro',
    ask: { max_tokens: 9, thinking: { type: 'enabled', budget_tokens: 50_000 } },
    body: { generationConfig: { thinkingConfig: { thinkingBudget: 32_768 } } },
  },
  ...(
    [
      ['gemini-2.5-pro', { thinkingBudget: 128 }],
      ['gemini-2.5-flash', { thinkingBudget: 0 }],
      ['gemini-2.5-flash-lite', { thinkingBudget: 0 }],
      ['gemini-3-pro-preview', { thinkingLevel: 'low' }],
      ['gemini-3.1-pro-preview', { thinkingLevel: 'low' }],
      ['gemini-3.5-flash', { thinkingLevel: 'minimal' }],
      ['gemini-9-flash', { thinkingLevel: 'low' }],
    ] as const
  ).map(([model, thinkingConfig]): Case => ({
    to: 'Gemini',
    model,
    ask: { max_tokens: 9, thinking: { type: 'disabled' } },
    body: { generationConfig: { thinkingConfig } },
  })),
  {
    to: 'Gemini',
    model: 'models/gemini-3-pro',
    ask: { max_tokens: 9, output_config: { effort: 'max' } },
    body: { generationConfig: { thinkingConfig: { thinkingLevel: 'high' } } },
  },
  {
    to: 'Ollama',
    model: 'qwen3',
    ask: { max_tokens: 9, thinking: { type: 'disabled' } },
    body: { think: false, stream: false },
  },
  {
    to: 'Ollama',
    model: 'gpt-oss:20b',
    ask: { max_tokens: 9, output_config: { effort: 'max' } },
    body: { think: 'high' },
  },
])('Anthropic -> $to, $model, $ask', (one) => {
  expect.hasAssertions()
  check('Anthropic', one)
})

test.each<Case>([
  { to: 'Anthropic', model: 'claude-3-haiku-20240307', ask: {}, body: { max_tokens: 4096 } },
  { to: 'Anthropic', model: 'claude-3-5-sonnet-latest', ask: {}, body: { max_tokens: 8192 } },
  {
    to: 'Anthropic',
    model: 'claude-sonnet-4-20250514',
    ask: { temperature: 0.3 },
    body: { max_tokens: 32_000, temperature: 0.3 },
  },
  {
    to: 'Anthropic',
    model: 'claude-sonnet-4-5',
    ask: { temperature: 1.7 },
    body: { temperature: 1 },
    adjusted: ['temperature=1'],
  },
  { to: 'Anthropic', model: 'claude-opus-4-6', ask: { temperature: 0.3 }, body: { temperature: 0.3 } },
  {
    to: 'Anthropic',
    model: 'claude-opus-4-7',
    ask: { temperature: 0.3 },
    body: {},
    absent: ['temperature'],
    dropped: ['temperature'],
  },
  {
    to: 'Anthropic',
    model: 'claude-fable',
    ask: { temperature: 0.3 },
    body: {},
    absent: ['temperature'],
    dropped: ['temperature'],
  },
  { to: 'Anthropic', model: 'glm-5', ask: { temperature: 0.3 }, body: { temperature: 0.3 } },
  {
    to: 'Anthropic',
    model: 'claude-sonnet-4-5',
    ask: { reasoning_effort: 'medium' },
    body: { thinking: { type: 'enabled', budget_tokens: 8192 } },
    absent: ['output_config'],
  },
  ...(
    [
      ['claude-sonnet-4-5', { thinking: { type: 'disabled' } }, []],
      ['claude-opus-4-6', { thinking: { type: 'disabled' } }, []],
      ['claude-opus-4-8', {}, []],
      ['claude-sonnet-5', { thinking: { type: 'disabled' } }, []],
      ['claude-haiku-5-5', { thinking: { type: 'disabled' } }, []],
      ['claude-sonnet-5-5', { thinking: { type: 'between_tools' } }, []],
      ['claude-opus-5-5', { output_config: { effort: 'low' } }, ['reasoning_effort']],
      ['claude-fable-5-1', { output_config: { effort: 'low' } }, ['reasoning_effort']],
    ] as const
  ).map(([model, body, dropped]): Case => ({
    to: 'Anthropic',
    model,
    ask: { reasoning_effort: 'none' },
    body,
    dropped,
    absent: 'thinking' in body ? ['output_config'] : ['thinking'],
  })),
  {
    to: 'Anthropic',
    model: 'claude-opus-4-6',
    ask: { reasoning_effort: 'xhigh' },
    body: { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
  },
  {
    to: 'Anthropic',
    model: 'claude-opus-4-7',
    ask: { reasoning_effort: 'xhigh' },
    body: { output_config: { effort: 'xhigh' } },
  },
  {
    to: 'Anthropic',
    model: 'claude-opus-4-8',
    ask: { reasoning_effort: 'minimal' },
    body: { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
  },
  {
    to: 'Anthropic',
    model: 'claude-3-5-haiku',
    ask: { reasoning_effort: 'high' },
    body: {},
    absent: ['thinking'],
    dropped: ['reasoning_effort'],
  },
  {
    to: 'Anthropic',
    model: 'claude-sonnet-4-5',
    ask: { reasoning_effort: 'high', max_tokens: 1024 },
    body: { max_tokens: 1024 },
    absent: ['thinking'],
    dropped: ['reasoning_effort'],
  },
  {
    to: 'Anthropic',
    model: 'claude-sonnet-4-5',
    ask: { reasoning_effort: 'high', max_tokens: 1025 },
    body: { thinking: { budget_tokens: 1024 } },
  },
  {
    to: 'Anthropic',
    model: 'claude-sonnet-4-5',
    ask: { response_format: { type: 'json_object' } },
    body: { system: [{ type: 'text', text: 'Answer with one JSON object only: no other text, no code fence.' }] },
    adjusted: ['json_object=instruction'],
  },
])('OpenAIChat -> $to, $model, $ask', (one) => {
  expect.hasAssertions()
  check('OpenAIChat', one)
})

test('text of several turns becomes one prompt with the speakers named, and one question stays as it is', () => {
  const settings = { from: 'OpenAIChat', to: 'Prompt', model: 'small' } as const
  const one = translateRequest({ messages: [{ role: 'system', content: 'Be kind.' }, user] }, settings)
  expect(one).toMatchObject({ body: { prompt: 'Be kind.\n\nhi', model_type: 'small' } })
  const more = translateRequest(
    { messages: [user, { role: 'assistant', content: 'yes?' }, { role: 'user', content: 'why' }] },
    settings,
  )
  expect(more).toMatchObject({ body: { prompt: 'User: hi\n\nAssistant: yes?\n\nUser: why\n\nAssistant:' } })
})

test('an answer to be continued is refused where the model would begin a new one', () => {
  const body = { max_tokens: 9, messages: [user, { role: 'assistant', content: '{"' }] }
  expect(translateRequest(body, { from: 'Anthropic', to: 'OpenAIChat', model: 'm' })).toMatchObject({
    kind: 'refused',
    field: 'messages',
  })
  expect(translateRequest(body, { from: 'Anthropic', to: 'Gemini', model: 'm' })).toMatchObject({ kind: 'request' })
})

test('ids that a target would refuse are replaced by the same good one in call and result', () => {
  const id = 'tool:with/odd id'
  const body = {
    messages: [
      user,
      { role: 'assistant', tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: id, content: 'r' },
    ],
  }
  const translated = translateRequest(body, { from: 'OpenAIChat', to: 'Anthropic', model: 'm' })
  const ids = JSON.stringify(translated)
    .match(/"(?:id|tool_use_id)":"[^"]+"/g)
    ?.map((text) => text.split('"')[3])
  expect(ids).toHaveLength(2)
  expect(new Set(ids).size).toBe(1)
  expect(ids?.[0]).toMatch(/^call_[0-9a-f]{24}$/)
})

test('more dropped fields than a header should hold end with a count', () => {
  const body = { messages: [user], ...Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`x_${at}`, 1])) }
  const translated = translateRequest(body, { from: 'OpenAIChat', to: 'Anthropic', model: 'm' })
  expect(translated.kind === 'request' && translated.dropped.length).toBeLessThanOrEqual(25)
})

test('arguments of an earlier call that are no JSON object go along as text', () => {
  const body = {
    messages: [
      user,
      { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a": ' } }] },
      { role: 'tool', tool_call_id: 'c', content: 'r' },
    ],
  }
  expect(JSON.stringify(translateRequest(body, { from: 'OpenAIChat', to: 'Anthropic', model: 'm' }))).toContain(
    '"input":{"arguments":"{\\"a\\": "}',
  )
})

test('a text file in base64 reaches Anthropic as text', () => {
  const inlineData = { mimeType: 'text/csv', data: Buffer.from('a,b').toString('base64') }
  const translated = translateRequest(
    { contents: [{ parts: [{ inlineData }] }] },
    { from: 'Gemini', to: 'Anthropic', model: 'm' },
  )
  const source = { type: 'text', media_type: 'text/plain', data: 'a,b' }
  expect(translated).toMatchObject({ body: { messages: [{ content: [{ type: 'document', source }] }] } })
})

const translated = (from: FormatName, to: FormatName, ask: JsonObject): JsonObject => {
  const result = translateRequest(ask, { from, to, model: 'm' })
  if (result.kind === 'refused') throw new Error(result.sentence)
  return result.body
}

test('a user’s id that is too long for OpenAI goes as its hash, always the same one', () => {
  const ask = (userId: string) => ({ max_tokens: 9, messages: [user], metadata: { user_id: userId } })
  const long = JSON.stringify({ device_id: 'd'.repeat(64), account_uuid: 'a', session_id: 's' })
  for (const to of ['OpenAIChat', 'OpenAIResponses'] as const) {
    expect(translated('Anthropic', to, ask('x'.repeat(64)))['user']).toBe('x'.repeat(64))
    expect(translated('Anthropic', to, ask(long))['user']).toMatch(/^[0-9a-f]{64}$/)
    expect(translated('Anthropic', to, ask(long))['user']).toBe(translated('Anthropic', to, ask(long))['user'])
  }
})

test('text without a character reaches neither Anthropic nor Gemini, who refuse it, and turns of nothing else go', () => {
  const messages = [
    { role: 'user', content: 'one' },
    { role: 'assistant', content: '' },
    {
      role: 'user',
      content: [
        { type: 'text', text: '' },
        { type: 'text', text: 'two' },
      ],
    },
    {
      role: 'assistant',
      content: '',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'a', content: '' },
  ]
  const anthropic = translated('OpenAIChat', 'Anthropic', { messages })['messages']
  expect(anthropic).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'one' },
        { type: 'text', text: 'two' },
      ],
    },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: [] }] },
  ])
  expect(translated('OpenAIChat', 'Gemini', { messages })['contents']).toMatchObject([
    { role: 'user', parts: [{ text: 'one' }, { text: 'two' }] },
    { role: 'model', parts: [{ functionCall: { name: 'f' } }] },
    { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: '' } } }] },
  ])
})

test('an image of the type image/jpg, which no provider registers, goes as image/jpeg', () => {
  const image = { type: 'image_url', image_url: { url: 'data:image/jpg;base64,/9j/' } }
  const body = JSON.stringify(translated('OpenAIChat', 'Anthropic', { messages: [{ role: 'user', content: [image] }] }))
  expect(body).toContain('"media_type":"image/jpeg"')
})
