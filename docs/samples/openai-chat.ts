// Requests that together ask for everything OpenAI's chat completions can ask for; where two things
// exclude one another, there is another request. See translation-samples.ts.
import type { JsonObject, JsonValue } from '../../proxy/dialect/neutral/json.ts'
import { DATA, SCHEMA, STOPS } from './values.ts'

const chatTool = { type: 'function', function: { name: 'weather', parameters: SCHEMA, strict: true } }
const chatCall = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } }
const chat = (more: JsonObject): JsonObject => ({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...more })
const chatParts = (...content: readonly JsonValue[]): JsonObject => chat({ messages: [{ role: 'user', content }] })

export const OPENAI_CHAT: readonly JsonObject[] = [
  chat({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hi', name: 'ann' },
      { role: 'assistant', content: null, reasoning_content: 'Hm.', tool_calls: [chatCall] },
      {
        role: 'tool',
        tool_call_id: 'c1',
        content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${DATA}` } }],
      },
      { role: 'developer', content: 'Be kind.' },
      { role: 'user', content: 'and now?' },
    ],
    tools: [chatTool],
    parallel_tool_calls: false,
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: SCHEMA } },
    reasoning_effort: 'low',
    max_completion_tokens: 10,
    temperature: 1,
    top_p: 0.5,
    seed: 1,
    frequency_penalty: 1,
    presence_penalty: 1,
    logit_bias: { 1: 1 },
    stop: STOPS,
    n: 2,
    logprobs: true,
    modalities: ['text', 'audio'],
    user: 'u',
    metadata: { a: 'b' },
    service_tier: 'flex',
    prompt_cache_key: 'k',
    verbosity: 'low',
    prediction: { type: 'content', content: 'x' },
    moderation: {},
    store: true,
    web_search_options: {},
  }),
  chatParts(
    { type: 'image_url', image_url: { url: `data:image/png;base64,${DATA}`, detail: 'high' } },
    { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
    { type: 'input_audio', input_audio: { data: DATA, format: 'wav' } },
    { type: 'file', file: { file_data: `data:application/pdf;base64,${DATA}`, filename: 'a.pdf' } },
  ),
  chatParts({ type: 'file', file: { file_id: 'file-1' } }),
  chat({ response_format: { type: 'json_object' }, tools: [chatTool], tool_choice: 'none' }),
  chat({ tools: [chatTool], tool_choice: 'required' }),
  chat({ tools: [chatTool], tool_choice: { type: 'function', function: { name: 'weather' } } }),
  chat({ tools: [{ type: 'custom', custom: { name: 'run' } }] }),
  chat({
    tools: [chatTool],
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'weather' } }] },
    },
  }),
  chat({
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'Well,' },
    ],
  }),
]
