// Which tokenizer counts for a model, by its name. Makers publish new models more often than tables change, so that the
// names are patterns; a model that nobody knows is counted as one of OpenAI's present ones.
import type { WEIGHTS } from './weights.ts'

export type Family = keyof typeof WEIGHTS

/** The first that matches counts: a distilled model has the tokenizer of the model it was made from. */
const FAMILIES: readonly (readonly [name: RegExp, family: Family])[] = [
  [/llama|nemotron|hermes|vicuna/, 'llama'],
  [/qwen|qwq|qvq/, 'qwen'],
  [/deepseek/, 'deepseek'],
  [/mistral|mixtral|codestral|ministral|pixtral|magistral|devstral|voxtral/, 'mistral'],
  [/claude/, 'claude'],
  [/gemini|gemma/, 'gemini'],
  [/gpt-4o|gpt-4\.\d|chatgpt-4o/, 'o200k'],
  [/gpt-4|gpt-3|gpt-35|text-embedding-|davinci|babbage/, 'cl100k'],
]

export const UNKNOWN_FAMILY: Family = 'o200k'

/** OpenAI's present models, which count as what is unknown does. */
const PRESENT = /gpt|^o\d|chatgpt|codex/

/** False: its tokenizer is a guess. */
export function isFamilyKnown(model: string): boolean {
  const name = model.toLowerCase()
  return PRESENT.test(name) || FAMILIES.some(([pattern]) => pattern.test(name))
}

export function familyOf(model: string): Family {
  const name = model.toLowerCase()
  return FAMILIES.find(([pattern]) => pattern.test(name))?.[1] ?? UNKNOWN_FAMILY
}
