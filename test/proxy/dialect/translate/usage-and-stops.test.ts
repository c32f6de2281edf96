// The two things that other gateways got wrong most often: what an answer is said to have cost, and why it ended. Every
// provider's numbers to every caller's, whole and streamed; each caller must be able to reckon the same tokens.
import { Buffer } from 'node:buffer'
import { describe, expect, it, test } from 'vitest'
import type { FormatName, Usage } from '../../../../proxy/dialect/neutral/chat.ts'
import { foldStream } from '../../../../proxy/dialect/neutral/fold.ts'
import { formatOf } from '../../../../proxy/dialect/translate/formats.ts'
import type { JsonObject } from '../../../../proxy/dialect/neutral/json.ts'
import { translateAnswer } from '../../../../proxy/dialect/translate/translate-answer.ts'
import { testContext } from './arbitrary.ts'

interface Provider {
  readonly from: FormatName
  readonly answer: (usage: JsonObject) => JsonObject
  readonly usage: JsonObject
  /** What was used, as the vendor's documentation says to read its numbers. */
  readonly used: Usage
}

const openAi = (usage: JsonObject): JsonObject => ({
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'a' } }],
  usage,
})
const anthropic = (usage: JsonObject): JsonObject => ({
  type: 'message',
  content: [{ type: 'text', text: 'a' }],
  stop_reason: 'end_turn',
  usage,
})
const responses = (usage: JsonObject): JsonObject => ({
  output: [{ type: 'message', content: [{ type: 'output_text', text: 'a' }] }],
  status: 'completed',
  usage,
})
const gemini = (usageMetadata: JsonObject): JsonObject => ({
  candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }],
  usageMetadata,
})
const ollama = (usage: JsonObject): JsonObject => ({ message: { content: 'a' }, done: true, ...usage })

const PROVIDERS: readonly Provider[] = [
  {
    // Cached tokens are part of the prompt, reasoning tokens part of the completion.
    from: 'OpenAIChat',
    answer: openAi,
    usage: {
      prompt_tokens: 1000,
      completion_tokens: 50,
      prompt_tokens_details: { cached_tokens: 800 },
      completion_tokens_details: { reasoning_tokens: 30 },
    },
    used: { inputTokens: 1000, cachedInputTokens: 800, outputTokens: 50, reasoningTokens: 30 },
  },
  {
    from: 'OpenAIResponses',
    answer: responses,
    usage: {
      input_tokens: 1000,
      input_tokens_details: { cached_tokens: 800 },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 30 },
    },
    used: { inputTokens: 1000, cachedInputTokens: 800, outputTokens: 50, reasoningTokens: 30 },
  },
  {
    // Cached and written tokens are counted beside the input; the hour's share of the writing has its own price.
    from: 'Anthropic',
    answer: anthropic,
    usage: {
      input_tokens: 100,
      cache_read_input_tokens: 800,
      cache_creation_input_tokens: 100,
      cache_creation: { ephemeral_5m_input_tokens: 60, ephemeral_1h_input_tokens: 40 },
      output_tokens: 50,
    },
    used: {
      inputTokens: 1000,
      cachedInputTokens: 800,
      cacheWriteTokens: 100,
      cacheWriteHourTokens: 40,
      outputTokens: 50,
    },
  },
  {
    // Cached tokens are part of the prompt; thoughts are counted beside the candidates, tool prompts beside the prompt.
    from: 'Gemini',
    answer: gemini,
    usage: {
      promptTokenCount: 980,
      cachedContentTokenCount: 800,
      toolUsePromptTokenCount: 20,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 1050,
    },
    used: { inputTokens: 1000, cachedInputTokens: 800, outputTokens: 50, reasoningTokens: 30 },
  },
  {
    from: 'Ollama',
    answer: ollama,
    usage: { prompt_eval_count: 1000, eval_count: 50 },
    used: { inputTokens: 1000, outputTokens: 50 },
  },
]

/** The same usage as each caller's dialect tells it, and how its parts add up to the whole. */
const CALLERS: Readonly<
  Record<'OpenAIChat' | 'OpenAIResponses' | 'Anthropic' | 'Gemini' | 'Ollama', (used: Usage) => JsonObject>
> = {
  OpenAIChat: ({ inputTokens, outputTokens, cachedInputTokens = 0, reasoningTokens = 0 }) => ({
    usage: {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
      prompt_tokens_details: { cached_tokens: cachedInputTokens },
      completion_tokens_details: { reasoning_tokens: reasoningTokens },
    },
  }),
  OpenAIResponses: ({ inputTokens, outputTokens, cachedInputTokens = 0, reasoningTokens = 0 }) => ({
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: cachedInputTokens },
      output_tokens: outputTokens,
      output_tokens_details: { reasoning_tokens: reasoningTokens },
      total_tokens: inputTokens + outputTokens,
    },
  }),
  Anthropic: ({ inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0, cacheWriteHourTokens }) => ({
    usage: {
      input_tokens: inputTokens - cachedInputTokens - cacheWriteTokens,
      cache_read_input_tokens: cachedInputTokens,
      cache_creation_input_tokens: cacheWriteTokens,
      output_tokens: outputTokens,
      ...(cacheWriteHourTokens !== undefined && {
        cache_creation: {
          ephemeral_5m_input_tokens: cacheWriteTokens - cacheWriteHourTokens,
          ephemeral_1h_input_tokens: cacheWriteHourTokens,
        },
      }),
    },
  }),
  Gemini: ({ inputTokens, outputTokens, reasoningTokens = 0, cachedInputTokens }) => ({
    usageMetadata: {
      promptTokenCount: inputTokens,
      candidatesTokenCount: outputTokens - reasoningTokens,
      totalTokenCount: inputTokens + outputTokens,
      ...(cachedInputTokens !== undefined && { cachedContentTokenCount: cachedInputTokens }),
    },
  }),
  Ollama: ({ inputTokens, outputTokens }) => ({ prompt_eval_count: inputTokens, eval_count: outputTokens }),
}

