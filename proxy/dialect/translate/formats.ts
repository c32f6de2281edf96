// The formats that can be translated into one another, by name.
import { anthropicFormat } from './anthropic/format.ts'
import type { ChatFormat } from './format.ts'
import type { FormatName } from './neutral.ts'
import { openAiChatFormat } from './openai-chat/format.ts'

const FORMATS_BY_NAME: Readonly<Partial<Record<FormatName, ChatFormat>>> = {
  OpenAIChat: openAiChatFormat,
  Anthropic: anthropicFormat,
}

export function formatOf(name: FormatName): ChatFormat {
  const format = FORMATS_BY_NAME[name]
  if (format === undefined) throw new Error(`No format ${name}`)
  return format
}
