// OpenAI's embeddings (API reference, /v1/embeddings): `input` is a text, a list of texts, the tokens of one text, or a
// list of such. Also Ollama's api/embed (docs/api.md), which knows texts alone and has no numbers in its list. Ollama's
// older api/embeddings answers with vectors that are not normalised, so it is never merged into the newer one.
import type { Call } from '../exchange.ts'
import type { BatchForm, Batchable } from './form.ts'
import { readInputList, writeInputList } from './input-list.ts'
import { countEntries, joinLists, readList, sliceOf, splitList, type ListShape } from './split-list.ts'

export const openAiEmbeddings: BatchForm = inputForm(
  { list: 'data', index: 'index', usage: ['usage'] },
  { takesTokens: true },
)

export const ollamaEmbeddings: BatchForm = inputForm(
  { list: 'embeddings', index: null, usage: ['prompt_eval_count'] },
  { takesTokens: false },
)

function inputForm(shape: ListShape, { takesTokens }: { readonly takesTokens: boolean }): BatchForm {
  const form: BatchForm = {
    name: 'embeddings',
    read: ({ received, conversationSpans }) => {
      const list = readInputList(received.body, conversationSpans.messages, takesTokens)
      return list === null ? null : { form, ...list, answersPerItem: 1 }
    },
    write: writeInputs,
    join: (bodies, counts) => joinLists(bodies, shape, counts),
    split: (body, parts) => {
      const slices = parts.map(sliceOf)
      const answer = readList(body, shape, countEntries(slices))
      return answer === null ? null : splitList(answer, shape, slices)
    },
  }
  return form
}

export function writeInputs(parts: readonly Batchable[], { received, conversationSpans }: Call) {
  const span = conversationSpans.messages
  if (span === undefined) throw new Error('a call without its items was put into a batch')
  const items = parts.flatMap((part) => part.items)
  return { place: received.place, body: writeInputList(received.body, span, items) }
}
