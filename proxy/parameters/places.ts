// Where each operation of each dialect has its parameters, and what a provider takes when one is absent (their API
// references). What is not here, a dialect does not know: a rule's policy leaves such a parameter alone.
import type { CallOperation, DialectName } from '../table/schema.ts'
import type { Parameter } from '../table/parameters-schema.ts'

export interface ParameterPlace {
  /** All that count; the first is written where the call has none. */
  readonly names: readonly string[]
  /** What absence means to the provider; null: nobody knows. */
  readonly whenAbsent: number | null
  /** Servers of the dialect differ in whether they know it: changed where it is, never added. */
  readonly isOnlyChanged?: true
}

export interface DialectPlaces {
  /** Names of the object that holds them; the first is written. Empty: the body itself. */
  readonly inside: readonly string[]
  readonly places: Partial<Record<Parameter, ParameterPlace>>
}

/** Of a limit: without one the answer may be of any length. */
const UNLIMITED = Infinity

const at = (names: string, whenAbsent: number | null): ParameterPlace => ({ names: names.split(' '), whenAbsent })

const OPENAI_SAMPLING = { temperature: at('temperature', 1), topP: at('top_p', 1) }
const OPENAI_OTHERS = {
  topK: { ...at('top_k', null), isOnlyChanged: true },
  presencePenalty: at('presence_penalty', 0),
  frequencyPenalty: at('frequency_penalty', 0),
  seed: at('seed', null),
} as const

const OPENAI: Partial<Record<CallOperation, DialectPlaces>> = {
  Chat: {
    inside: [],
    places: { ...OPENAI_SAMPLING, ...OPENAI_OTHERS, maxTokens: at('max_completion_tokens max_tokens', UNLIMITED) },
  },
  // Without a limit the older completions end after 16 tokens.
  Completion: { inside: [], places: { ...OPENAI_SAMPLING, ...OPENAI_OTHERS, maxTokens: at('max_tokens', 16) } },
  Response: { inside: [], places: { ...OPENAI_SAMPLING, maxTokens: at('max_output_tokens', UNLIMITED) } },
}

const ANTHROPIC: DialectPlaces = {
  inside: [],
  places: {
    temperature: at('temperature', 1),
    topP: at('top_p', 1),
    topK: at('top_k', UNLIMITED),
    maxTokens: at('max_tokens', UNLIMITED),
  },
}

const GEMINI: DialectPlaces = {
  inside: ['generationConfig', 'generation_config'],
  places: {
    temperature: at('temperature', 1),
    topP: at('topP top_p', 0.95),
    topK: at('topK top_k', 64),
    maxTokens: at('maxOutputTokens max_output_tokens', UNLIMITED),
    presencePenalty: at('presencePenalty presence_penalty', 0),
    frequencyPenalty: at('frequencyPenalty frequency_penalty', 0),
    seed: at('seed', null),
  },
}

const OLLAMA: DialectPlaces = {
  inside: ['options'],
  places: {
    temperature: at('temperature', 0.8),
    topP: at('top_p', 0.9),
    topK: at('top_k', 40),
    maxTokens: at('num_predict', UNLIMITED),
    presencePenalty: at('presence_penalty', 0),
    frequencyPenalty: at('frequency_penalty', 0),
    seed: at('seed', null),
  },
}

const PROMPT: DialectPlaces = {
  inside: [],
  places: {
    temperature: at('temperature', null),
    topP: at('top_p', null),
    topK: at('top_k', null),
    maxTokens: at('max_tokens', UNLIMITED),
  },
}

const PLACES: Readonly<Record<DialectName, Partial<Record<CallOperation, DialectPlaces>>>> = {
  OpenAI: OPENAI,
  Anthropic: { Chat: ANTHROPIC },
  Gemini: { Chat: GEMINI },
  Ollama: { Chat: OLLAMA, Completion: OLLAMA },
  Prompt: { Chat: PROMPT },
}

/** Null: the operation has no parameters that a policy could change. */
export function placesOf(dialect: DialectName, operation: string | null): DialectPlaces | null {
  const byOperation: Readonly<Record<string, DialectPlaces | undefined>> = PLACES[dialect]
  return operation !== null && Object.hasOwn(byOperation, operation) ? (byOperation[operation] ?? null) : null
}
