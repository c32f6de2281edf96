// Names that Gemini's generateContent and the neutral form have for the same things. Data, and the rule of spelling:
// protobuf's JSON takes every name in camelCase and in snake_case.
import type { Field } from '../../neutral/field.ts'
import type { Effort, StopReason } from '../../neutral/chat.ts'
import type { SamplingNames } from '../../neutral/sampling.ts'

export const SAMPLING: SamplingNames = {
  maxTokens: ['maxOutputTokens', 'max_output_tokens'],
  temperature: ['temperature'],
  topP: ['topP', 'top_p'],
  topK: ['topK', 'top_k'],
  seed: ['seed'],
  frequencyPenalty: ['frequencyPenalty', 'frequency_penalty'],
  presencePenalty: ['presencePenalty', 'presence_penalty'],
  stop: ['stopSequences', 'stop_sequences'],
}

export const WRITTEN_STOPS: Readonly<Record<StopReason, string>> = {
  end: 'STOP',
  stopSequence: 'STOP',
  length: 'MAX_TOKENS',
  contextLength: 'MAX_TOKENS',
  toolUse: 'STOP',
  contentFilter: 'SAFETY',
  pause: 'STOP',
  other: 'OTHER',
}

export const READ_STOPS: Readonly<Record<string, StopReason>> = {
  STOP: 'end',
  MAX_TOKENS: 'length',
  SAFETY: 'contentFilter',
  RECITATION: 'contentFilter',
  BLOCKLIST: 'contentFilter',
  PROHIBITED_CONTENT: 'contentFilter',
  SPII: 'contentFilter',
  IMAGE_SAFETY: 'contentFilter',
  IMAGE_PROHIBITED_CONTENT: 'contentFilter',
  IMAGE_RECITATION: 'contentFilter',
}

export const THINKING_LEVELS = ['minimal', 'low', 'medium', 'high'] as const satisfies readonly Effort[]

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** A member by its camelCase name, however the caller spells it. */
export function either(field: Field, name: string): Field {
  return field.firstOf(name, snakeCase(name))
}

export function bothSpellings<Value>(byName: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(byName).flatMap(([name, value]) => [
      [name, value],
      [snakeCase(name), value],
    ]),
  )
}

export function bothNames(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [name, snakeCase(name)])
}
