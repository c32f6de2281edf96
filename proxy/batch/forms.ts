// Which kind of batch a call may be part of, if its rule has one for it, and how large that may be at its targets.
// Pure.
import type { Call } from '../exchange.ts'
import type { BatchLimits } from '../table/batch-schema.ts'
import { chatQuestions } from './chat.ts'
import type { Batchable, BatchForm, Circumstances, FormDeps } from './form.ts'
import { geminiEmbeddings } from './gemini-embeddings.ts'
import { openAiCompletions } from './openai-completions.ts'
import { ollamaEmbeddings, openAiEmbeddings } from './openai-embeddings.ts'

export interface Joinable {
  readonly batchable: Batchable
  readonly limits: BatchLimits
  /** In one call, as its targets have it; a call with more would be refused. */
  readonly mostItems: number
}

/** Most items that a target of the dialect takes in one call, as its vendor documents it. */
const MOST_ITEMS: Readonly<Record<string, number>> = { OpenAI: 2048, Gemini: 100 }

/** Most answers that OpenAI gives to one call of the older completions. */
const MOST_CHOICES = 128

/** By dialect and operation; where a path tells two kinds apart, the form's own reading does. */
function formOf({ received: { place } }: Call): BatchForm | null {
  if (place.operation === 'Chat') return chatQuestions
  if (place.operation === 'Completion') return place.dialect.name === 'OpenAI' ? openAiCompletions : null
  if (place.operation !== 'Embedding') return null
  switch (place.dialect.name) {
    case 'OpenAI':
      return openAiEmbeddings
    case 'Gemini':
      return geminiEmbeddings
    case 'Ollama':
      return place.path === '/api/embed' ? ollamaEmbeddings : null
    case 'Anthropic':
    case 'Prompt':
      return null
  }
}

/** Null: this call goes alone. */
export function joinable(call: Call, circumstances: Circumstances, deps: FormDeps): Joinable | null {
  const { attempts, rule } = circumstances
  const form = formOf(call)
  const limits = form === null ? undefined : rule[form.name]
  if (form === null || limits === undefined) return null
  const batchable = form.read(call, circumstances, deps)
  if (batchable === null) return null
  const most = attempts.map(({ target }) => MOST_ITEMS[target.dialect] ?? limits.maxSize)
  const mostAnswers = form.name === 'completions' ? Math.floor(MOST_CHOICES / batchable.answersPerItem) : limits.maxSize
  const mostItems = Math.min(...attempts.map(({ target }) => MOST_ITEMS[target.dialect] ?? Infinity))
  return { batchable, mostItems, limits: { ...limits, maxSize: Math.min(limits.maxSize, mostAnswers, ...most) } }
}
