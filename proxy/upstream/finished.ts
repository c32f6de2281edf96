// Why a good answer ends, and what of that is a failure to its rule: a filter's refusal is one whatever its status, and
// an answer that was cut off at the model's limit where the rule asks for another target then. A limit that the caller
// set itself is its own wish. Streams tell it before the commit point only when they say nothing else.
import type { Buffer } from 'node:buffer'
import type { FormatName } from '../dialect/neutral/chat.ts'
import { decodeSmall } from '../encoding/small-body.ts'
import type { Answered, Attempt, FinishReason, FinishSource, RoutedCall } from '../exchange.ts'
import type { FailoverClass } from '../table/schema.ts'
import { finishFormatOf, finishOfTail, finishOfWhole } from '../translation/finish.ts'
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
  if (status >= 400 || failureClass !== null || format === null) return answered
  if ('start' in body) {
    const watch = new FinishWatch(body, format)
    return { ...answered, body: watch, finish: watch, failureClass: failureOf(early?.reason ?? null, finishing) }
  }
  const finish = finishOf(answered, { body, format, isNeededNow: isPolicySet(finishing) })
  if (finish instanceof LateFinish) return { ...answered, finish }
  return { ...answered, finish, failureClass: failureOf(finish.reason, finishing) }
}

interface WholeBody {
  readonly body: Buffer
  readonly format: FormatName
  readonly isNeededNow: boolean
}

/** A compressed answer that goes on as it came is looked into after its delivery, unless a policy waits for it. */
function finishOf({ headers, isEventStream }: Answered, whole: WholeBody): FinishSource {
  const { body, format, isNeededNow } = whole
  const coding = headers['content-encoding'] ?? 'identity'
  const read = isEventStream ? finishOfTail : finishOfWhole
  if (coding === 'identity') return SOURCES[read(body, format) ?? 'unknown']
  const late = new LateFinish(() => read(decodeSmall(body, coding), format) ?? 'unknown')
  return isNeededNow ? SOURCES[late.reason] : late
}

class LateFinish implements FinishSource {
  readonly #read: () => FinishReason

  constructor(read: () => FinishReason) {
    this.#read = read
  }

  get reason(): FinishReason {
    return this.#read()
  }
}

const SOURCES: Readonly<Record<FinishReason, FinishSource>> = {
  stop: { reason: 'stop' },
  length: { reason: 'length' },
  tool: { reason: 'tool' },
  filter: { reason: 'filter' },
  error: { reason: 'error' },
  unknown: { reason: 'unknown' },
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
