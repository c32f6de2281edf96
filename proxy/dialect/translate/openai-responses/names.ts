// Names that OpenAI's Responses format and the neutral form have for the same things.
// Data only; the readers and writers beside this file look things up in it.
import type { SamplingNames } from '../../neutral/sampling.ts'

export const SAMPLING: SamplingNames = {
  maxTokens: ['max_output_tokens'],
  temperature: ['temperature'],
  topP: ['top_p'],
}

/** A smaller limit is refused by OpenAI. */
export const SMALLEST_LIMIT = 16
