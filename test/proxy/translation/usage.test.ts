// What an answer says that it took, found in its bytes: every dialect, whole and streamed, and texts that look like it.
import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import type { FormatName } from '../../../proxy/dialect/neutral/chat.ts'
import { usageOf } from '../../../proxy/translation/usage.ts'

const read = (text: string, format: FormatName) => usageOf(Buffer.from(text), format)
const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`
const line = (value: object) => `${JSON.stringify(value)}\n`

const openAi = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 60 },
  completion_tokens_details: { reasoning_tokens: 8 },
}
const response = { input_tokens: 9, input_tokens_details: { cached_tokens: 2 }, output_tokens: 3 }
const gemini = { promptTokenCount: 7, candidatesTokenCount: 5, thoughtsTokenCount: 4, cachedContentTokenCount: 1 }

describe('the tokens of an answer', () => {
  test.each<[string, FormatName, string, object | null]>([
    [
      'of an OpenAI chat, with their parts',
      'OpenAIChat',
      JSON.stringify({ choices: [{ message: { content: 'hi' } }], usage: openAi }),
      { inputTokens: 100, outputTokens: 20, cachedInputTokens: 60, reasoningTokens: 8 },
    ],
    [
      'of its stream, from the chunk behind the one that has null',
      'OpenAIChat',
      event({ choices: [{ delta: {} }], usage: null }) + event({ choices: [], usage: openAi }) + 'data: [DONE]\n\n',
      { inputTokens: 100, outputTokens: 20, cachedInputTokens: 60, reasoningTokens: 8 },
    ],
    ['of a stream that does not say', 'OpenAIChat', event({ choices: [], usage: null }), null],
    [
      'of embeddings',
      'OpenAIChat',
      JSON.stringify({ data: [], usage: { prompt_tokens: 8, total_tokens: 8 } }),
      { inputTokens: 8, outputTokens: 0 },
    ],
    [
      'not of a text that shows some',
      'OpenAIChat',
      JSON.stringify({ choices: [{ message: { content: '{"usage":{"prompt_tokens":999}}' } }] }),
      null,
    ],
    [
      'printed with spaces',
      'OpenAIChat',
      JSON.stringify({ usage: { prompt_tokens: 1, completion_tokens: 2 } }, null, 2),
      { inputTokens: 1, outputTokens: 2 },
    ],
    ['of one that was cut off in it', 'OpenAIChat', '{"usage":{"prompt_tokens":1', null],
    [
      'of a response, at the end of its stream',
      'OpenAIResponses',
      event({ type: 'response.created', response: { usage: null } }) +
        event({ type: 'response.completed', response: { output: [], usage: response } }),
      { inputTokens: 9, outputTokens: 3, cachedInputTokens: 2 },
    ],
    [
      'of a message, whose cached input is counted beside the other',
      'Anthropic',
      JSON.stringify({ content: [], usage: { input_tokens: 5, cache_read_input_tokens: 90, output_tokens: 4 } }),
      { inputTokens: 95, outputTokens: 4, cachedInputTokens: 90 },
    ],
    [
      'of its stream, in two parts',
      'Anthropic',
      event({ type: 'message_start', message: { usage: { input_tokens: 5, output_tokens: 1 } } }) +
        event({ type: 'message_delta', delta: {}, usage: { output_tokens: 40 } }),
      { inputTokens: 5, outputTokens: 40 },
    ],
    [
      'of Gemini, with its thoughts, the last of several',
      'Gemini',
      event({ usageMetadata: { promptTokenCount: 7 } }) + event({ usageMetadata: gemini }),
      { inputTokens: 7, outputTokens: 9, cachedInputTokens: 1, reasoningTokens: 4 },
    ],
    [
      'of Ollama, from the last line',
      'Ollama',
      line({ message: { content: 'a' }, done: false }) + line({ done: true, prompt_eval_count: 11, eval_count: 6 }),
      { inputTokens: 11, outputTokens: 6 },
    ],
    ['of a prompt server, which says nothing', 'Prompt', '{"output":"x","usage":{"prompt_tokens":1}}', null],
  ])('%s', (_, format, text, expected) => {
    expect(read(text, format)).toEqual(expected)
  })
})
