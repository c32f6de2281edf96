// OpenAI's embeddings. Source: the API reference of /v1/embeddings. Its own library asks for base64 when the
// application names no format, and decodes it: 32-bit floats, little-endian. Tokens in place of text are its own
// vocabulary's.
import { Buffer } from 'node:buffer'
import { Reading, type Field } from '../../neutral/field.ts'
import type { AnswerContext } from '../../neutral/format.ts'
import type { JsonObject, JsonValue } from '../../neutral/json.ts'
import { allOf, readVector, type EmbeddingAnswer, type EmbeddingFormat, type EmbeddingShape } from './embedding.ts'

const FLOAT_BYTES = 4

export const openAiEmbeddings: EmbeddingFormat = {
  readRequest(body) {
    body.noteMembers(['model', 'input', 'encoding_format', 'dimensions'])
    const texts = readInput(body.member('input'))
    const dimensions = body.member('dimensions').number()
    const isBase64 = body.member('encoding_format').word(['float', 'base64']) === 'base64'
    const shape = { isBase64, isSingle: false, count: texts.length }
    return { texts, shape, ...(dimensions !== undefined && { dimensions }) }
  },
  writeRequest: ({ texts, dimensions }, model) => ({
    path: '/embeddings',
    body: { model, input: texts, encoding_format: 'float', ...(dimensions !== undefined && { dimensions }) },
  }),
  readAnswer,
  writeAnswer,
}

function readInput(input: Field): readonly string[] {
  if (input.isText) return [input.text() ?? '']
  const items = input.items()
  if (items.length === 0) input.fault('must be a text or a list of texts')
  if (items.some(({ value }) => typeof value === 'number' || Array.isArray(value))) {
    input.fault('holds tokens, which are those of one vendor’s models: send the text')
    return []
  }
  return items.map((item) => item.requiredText())
}

function readAnswer(body: JsonObject): EmbeddingAnswer | null {
  const root = new Reading().root(body)
  const entries = root
    .member('data')
    .items()
    .map((entry, position) => ({
      index: entry.member('index').number() ?? position,
      vector: readVector(entry.member('embedding')),
    }))
  const vectors = allOf(entries.toSorted((one, other) => one.index - other.index).map(({ vector }) => vector))
  if (!root.member('data').isList || vectors === null) return null
  return {
    model: root.member('model').text() ?? null,
    vectors,
    inputTokens: root.member('usage').member('prompt_tokens').number() ?? null,
  }
}

function writeAnswer(answer: EmbeddingAnswer, { isBase64 }: EmbeddingShape, context: AnswerContext): JsonObject {
  const tokens = answer.inputTokens ?? 0
  return {
    object: 'list',
    data: answer.vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: isBase64 ? toBase64(vector) : (vector as JsonValue),
    })),
    model: answer.model ?? context.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}

function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * FLOAT_BYTES)
  vector.forEach((number, index) => bytes.writeFloatLE(number, index * FLOAT_BYTES))
  return bytes.toString('base64')
}
