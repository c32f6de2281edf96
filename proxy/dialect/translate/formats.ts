// The formats that can be translated into one another, by name.
// The only place that knows them all; whoever translates asks here.
import { anthropicFormat } from './anthropic/format.ts'
import type { ChatFormat } from '../neutral/format.ts'
import type { FormatName } from '../neutral/chat.ts'
import { geminiFormat } from './gemini/format.ts'
import { ollamaFormat } from './ollama/format.ts'
import { openAiResponsesFormat } from './openai-responses/format.ts'
import { promptFormat } from './prompt/format.ts'
import { openAiChatFormat } from './openai-chat/format.ts'

const FORMATS_BY_NAME: Readonly<Record<FormatName, ChatFormat>> = {
  OpenAIChat: openAiChatFormat,
  OpenAIResponses: openAiResponsesFormat,
  Anthropic: anthropicFormat,
  Gemini: geminiFormat,
  Ollama: ollamaFormat,
  Prompt: promptFormat,
}

export function formatOf(name: FormatName): ChatFormat {
  return FORMATS_BY_NAME[name]
}
