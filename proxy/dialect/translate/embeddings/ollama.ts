// Ollama's embeddings: api/embed, and the older api/embeddings for one prompt. Source: docs/api.md of Ollama. The older
// one's vectors are not normalised, so that only callers have it here: targets are asked at api/embed.
import { Reading } from '../../neutral/field.ts'
import type { AnswerContext } from '../../neutral/format.ts'
import type { JsonObject, JsonValue } from '../../neutral/json.ts'
import { allOf, readVector, type EmbeddingAnswer, type EmbeddingFormat, type EmbeddingShape } from './embedding.ts'

const NANOSECONDS = 1_000_000

export const ollamaEmbeddings: EmbeddingFormat = {
  readRequest(body) {
    const isSingle = body.member('prompt').isPresent
    body.noteMembers(['model', isSingle ? 'prompt' : 'input', 'dimensions'])
    const dimensions = body.member('dimensions').number()
    const input = body.member(isSingle ? 'prompt' : 'input')
    const texts = input.isText ? [input.text() ?? ''] : input.items().map((item) => item.requiredText())
    if (texts.length === 0) input.fault('must be a text or a list of texts')
    const shape = { isBase64: false, isSingle, count: texts.length }
    return { texts, shape, ...(dimensions !== undefined && { dimensions }) }
  },
  writeRequest: ({ texts, dimensions }, model) => ({
    path: '/api/embed',
    body: { model, input: texts, ...(dimensions !== undefined && { dimensions }) },
  }),
  readAnswer,
  writeAnswer,
}

function readAnswer(body: JsonObject): EmbeddingAnswer | null {
  const root = new Reading().root(body)
  const list = root.member('embeddings')
  const vectors = list.isList ? allOf(list.items().map(readVector)) : null
  if (vectors === null) return null
  return {
    model: root.member('model').text() ?? null,
    vectors,
    inputTokens: root.member('prompt_eval_count').number() ?? null,
  }
}

function writeAnswer(answer: EmbeddingAnswer, { isSingle }: EmbeddingShape, context: AnswerContext): JsonObject {
  const { model, vectors, inputTokens } = answer
  if (isSingle) return { embedding: (vectors[0] ?? []) as JsonValue }
  return {
    model: model ?? context.model,
    embeddings: vectors as JsonValue,
    total_duration: Math.round((context.nowMs() - context.startedAtMs) * NANOSECONDS),
    load_duration: 0,
    prompt_eval_count: inputTokens ?? 0,
  }
}
