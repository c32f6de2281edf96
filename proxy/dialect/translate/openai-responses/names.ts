// Names that OpenAI's Responses format and the neutral form have for the same things. Data only.
import type { SamplingNames } from '../../neutral/sampling.ts'

export const SAMPLING: SamplingNames = {
  maxTokens: ['max_output_tokens'],
  temperature: ['temperature'],
  topP: ['top_p'],
}

/** A smaller limit is refused by OpenAI. */
export const SMALLEST_LIMIT = 16
