// The parameters that OpenAI's two formats of chats name alike, as far as the model takes them beside the effort that
// is asked for. Levels and models: neutral/model-facts.ts.
import { effortOf } from '../../neutral/effort.ts'
import type { Feature } from '../../neutral/features.ts'
import { takesRandomness, type OpenAiFacts } from '../../neutral/model-facts.ts'
import type { ChatRequest, Effort, Sampling } from '../../neutral/chat.ts'
import { RANDOMNESS, withoutSampling } from '../../neutral/sampling.ts'

export interface FittingParameters {
  readonly sampling: Sampling
  readonly dropped: readonly Feature[]
}

/** `effort` is what will be written; undefined: nothing. */
export function fittingParameters(
  { sampling, reasoning }: ChatRequest,
  { facts, effort }: { readonly facts: OpenAiFacts; readonly effort: Effort | undefined },
): FittingParameters {
  const lost: readonly Feature[] =
    effort === undefined && effortOf(reasoning ?? {}) !== undefined ? ['reasoningEffort'] : []
  if (takesRandomness(facts, effort)) return { sampling, dropped: lost }
  const dropped = RANDOMNESS.filter((name) => sampling[name] !== undefined)
  return { sampling: withoutSampling(sampling, RANDOMNESS), dropped: [...dropped, ...lost] }
}
