// Names that Anthropic's Messages format and the neutral form have for the same things.
// Data only; the readers and writers beside this file look things up in it.
import type { StopReason } from '../../neutral/chat.ts'
import type { SamplingNames } from '../../neutral/sampling.ts'

export const SAMPLING: SamplingNames = {
  maxTokens: ['max_tokens'],
  temperature: ['temperature'],
  topP: ['top_p'],
  topK: ['top_k'],
  stop: ['stop_sequences'],
}

export const WRITTEN_STOPS: Readonly<Record<StopReason, string>> = {
  end: 'end_turn',
  stopSequence: 'stop_sequence',
  length: 'max_tokens',
  contextLength: 'model_context_window_exceeded',
  toolUse: 'tool_use',
  contentFilter: 'refusal',
  pause: 'pause_turn',
  other: 'end_turn',
}

export const READ_STOPS: Readonly<Record<string, StopReason>> = {
  end_turn: 'end',
  stop_sequence: 'stopSequence',
  max_tokens: 'length',
  model_context_window_exceeded: 'contextLength',
  tool_use: 'toolUse',
  refusal: 'contentFilter',
  pause_turn: 'pause',
}
