// All dialects, by the name that tables use. A new one is a file beside this and a line here; what it can be translated
// into is another matter (translate/).
import type { DialectName } from '../table/schema.ts'
import { anthropic } from './anthropic.ts'
import type { Dialect } from './dialect.ts'
import { gemini } from './gemini.ts'
import { ollama } from './ollama.ts'
import { openAi } from './openai.ts'
import { prompt } from './prompt.ts'

const BY_NAME: Readonly<Record<DialectName, Dialect>> = {
  OpenAI: openAi,
  Anthropic: anthropic,
  Gemini: gemini,
  Ollama: ollama,
  Prompt: prompt,
}

export const DIALECTS: readonly Dialect[] = Object.values(BY_NAME)

export function dialectOf(name: DialectName): Dialect {
  return BY_NAME[name]
}
