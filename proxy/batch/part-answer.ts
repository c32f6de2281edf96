// A merged answer's parts as answers of their own: headers that fit their bytes, why each one ends and what it took,
// read from the part alone. What the caller's rule would not have taken as an answer is to be asked for again, alone.
import type { Buffer } from 'node:buffer'
import type { FormatName, Usage } from '../dialect/neutral/chat.ts'
import { withoutByteHeaders } from '../encoding/byte-headers.ts'
import type { Answered, Attempt, Call, FinishReason, FinishSource, RoutedCall } from '../exchange.ts'
import { priceOf } from '../strategy/rule-plan.ts'
import type { Price } from '../table/strategy-schema.ts'
import { inCallersDialect, type TranslationDeps } from '../translation/answer.ts'
import { finishFormatOf, finishOfWhole } from '../translation/finish.ts'
import { targetFormat } from '../translation/formats.ts'
import { usageOf } from '../translation/usage.ts'
import { asksForLimit } from '../upstream/output-limit.ts'
import type { Member } from './member.ts'

interface Origin {
  readonly attempt: Attempt | null
  readonly members: readonly Member[]
}

/** `answered` is in the dialect of the callers. Null: to be asked for alone. */
export function partsOf(
  answered: Answered,
  parts: readonly (Buffer | null)[],
  { attempt, members }: Origin,
): readonly (Answered | null)[] {
  const headers = withoutByteHeaders(answered.headers)
  return parts.map((body, position) => {
    const member = members[position]
    if (body === null || member === undefined) return null
    const finish = new PartFinish(body, member, attempt)
    return isTaken(finish.reason, member) ? { ...answered, headers, body, finish } : null
  })
}

function isTaken(reason: FinishReason | null, { routed: { call, route } }: Member): boolean {
  if (reason === 'filter') return false
  if (reason !== 'length' || !route.failover.on.includes('Truncated')) return true
  return asksForLimit(call.received.body, call.received.place.dialect.name)
}

/** Null: the provider's answer is none of its dialect. */
export function inCallersWords(answered: Answered, call: Call, deps: TranslationDeps): Answered | null {
  const { translation = null } = answered
  if (translation === null) return answered
  const said = inCallersDialect(answered, { call, translation, deps })
  if (said.kind === 'failure') return null
  const adjusted = [...translation.adjusted, ...(said.adjusted ?? [])]
  return { ...said, translation: null, dropped: translation.dropped, adjusted }
}

export class PartFinish implements FinishSource {
  readonly #body: Buffer
  readonly #format: FormatName
  readonly reason: FinishReason | null
  readonly price: Price | null

  constructor(body: Buffer, { call }: Pick<RoutedCall, 'call'>, attempt: Attempt | null) {
    const { place } = call.received
    const format = finishFormatOf(place, place.dialect.name)
    this.#body = body
    this.#format = format ?? targetFormat(place.dialect.name).name
    this.reason = format === null ? null : (finishOfWhole(body, format) ?? 'unknown')
    this.price = attempt === null ? null : priceOf(attempt.target, call.model)
  }

  get usage(): Usage | null {
    return usageOf(this.#body, this.#format)
  }
}
