// Gemini's embeddings: embedContent for one content, batchEmbedContents for several. Source: the REST reference of
// models.embedContent. A content of several parts is one vector over all of them, which no other vendor has.
import { Reading, type Field } from '../../neutral/field.ts'
import type { JsonObject, JsonValue } from '../../neutral/json.ts'
import { bothNames, either } from '../gemini/names.ts'
import { allOf, readVector, type EmbeddingAnswer, type EmbeddingFormat } from './embedding.ts'

const CARRIED = ['model', 'content', ...bothNames(['outputDimensionality'])]

export const geminiEmbeddings: EmbeddingFormat = {
  readRequest(body) {
    const isSingle = !body.member('requests').isPresent
    if (!isSingle) body.noteMembers(['model', 'requests'])
    const requests = isSingle ? [body] : body.member('requests').items()
    const texts = requests.map(readText)
    const dimensions = dimensionsOf(requests)
    const shape = { isBase64: false, isSingle, count: texts.length }
    return { texts, shape, ...(dimensions !== undefined && { dimensions }) }
  },
  writeRequest({ texts, dimensions }, model) {
    const name = model.replace(/^models\//, '')
    const sized = dimensions === undefined ? {} : { outputDimensionality: dimensions }
    const requests = texts.map((text) => ({ model: `models/${name}`, content: { parts: [{ text }] }, ...sized }))
    return { path: `/models/${encodeURIComponent(name)}:batchEmbedContents`, body: { requests } }
  },
  readAnswer,
  writeAnswer({ vectors, inputTokens }, { isSingle }) {
    const embeddings = vectors.map((values) => ({ values: values as JsonValue }))
    const usage = inputTokens === null ? {} : { usageMetadata: { promptTokenCount: inputTokens } }
    return isSingle ? { embedding: embeddings[0] ?? { values: [] }, ...usage } : { embeddings, ...usage }
  },
}

function readText(request: Field): string {
  request.noteMembers(CARRIED)
  const parts = request.member('content').member('parts')
  const [part, ...others] = parts.items()
  if (part === undefined || others.length > 0) {
    parts.fault('must be one part for a provider of another dialect')
    return ''
  }
  part.noteMembers(['text'])
  return part.member('text').requiredText()
}

/** Other vendors have one number for all texts. */
function dimensionsOf(requests: readonly Field[]): number | undefined {
  const all = requests.map((request) => either(request, 'outputDimensionality').number())
  const [first] = all
  if (all.some((one) => one !== first)) {
    either(requests[0] ?? new Reading().root(null), 'outputDimensionality').fault('must be the same in all requests')
  }
  return first
}

function readAnswer(body: JsonObject): EmbeddingAnswer | null {
  const root = new Reading().root(body)
  const list = root.member('embeddings')
  const fields = list.isList ? list.items() : root.member('embedding').isPresent ? [root.member('embedding')] : null
  const vectors = fields === null ? null : allOf(fields.map((field) => readVector(field.member('values'))))
  if (vectors === null) return null
  return { model: null, vectors, inputTokens: root.member('usageMetadata').member('promptTokenCount').number() ?? null }
}
