// Targets that are too small for a call are passed over before their providers refuse it: those whose model cannot
// hold the prompt and the answer that the caller asks for. Keeps the order of the others. Pure.
//
//   prompt (estimated for the target's model) + answer (asked, or the model's limit if that is less) <= contextTokens
//
// An estimate errs: when no target is large enough by it, those that may be, at LEAST_SHARE of it, are asked all the
// same; when not even those are there, the caller is told which limit it met and by how much.
import { failure, type Failure } from '../errors.ts'
import type { Attempt, Call, RoutedCall } from '../exchange.ts'
import type { Target } from '../table/schema.ts'
import { askedOutputTokens, outputLimitOf } from '../upstream/output-limit.ts'

/** Of an estimate that is too large by as much as it may be (docs/tokens.md). */
export const LEAST_SHARE = 0.9
/** A body of so few bytes needs no estimate for a target of so many tokens: not even its pictures fill it. */
const SMALL_BODY_BYTES = 8 * 1024
const LARGE_CONTEXT_TOKENS = 100_000

export interface Fit {
  readonly attempt: Attempt
  readonly limit: number
  readonly promptTokens: number
  readonly answerTokens: number
}

function passOverTooSmall(attempts: readonly Attempt[], { call, route }: RoutedCall): readonly Attempt[] | Failure {
  if (!attempts.some(({ target }) => contextTokensOf(target, call.model) !== null)) return attempts
  const fits = attempts.map((attempt) => fitOf(attempt, call))
  const holding = attempts.filter((_, index) => isLargeEnough(fits[index] ?? null, 1))
  if (holding.length > 0) return holding
  const perhaps = attempts.filter((_, index) => isLargeEnough(fits[index] ?? null, LEAST_SHARE))
  return perhaps.length > 0 ? perhaps : tooLong(fits, route.name)
}

/** The attempts that can hold the call, counted exactly where an estimate is too near a limit. No promise for most. */
export function attemptsThatHold(
  planned: readonly Attempt[],
  routed: RoutedCall,
): readonly Attempt[] | Failure | Promise<readonly Attempt[] | Failure> {
  const counting = sharpenNearLimits(planned, routed)
  return counting === null ? passOverTooSmall(planned, routed) : counting.then(() => passOverTooSmall(planned, routed))
}

/** Counts exactly for those targets whose limit is as near as an estimate may err; null: for none. */
function sharpenNearLimits(attempts: readonly Attempt[], { call }: RoutedCall): Promise<unknown> | null {
  const { facts } = call
  if (facts === undefined) return null
  const models = attempts.flatMap((attempt) => {
    const fit = fitOf(attempt, call)
    return fit !== null && isNear(fit) ? [attempt.target.model ?? call.model] : []
  })
  return models.length === 0 ? null : Promise.all([...new Set(models)].map((model) => facts.sharpen(model)))
}

function isNear({ promptTokens, answerTokens, limit }: Fit): boolean {
  return Math.abs(limit - promptTokens - answerTokens) <= promptTokens * (1 - LEAST_SHARE)
}

/** Null: nothing is known of what the target's model holds, or it is far from full. */
export function fitOf(attempt: Attempt, call: Call): Fit | null {
  const { target } = attempt
  const limit = contextTokensOf(target, call.model)
  const { body, place } = call.received
  if (limit === null || call.facts === undefined || place.operation === 'CountTokens') return null
  const asked = askedOutputTokens(body, place.dialect.name)
  const answerTokens = Math.min(asked, outputLimitOf(target, call.model) ?? asked)
  const isFar = body.length <= SMALL_BODY_BYTES && limit - answerTokens >= LARGE_CONTEXT_TOKENS
  if (isFar) return null
  return { attempt, limit, promptTokens: call.facts.promptTokens(target.model ?? call.model), answerTokens }
}

function isLargeEnough(fit: Fit | null, share: number): boolean {
  return fit === null || Math.floor(fit.promptTokens * share) + fit.answerTokens <= fit.limit
}

/** Null: not known. `asked` is the model of a target that has none of its own. */
export function contextTokensOf({ contextTokens, model }: Target, asked: string): number | null {
  const name = model ?? asked
  return contextTokens !== undefined && Object.hasOwn(contextTokens, name) ? (contextTokens[name] ?? null) : null
}

function tooLong(fits: readonly (Fit | null)[], rule: string): Failure {
  const [largest] = fits.filter((fit) => fit !== null).toSorted((one, other) => other.limit - one.limit)
  if (largest === undefined) throw new Error('a target of which nothing is known was passed over')
  const { attempt, limit, promptTokens, answerTokens } = largest
  const needed = promptTokens + answerTokens
  const message =
    `The prompt has about ${promptTokens} tokens and asks for ${answerTokens} more; the largest target of rule ` +
    `${rule}, ${attempt.targetId}, holds ${limit}: about ${needed - limit} too many.`
  return failure('context_too_long', message)
}
