// Requests that together ask for everything Ollama's chat and generate can ask for; where two things
// exclude one another, there is another request. See translation-samples.ts.
import type { JsonObject } from '../../proxy/dialect/neutral/json.ts'
import { DATA, SCHEMA, STOPS } from './values.ts'

export const OLLAMA: readonly JsonObject[] = [
  {
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hi', images: [DATA] },
      {
        role: 'assistant',
        content: '',
        thinking: 'Hm.',
        tool_calls: [{ function: { name: 'weather', arguments: {} } }],
      },
      { role: 'tool', tool_name: 'weather', content: 'rain', images: [DATA] },
      { role: 'system', content: 'Be kind.' },
      { role: 'assistant', content: 'Well,' },
    ],
    tools: [{ type: 'function', function: { name: 'weather', parameters: SCHEMA, strict: true } }],
    format: SCHEMA,
    think: 'low',
    keep_alive: '5m',
    logprobs: true,
    options: {
      num_predict: 10,
      temperature: 1,
      top_p: 0.5,
      top_k: 5,
      min_p: 0.1,
      seed: 1,
      frequency_penalty: 1,
      presence_penalty: 1,
      stop: STOPS,
      num_ctx: 4096,
    },
  },
  { model: 'm', messages: [{ role: 'user', content: 'hi' }], format: 'json' },
  { model: 'm', prompt: 'hi', suffix: 'bye', context: [1, 2] },
]