function said(body: JsonObject, from: FormatName, to: FormatName): JsonObject {
  const translated = translateAnswer(Buffer.from(JSON.stringify(body)), { from, to }, testContext())
  if (translated.kind !== 'answer') throw new Error(translated.kind)
  return JSON.parse(translated.body.toString()) as JsonObject
}

describe.each(PROVIDERS)('the usage of $from', ({ from, answer, usage, used }) => {
  test('is read as its documentation says', () => {
    expect(formatOf(from).readAnswer(answer(usage), testContext())?.usage).toEqual(used)
  })

  it.each(Object.entries(CALLERS))('adds up for a caller of %s', (to, written) => {
    expect(said(answer(usage), from, to as FormatName)).toMatchObject(written(used))
  })
})

describe('the usage of a stream', () => {
  const read = (from: FormatName, events: readonly JsonObject[]) => {
    const reader = formatOf(from).createStreamReader(testContext())
    const folded = foldStream([
      ...events.flatMap((event) => [...reader.read(null, Buffer.from(JSON.stringify(event)))]),
      ...reader.end(),
    ])
    return folded.kind === 'answer' ? folded.answer.usage : folded.kind
  }

  test('of Responses is counted when the answer is incomplete too', () => {
    const response = {
      incomplete_details: { reason: 'max_output_tokens' },
      usage: { input_tokens: 7, output_tokens: 9 },
    }
    expect(read('OpenAIResponses', [{ type: 'response.incomplete', response }])).toEqual({
      inputTokens: 7,
      outputTokens: 9,
    })
  })

  test('of Gemini is the last one told', () => {
    const chunk = (usageMetadata: JsonObject, finish: JsonObject = {}) => ({
      candidates: [{ content: { parts: [{ text: 'a' }] }, ...finish }],
      usageMetadata,
    })
    const events = [
      chunk({ promptTokenCount: 5 }),
      chunk({ promptTokenCount: 5, candidatesTokenCount: 3 }, { finishReason: 'STOP' }),
    ]
    expect(read('Gemini', events)).toEqual({ inputTokens: 5, outputTokens: 3 })
  })

  test('of Anthropic keeps what was told at its start where its end tells less', () => {
    const events = [
      {
        type: 'message_start',
        message: { usage: { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: 1 } },
      },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 20 } },
      { type: 'message_stop' },
    ]
    expect(read('Anthropic', events)).toEqual({ inputTokens: 100, cachedInputTokens: 90, outputTokens: 20 })
  })
})

test('tokens of reasoning that a server counts beside its output never make a count negative', () => {
  const body = openAi({ prompt_tokens: 1, completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 30 } })
  expect(said(body, 'OpenAIChat', 'Gemini')).toMatchObject({
    usageMetadata: { candidatesTokenCount: 0, thoughtsTokenCount: 30 },
  })
})

const CALLS: Readonly<Record<'OpenAIChat' | 'OpenAIResponses' | 'Anthropic' | 'Gemini' | 'Ollama', JsonObject>> = {
  OpenAIChat: {
    // As servers end a call that was forced.
    choices: [
      { finish_reason: 'stop', message: { tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{}' } }] } },
    ],
  },
  OpenAIResponses: {
    status: 'completed',
    output: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }],
  },
  Anthropic: {
    type: 'message',
    content: [{ type: 'tool_use', id: 'c', name: 'f', input: {} }],
    stop_reason: 'tool_use',
  },
  Gemini: { candidates: [{ content: { parts: [{ functionCall: { name: 'f', args: {} } }] }, finishReason: 'STOP' }] },
  Ollama: {
    message: { content: '', tool_calls: [{ function: { name: 'f', arguments: {} } }] },
    done: true,
    done_reason: 'stop',
  },
}
const WRITTEN: Readonly<Record<string, RegExp>> = {
  OpenAIChat: /"finish_reason":"tool_calls"/,
  OpenAIResponses: /"status":"completed".*"type":"function_call"/,
  Anthropic: /"stop_reason":"tool_use"/,
  Gemini: /"functionCall".*"finishReason":"STOP"/,
  Ollama: /"tool_calls".*"done_reason":"stop"/,
}

describe.each(Object.entries(CALLS))('a call of a tool by %s', (from, body) => {
  it.each(Object.keys(CALLS))('ends as one for a caller of %s, who would stop otherwise', (to) => {
    expect(JSON.stringify(said(body, from as FormatName, to as FormatName))).toMatch(WRITTEN[to] ?? /$^/)
  })
})
