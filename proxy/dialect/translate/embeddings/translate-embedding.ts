// A request for embeddings in the caller's dialect -> in the target's, and the answer back. Pure. Errors are those of
// the vendors' chats (translate-answer.ts).
import type { Buffer } from 'node:buffer'
import { Reading } from '../../neutral/field.ts'
import type { AnswerContext } from '../../neutral/format.ts'
import { parseReply, writeJson } from '../../neutral/json-text.ts'
import { isObject, type JsonObject, type JsonValue } from '../../neutral/json.ts'
import { refused, type RefusedRequest } from '../translate-request.ts'
import type { EmbeddingFormat, EmbeddingFormatName, EmbeddingShape } from './embedding.ts'
import { geminiEmbeddings } from './gemini.ts'
import { ollamaEmbeddings } from './ollama.ts'
import { openAiEmbeddings } from './openai.ts'

const FORMATS: Readonly<Record<EmbeddingFormatName, EmbeddingFormat>> = {
  OpenAIChat: openAiEmbeddings,
  Gemini: geminiEmbeddings,
  Ollama: ollamaEmbeddings,
}

export interface EmbeddingPair {
  readonly from: EmbeddingFormatName
  readonly to: EmbeddingFormatName
}

export type TranslatedEmbedding =
  | {
      readonly kind: 'request'
      readonly path: string
      readonly body: JsonObject
      readonly dropped: readonly string[]
      readonly shape: EmbeddingShape
    }
  | RefusedRequest

export function isEmbeddingFormat(name: string): name is EmbeddingFormatName {
  return Object.hasOwn(FORMATS, name)
}

/** `model` is the target's name of it. */
export function translateEmbedding(
  body: JsonValue,
  { from, to, model }: EmbeddingPair & { readonly model: string },
): TranslatedEmbedding {
  if (!isObject(body)) return refused([{ path: '', sentence: 'must be a JSON object' }])
  const reading = new Reading()
  const request = FORMATS[from].readRequest(reading.root(body))
  if (reading.faults.length > 0) return refused(reading.faults)
  const { shape } = request
  return { kind: 'request', ...FORMATS[to].writeRequest(request, model), dropped: [...reading.unknown], shape }
}

/** Null: the body is no answer of the target's dialect, or not one vector for every text. */
export function translateVectors(
  body: Buffer,
  { from, to, shape }: EmbeddingPair & { readonly shape: EmbeddingShape },
  context: AnswerContext,
): Buffer | null {
  const parsed = parseReply(body)
  if (parsed.kind === 'fault' || !isObject(parsed.value)) return null
  const answer = FORMATS[from].readAnswer(parsed.value)
  if (answer === null || answer.vectors.length !== shape.count) return null
  return writeJson(FORMATS[to].writeAnswer(answer, shape, context))
}
