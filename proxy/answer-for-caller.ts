// A provider's answer on its last way, stage by stage: said in the caller's dialect, watched so that no stream ends in
// silence, and, last of all, with the caller's own values in place of this call's placeholders. Each stage is left out
// where there is nothing for it to do, and then the bytes pass as they are.
//
//   Answered -> translated -> guarded -> restored -> body for the caller
import { withoutLength } from './answer.ts'
import { EventGuard } from './dialect/event-guard.ts'
import type { Failure } from './errors.ts'
import type { Answered, AnswerBody, Call } from './exchange.ts'
import type { MaskedCall } from './redact/masking.ts'
import { restoreAnswer, withoutStaleHeaders } from './redact/restore-answer.ts'
import { inCallersDialect, type TranslationDeps } from './translation/answer.ts'

export interface AnswerForCaller {
  readonly kind: 'forCaller'
  readonly answered: Answered
  readonly body: AnswerBody
}

export function answerForCaller(
  result: Answered | Failure,
  masked: Pick<MaskedCall, 'routed' | 'restoration'>,
  deps: TranslationDeps,
): AnswerForCaller | Failure {
  const said = saidToCaller(result, masked.routed.call, deps)
  return said.kind === 'failure' ? said : restoredForCaller(said, masked)
}

/** In the caller's dialect and watched, with the placeholders still in it: the form in which answers are shared. */
export function saidToCaller(result: Answered | Failure, call: Call, deps: TranslationDeps): Answered | Failure {
  const answered = translated(result, call, deps)
  return answered.kind === 'failure' ? answered : guarded(answered, call)
}

/** One caller's way through an answer that others read as well; it can break off for this one alone. */
export function sharedForCaller(said: Answered, masked: Pick<MaskedCall, 'routed' | 'restoration'>): AnswerForCaller {
  return restoredForCaller(guarded(said, masked.routed.call), masked)
}

/** What nobody else reads. */
export function restoredForCaller(
  answered: Answered,
  { routed, restoration }: Pick<MaskedCall, 'routed' | 'restoration'>,
): AnswerForCaller {
  const { body } = answered
  if (restoration === null || (restoration.isForErrors && answered.status < 400))
    return { kind: 'forCaller', answered, body }
  const restored = restoreAnswer({ answered, body, call: routed.call }, restoration)
  return { kind: 'forCaller', answered: withoutStaleHeaders(answered), body: restored }
}

/** An answer of a provider of another dialect comes in the caller's. */
function translated(result: Answered | Failure, call: Call, deps: TranslationDeps): Answered | Failure {
  if (result.kind === 'failure' || !result.translation) return result
  const said = inCallersDialect(result, { call, translation: result.translation, deps })
  if (said.kind === 'failure' && 'start' in result.body) result.body.abandon()
  return said
}

/**
 * A stream whose bytes can be read is watched to its end; everything else passes as it is. What watches may end it with
 * an event of its own: a length would cut that event off, and the caller would read the rest as its next answer.
 */
function guarded(answered: Answered, { stream }: Call): Answered {
  const { body, isEventStream, headers } = answered
  const isReadable = isEventStream && (headers['content-encoding'] ?? 'identity') === 'identity'
  if (!isReadable || stream === null || !('start' in body)) return answered
  return { ...answered, headers: withoutLength(headers), body: new EventGuard(body, stream) }
}
