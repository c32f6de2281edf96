// Why a good answer ends, and what of that is a failure to its rule: a filter's refusal is one whatever its status, and
// an answer that was cut off at the model's limit where the rule asks for another target then. A limit that the caller
// set itself is its own wish. Streams tell it before the commit point only when they say nothing else. What an answer
// took and what that costs is read from it too, when somebody asks, which is when it has ended.
import type { Buffer } from 'node:buffer'
import type { FormatName, Usage } from '../dialect/neutral/chat.ts'
import { decodeSmall } from '../encoding/small-body.ts'
import type { Answered, Attempt, FinishReason, FinishSource, RoutedCall } from '../exchange.ts'
import { priceOf } from '../strategy/rule-plan.ts'
import type { FailoverClass } from '../table/schema.ts'
import type { Price } from '../table/strategy-schema.ts'
import { finishFormatOf, finishOfTail, finishOfWhole } from '../translation/finish.ts'
import { targetFormat } from '../translation/formats.ts'
import { usageOf } from '../translation/usage.ts'
import { FinishWatch } from './finish-watch.ts'
import { asksForLimit } from './output-limit.ts'

export interface Finishing {
  readonly routed: RoutedCall
  readonly attempt: Attempt
  /** The request's own limit was too high for the model, so that the end is not what it asked for. */
  readonly isClamped: boolean
}

export function withFinish(answered: Answered, finishing: Finishing): Answered {
  const { body, status, failureClass, finish: early } = answered
  const format = finishFormatOf(finishing.routed.call.received.place, finishing.attempt.target.dialect)
  if (status >= 400 || failureClass !== null) return answered
  const price = priceOf(finishing.attempt.target, finishing.routed.call.model)
  if (format === null) return withUsage(answered, { finishing, price })
  if ('start' in body) {
    const watch = new FinishWatch(body, { format, price })
    return { ...answered, body: watch, finish: watch, failureClass: failureOf(early?.reason ?? null, finishing) }
  }
  const finish = finishOf(answered, { body, format, price, isNeededNow: isPolicySet(finishing) })
  if (!finish.isKnown) return { ...answered, finish }
  return { ...answered, finish, failureClass: failureOf(finish.reason, finishing) }
}

/** Vectors end for no reason, but cost something. */
function withUsage(answered: Answered, { finishing, price }: Priced): Answered {
  const { body, headers } = answered
  if (finishing.routed.call.received.place.operation !== 'Embedding' || 'start' in body) return answered
  const { name } = targetFormat(finishing.attempt.target.dialect)
  const coding = headers['content-encoding'] ?? 'identity'
  return { ...answered, finish: new WholeFinish({ body, coding, format: name, price, find: noReason }) }
}

const noReason = () => null

interface Priced {
  readonly finishing: Finishing
  readonly price: Price | null
}

interface WholeBody {
  readonly body: Buffer
  readonly format: FormatName
  readonly price: Price | null
  readonly isNeededNow: boolean
}

/** A compressed answer that goes on as it came is looked into after its delivery, unless a policy waits for it. */
function finishOf({ headers, isEventStream }: Answered, whole: WholeBody): WholeFinish {
  const { body, format, price, isNeededNow } = whole
  const coding = headers['content-encoding'] ?? 'identity'
  const find = isEventStream ? finishOfTail : finishOfWhole
  const finish = new WholeFinish({ body, coding, format, price, find })
  if (coding === 'identity' || isNeededNow) finish.know()
  return finish
}

interface WholeFinishParts {
  readonly body: Buffer
  readonly coding: string | string[]
  readonly find: ((bytes: Buffer, format: FormatName) => FinishReason | null) | typeof noReason
  readonly format: FormatName
  readonly price: Price | null
}

/** Of an answer that is there whole; read when it is asked for. */
class WholeFinish implements FinishSource {
  readonly #parts: WholeFinishParts
  #known: { readonly reason: FinishReason | null } | null = null

  constructor(parts: WholeFinishParts) {
    this.#parts = parts
  }

  get isKnown(): boolean {
    return this.#known !== null
  }

  know(): FinishReason | null {
    const { find, format } = this.#parts
    this.#known ??= { reason: find === noReason ? null : (find(this.#read(), format) ?? 'unknown') }
    return this.#known.reason
  }

  get reason(): FinishReason | null {
    return this.know()
  }

  get usage(): Usage | null {
    return usageOf(this.#read(), this.#parts.format)
  }

  get price(): Price | null {
    return this.#parts.price
  }

  #read(): Buffer {
    const { body, coding } = this.#parts
    return coding === 'identity' ? body : decodeSmall(body, coding)
  }
}

function isPolicySet({ routed }: Finishing): boolean {
  const { on } = routed.route.failover
  return on.includes('ContentFilter') || on.includes('Truncated')
}

function failureOf(reason: FinishReason | null, { routed, isClamped }: Finishing): FailoverClass | null {
  if (reason === 'filter') return 'ContentFilter'
  if (reason !== 'length' || !routed.route.failover.on.includes('Truncated')) return null
  const { received } = routed.call
  const isWish = !isClamped && asksForLimit(received.body, received.place.dialect.name)
  return isWish ? null : 'Truncated'
}
