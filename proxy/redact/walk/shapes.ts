// The shape of a request's body by dialect and operation, for the walker: where its text stands. What is not here is
// refused on rules that mask.
import type { Place } from '../../exchange.ts'
import type { CallOperation, DialectName } from '../../table/schema.ts'
import { MESSAGES } from './anthropic.ts'
import * as gemini from './gemini.ts'
import * as ollama from './ollama.ts'
import * as openAi from './openai.ts'
import type { Shape } from './shape.ts'

const SHAPES: Readonly<Record<DialectName, Partial<Record<CallOperation, Shape>>>> = {
  OpenAI: { Chat: openAi.CHAT, Completion: openAi.COMPLETION, Response: openAi.RESPONSE, Embedding: openAi.EMBEDDING },
  Anthropic: { Chat: MESSAGES, CountTokens: MESSAGES },
  Gemini: { Chat: gemini.GENERATE, CountTokens: gemini.COUNT, Embedding: gemini.EMBEDDING },
  Ollama: { Chat: ollama.CHAT, Completion: ollama.GENERATE, Embedding: ollama.EMBEDDING },
  Prompt: { Chat: ollama.PROMPT },
}

/** Null: an operation that nobody here knows. */
export function shapeOf({ dialect, operation }: Pick<Place, 'dialect' | 'operation'>): Shape | null {
  return operation === null || operation === 'Models' ? null : (SHAPES[dialect.name][operation] ?? null)
}
