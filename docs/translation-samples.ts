// Requests that together ask for everything each format can say. The proxy's own readers are run over them by
// translation-page.ts, so that the page's field names, and which caller can ask for what, come from the code.
import type { FormatName } from '../proxy/dialect/neutral/chat.ts'
import type { JsonObject } from '../proxy/dialect/neutral/json.ts'
import { ANTHROPIC } from './samples/anthropic.ts'
import { GEMINI } from './samples/gemini.ts'
import { OLLAMA } from './samples/ollama.ts'
import { OPENAI_CHAT } from './samples/openai-chat.ts'
import { OPENAI_RESPONSES } from './samples/openai-responses.ts'

const PROMPT: readonly JsonObject[] = [
  { prompt: 'hi', max_tokens: 10, temperature: 1, top_p: 0.5, top_k: 5, language: 'de', model_type: 'm' },
]

export const SAMPLES: Readonly<Record<FormatName, readonly JsonObject[]>> = {
  OpenAIChat: OPENAI_CHAT,
  OpenAIResponses: OPENAI_RESPONSES,
  Anthropic: ANTHROPIC,
  Gemini: GEMINI,
  Ollama: OLLAMA,
  Prompt: PROMPT,
}
