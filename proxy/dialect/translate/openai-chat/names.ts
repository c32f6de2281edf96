// Names that OpenAI's chat format and the neutral form have for the same things.
// Data only; the readers and writers beside this file look things up in it.
import type { SamplingNames } from '../../neutral/sampling.ts'
import type { StopReason } from '../../neutral/chat.ts'

export const CHAT_SAMPLING: SamplingNames = {
  maxTokens: ['max_tokens', 'max_completion_tokens'],
  temperature: ['temperature'],
  topP: ['top_p'],
  seed: ['seed'],
  frequencyPenalty: ['frequency_penalty'],
  presencePenalty: ['presence_penalty'],
  stop: ['stop'],
}

/** Reasoning models refuse `max_tokens`; other servers of this dialect often know nothing else. */
export const REASONING_SAMPLING: SamplingNames = {
  ...CHAT_SAMPLING,
  maxTokens: ['max_completion_tokens'],
}

export const FINISH_REASONS: Readonly<Record<StopReason, string>> = {
  end: 'stop',
  stopSequence: 'stop',
  length: 'length',
  contextLength: 'length',
  toolUse: 'tool_calls',
  contentFilter: 'content_filter',
  pause: 'stop',
  other: 'stop',
}

export const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  length: 'length',
  tool_calls: 'toolUse',
  function_call: 'toolUse',
  content_filter: 'contentFilter',
}
