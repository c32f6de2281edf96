// Names that Ollama's API and the neutral form have for the same things.
// Data only; the readers and writers beside this file look things up in it.
import type { StopReason } from '../../neutral/chat.ts'
import type { SamplingNames } from '../../neutral/sampling.ts'

/** Members of `options`. */
export const OPTIONS: SamplingNames = {
  maxTokens: ['num_predict'],
  temperature: ['temperature'],
  topP: ['top_p'],
  topK: ['top_k'],
  minP: ['min_p'],
  seed: ['seed'],
  frequencyPenalty: ['frequency_penalty'],
  presencePenalty: ['presence_penalty'],
  stop: ['stop'],
}

export const WRITTEN_STOPS: Readonly<Record<StopReason, string>> = {
  end: 'stop',
  stopSequence: 'stop',
  length: 'length',
  contextLength: 'length',
  toolUse: 'stop',
  contentFilter: 'content_filter',
  pause: 'stop',
  other: 'stop',
}

export const READ_STOPS: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  length: 'length',
  content_filter: 'contentFilter',
}
