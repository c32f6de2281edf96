// A provider's answer on its last way, stage by stage: said in the caller's dialect, watched so that no stream ends in
// silence, and, last of all, with the caller's own values in place of this call's placeholders. Each stage is left out
// where there is nothing for it to do, and then the bytes pass as they are.
//
//   Answered -> translated -> guarded -> restored -> body for the caller
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
  { routed, restoration }: Pick<MaskedCall, 'routed' | 'restoration'>,
  deps: TranslationDeps,
): AnswerForCaller | Failure {
  const { call } = routed
  const answered = translated(result, call, deps)
  if (answered.kind === 'failure') return answered
  const body = guarded(answered, call)
  if (restoration === null || (restoration.isForErrors && answered.status < 400))
    return { kind: 'forCaller', answered, body }
  const restored = restoreAnswer({ answered, body, call }, restoration)
  return { kind: 'forCaller', answered: withoutStaleHeaders(answered), body: restored }
}

/** An answer of a provider of another dialect comes in the caller's. */
function translated(result: Answered | Failure, call: Call, deps: TranslationDeps): Answered | Failure {
  if (result.kind === 'failure' || !result.translation) return result
  const said = inCallersDialect(result, { call, translation: result.translation, deps })
  if (said.kind === 'failure' && 'start' in result.body) result.body.abandon()
  return said
}

/** A stream whose bytes can be read is watched to its end; everything else passes as it is. */
function guarded({ body, isEventStream, headers }: Answered, { stream }: Call): AnswerBody {
  const isReadable = isEventStream && (headers['content-encoding'] ?? 'identity') === 'identity'
  return isReadable && stream !== null && 'start' in body ? new EventGuard(body, stream) : body
}
