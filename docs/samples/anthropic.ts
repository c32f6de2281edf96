// Requests that together ask for everything Anthropic's messages can ask for; where two things
// exclude one another, there is another request. See translation-samples.ts.
import type { JsonObject } from '../../proxy/dialect/neutral/json.ts'
import { DATA, SCHEMA, STOPS } from './values.ts'

const claudeTool = { name: 'weather', input_schema: SCHEMA }
const message = (more: JsonObject): JsonObject => ({
  model: 'm',
  max_tokens: 10,
  messages: [{ role: 'user', content: 'hi' }],
  ...more,
})
const base64 = (type: string): JsonObject => ({ type: 'base64', media_type: type, data: DATA })

export const ANTHROPIC: readonly JsonObject[] = [
  message({
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', source: base64('image/png'), transformations: [] },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          { type: 'document', source: base64('application/pdf'), title: 'A' },
          { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 'x' },
          { type: 'tool_use', id: 't1', name: 'weather', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 't1',
            is_error: true,
            content: [{ type: 'image', source: base64('image/png') }],
          },
        ],
      },
    ],
    tools: [{ ...claudeTool, strict: true, defer_loading: true }],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
    thinking: { type: 'enabled', budget_tokens: 1024 },
    output_config: { format: { type: 'json_schema', schema: SCHEMA } },
    temperature: 1,
    top_p: 0.5,
    top_k: 5,
    stop_sequences: STOPS,
    metadata: { user_id: 'u' },
    service_tier: 'standard_only',
    container: 'c',
    context_management: {},
  }),
  message({ messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] }] }),
  message({ tools: [claudeTool], tool_choice: { type: 'none' } }),
  message({ tools: [claudeTool], tool_choice: { type: 'tool', name: 'weather' } }),
  message({
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'Well,' },
    ],
  }),
]
