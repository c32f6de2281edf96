// The one table of what becomes of each feature at each target: carried, dropped (and named to the caller), or refused
// with a 400 that names the field. The translation asks it; the documentation is generated from it.
//
// How an entry is decided: refused where an answer without the feature would not be what was asked for (other content,
// another shape, another state), dropped where it would only be tuned differently.
import type { Feature } from './features.ts'
import type { FormatName } from './chat.ts'

export type Fate = 'carried' | 'dropped' | 'refused'

export const FORMATS = ['OpenAIChat', 'OpenAIResponses', 'Anthropic', 'Gemini', 'Ollama', 'Prompt'] as const

interface Row {
  readonly by: readonly FormatName[]
  readonly elsewhere: 'dropped' | 'refused'
  /** How it is carried where it looks different at the target. */
  readonly note?: string
}

const ALL: readonly FormatName[] = FORMATS
const CHATS = ['OpenAIChat', 'OpenAIResponses', 'Anthropic', 'Gemini', 'Ollama'] as const
const CLOUDS = ['OpenAIChat', 'OpenAIResponses', 'Anthropic', 'Gemini'] as const
const OPENAI = ['OpenAIChat', 'OpenAIResponses'] as const
const NONE: readonly FormatName[] = []

export const CARRIES: Readonly<Record<Feature, Row>> = {
  systemText: { by: ALL, elsewhere: 'refused' },
  laterSystemText: {
    by: ALL,
    elsewhere: 'refused',
    note: 'Anthropic, Gemini: moved to the front, to the other system text',
  },
  multiTurn: { by: ALL, elsewhere: 'refused', note: 'Prompt: one text with the speakers named' },
  prefill: { by: ['Anthropic', 'Gemini', 'Ollama', 'Prompt'], elsewhere: 'refused' },
  imageData: { by: CHATS, elsewhere: 'refused' },
  imageUrl: { by: CLOUDS, elsewhere: 'refused' },
  imageDetail: { by: OPENAI, elsewhere: 'dropped' },
  audioData: { by: ['OpenAIChat', 'Gemini'], elsewhere: 'refused' },
  documentData: { by: CLOUDS, elsewhere: 'refused' },
  documentUrl: { by: ['OpenAIResponses', 'Anthropic', 'Gemini'], elsewhere: 'refused' },
  documentDetails: { by: NONE, elsewhere: 'dropped' },
  storedFile: { by: NONE, elsewhere: 'refused' },
  outputMedia: { by: NONE, elsewhere: 'refused' },

  tools: { by: CHATS, elsewhere: 'refused' },
  toolStrict: { by: ['OpenAIChat', 'OpenAIResponses', 'Anthropic'], elsewhere: 'dropped' },
  toolDetails: { by: NONE, elsewhere: 'dropped' },
  freeformTool: { by: NONE, elsewhere: 'refused' },
  hostedTool: { by: NONE, elsewhere: 'refused' },
  toolChoiceNone: { by: ALL, elsewhere: 'refused', note: 'Ollama, Prompt: the tools are not sent' },
  toolChoiceRequired: { by: CLOUDS, elsewhere: 'refused' },
  toolChoiceNamed: { by: CLOUDS, elsewhere: 'refused' },
  toolChoiceAllowed: { by: CHATS, elsewhere: 'refused', note: 'the other tools are not sent' },
  toolHistory: { by: CHATS, elsewhere: 'refused' },
  toolResultMedia: {
    by: CHATS,
    elsewhere: 'refused',
    note: 'OpenAIChat, Gemini, Ollama: as user content after the result',
  },
  toolResultError: { by: ['Anthropic', 'Gemini'], elsewhere: 'dropped' },
  parallelToolCalls: { by: ['OpenAIChat', 'OpenAIResponses', 'Anthropic'], elsewhere: 'dropped' },

  jsonObject: { by: CHATS, elsewhere: 'refused', note: 'Anthropic: as a sentence of system text' },
  jsonSchema: { by: CHATS, elsewhere: 'refused' },
  choices: { by: NONE, elsewhere: 'refused' },
  logprobs: { by: NONE, elsewhere: 'refused' },

  reasoningEffort: { by: CHATS, elsewhere: 'dropped', note: 'as a level, or as a number of tokens by a table' },
  reasoningSummary: { by: ['OpenAIResponses', 'Anthropic', 'Gemini'], elsewhere: 'dropped' },
  reasoningHistory: {
    by: ['OpenAIResponses', 'Anthropic', 'Gemini'],
    elsewhere: 'dropped',
    note: 'to the vendor that signed it; whole blocks are dropped for another',
  },

  maxTokens: { by: ALL, elsewhere: 'dropped' },
  temperature: {
    by: ALL,
    elsewhere: 'dropped',
    note: 'limited to the target’s range; dropped for models that refuse it',
  },
  topP: { by: ALL, elsewhere: 'dropped' },
  topK: { by: ['Anthropic', 'Gemini', 'Ollama', 'Prompt'], elsewhere: 'dropped' },
  minP: { by: ['Ollama'], elsewhere: 'dropped' },
  seed: { by: ['OpenAIChat', 'Gemini', 'Ollama'], elsewhere: 'dropped' },
  frequencyPenalty: { by: ['OpenAIChat', 'Gemini', 'Ollama'], elsewhere: 'dropped' },
  presencePenalty: { by: ['OpenAIChat', 'Gemini', 'Ollama'], elsewhere: 'dropped' },
  logitBias: { by: NONE, elsewhere: 'dropped' },
  stop: { by: ['OpenAIChat', 'Anthropic', 'Gemini', 'Ollama'], elsewhere: 'refused' },
  manyStops: { by: ['Anthropic', 'Ollama'], elsewhere: 'refused' },

  user: { by: ['OpenAIChat', 'OpenAIResponses', 'Anthropic'], elsewhere: 'dropped' },
  participantName: { by: NONE, elsewhere: 'dropped' },
  metadata: { by: NONE, elsewhere: 'dropped' },
  serviceTier: { by: NONE, elsewhere: 'dropped' },
  cacheControl: { by: NONE, elsewhere: 'dropped' },
  verbosity: { by: NONE, elsewhere: 'dropped' },
  prediction: { by: NONE, elsewhere: 'dropped' },
  safety: { by: NONE, elsewhere: 'dropped' },
  storage: { by: NONE, elsewhere: 'dropped' },
  context: { by: NONE, elsewhere: 'dropped' },
  modelOptions: { by: NONE, elsewhere: 'dropped' },
  language: { by: NONE, elsewhere: 'dropped' },
  providerState: { by: NONE, elsewhere: 'refused' },
  background: { by: NONE, elsewhere: 'refused' },
  extras: { by: NONE, elsewhere: 'dropped' },
}

export function fateOf(feature: Feature, target: FormatName): Fate {
  const { by, elsewhere } = CARRIES[feature]
  return by.includes(target) ? 'carried' : elsewhere
}
