// Requests that together ask for everything OpenAI's responses can ask for; where two things
// exclude one another, there is another request. See translation-samples.ts.
import type { JsonObject, JsonValue } from '../../proxy/dialect/neutral/json.ts'
import { DATA, SCHEMA } from './values.ts'

const responsesTool = { type: 'function', name: 'weather', parameters: SCHEMA, strict: true, defer_loading: true }
const response = (more: JsonObject): JsonObject => ({ model: 'm', input: 'hi', ...more })
const responseParts = (...content: readonly JsonValue[]): JsonObject => response({ input: [{ role: 'user', content }] })

export const OPENAI_RESPONSES: readonly JsonObject[] = [
  response({
    instructions: 'Be brief.',
    input: [
      { role: 'user', content: 'hi' },
      { type: 'reasoning', id: 'r', summary: [], encrypted_content: 'x' },
      { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'rain' },
      { role: 'developer', content: 'Be kind.' },
      { role: 'user', content: 'and now?' },
    ],
    tools: [responsesTool],
    parallel_tool_calls: false,
    text: { format: { type: 'json_schema', name: 'answer', schema: SCHEMA }, verbosity: 'low' },
    reasoning: { effort: 'low', summary: 'auto' },
    max_output_tokens: 10,
    temperature: 1,
    top_p: 0.5,
    top_logprobs: 2,
    user: 'u',
    metadata: { a: 'b' },
    service_tier: 'flex',
    prompt_cache_key: 'k',
    moderation: {},
    store: true,
    previous_response_id: 'r1',
    background: true,
    truncation: 'auto',
  }),
  responseParts(
    { type: 'input_image', image_url: `data:image/png;base64,${DATA}`, detail: 'high' },
    { type: 'input_image', image_url: 'https://example.com/a.png' },
    { type: 'input_file', file_data: `data:application/pdf;base64,${DATA}`, filename: 'a.pdf' },
    { type: 'input_file', file_url: 'https://example.com/a.pdf' },
  ),
  responseParts({ type: 'input_audio', input_audio: { data: DATA, format: 'wav' } }),
  responseParts({ type: 'input_file', file_id: 'file-1' }),
  response({ text: { format: { type: 'json_object' } }, tools: [responsesTool], tool_choice: 'none' }),
  response({ tools: [responsesTool], tool_choice: 'required' }),
  response({ tools: [responsesTool], tool_choice: { type: 'function', name: 'weather' } }),
  response({
    tools: [responsesTool],
    tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'weather' }] },
  }),
  response({ tools: [{ type: 'custom', name: 'run' }] }),
  response({ tools: [{ type: 'web_search' }] }),
  response({
    input: [
      { role: 'user', content: 'hi' },
      { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}' },
      {
        type: 'function_call_output',
        call_id: 'c1',
        output: [{ type: 'input_image', image_url: `data:image/png;base64,${DATA}` }],
      },
      { role: 'assistant', content: 'Well,' },
    ],
  }),
]
