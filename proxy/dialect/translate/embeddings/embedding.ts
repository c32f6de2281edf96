// The neutral form of embeddings: texts in, one vector a text out, in the same order. Types only. Three vendors have
// them; what else a request may hold (task types, titles, options of a model server) is named as dropped.
import type { Field } from '../../neutral/field.ts'
import type { AnswerContext } from '../../neutral/format.ts'
import type { JsonObject } from '../../neutral/json.ts'

export type EmbeddingFormatName = 'OpenAIChat' | 'Gemini' | 'Ollama'

export interface EmbeddingRequest {
  readonly texts: readonly string[]
  readonly dimensions?: number
  readonly shape: EmbeddingShape
}

/** How the caller wants its vectors: as lists or as base64 of 32-bit floats, and whether it asked for exactly one. */
export interface EmbeddingShape {
  readonly isBase64: boolean
  readonly isSingle: boolean
  /** How many texts were sent: so many vectors must come back. */
  readonly count: number
}

export interface EmbeddingAnswer {
  readonly model: string | null
  readonly vectors: readonly (readonly number[])[]
  readonly inputTokens: number | null
}

export interface EmbeddingFormat {
  /** What cannot be translated is a fault of its field. */
  readRequest(body: Field): EmbeddingRequest
  writeRequest(request: EmbeddingRequest, model: string): { readonly path: string; readonly body: JsonObject }
  /** Null: no answer of this dialect. */
  readAnswer(body: JsonObject): EmbeddingAnswer | null
  writeAnswer(answer: EmbeddingAnswer, shape: EmbeddingShape, context: AnswerContext): JsonObject
}

/** A vector as JSON has it; null: something in it is no number. */
export function readVector(field: Field): readonly number[] | null {
  const { value } = field
  if (!Array.isArray(value)) return null
  const numbers = value.filter((entry): entry is number => typeof entry === 'number')
  return numbers.length === value.length ? numbers : null
}

/** All of them, or null. */
export function allOf<Item>(items: readonly (Item | null)[]): readonly Item[] | null {
  const present = items.filter((item) => item !== null)
  return present.length === items.length ? present : null
}
