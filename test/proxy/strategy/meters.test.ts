// What is measured of targets: every attempt is counted once from its beginning to the end of its answer, whichever way
// it ends, and only targets that somebody asks for are measured at all.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../../../proxy/errors.ts'
import type { Answered, AnswerStream, BodySink, Outcome } from '../../../proxy/exchange.ts'
import { MAX_METERED, Meters } from '../../../proxy/strategy/meters.ts'

let nowMs = 0
let meters: Meters

beforeEach(() => {
  nowMs = 1_000_000
  meters = new Meters({ now: () => nowMs })
  meters.factsOf('a')
})

/** A stream that a test ends as it likes; tells its sink as send() does. */
class Source implements AnswerStream {
  sink: BodySink | null = null

  start(sink: BodySink): void {
    this.sink = sink
  }

  resume(): void {}

  abandon(): void {
    this.sink?.cut(failure('caller_gone', 'gone'))
  }
}

const asked = { isStreaming: true, isTimed: true }
const sink = (isReady = true): BodySink => ({ write: () => isReady, end() {}, cut() {} })

const answer = (body: Answered['body'], outputTokens?: number): Answered => ({
  kind: 'answered',
  status: 200,
  failureClass: null,
  retryAfterMs: null,
  headers: {},
  body,
  isEventStream: 'start' in body,
  finish: { reason: 'stop', usage: outputTokens === undefined ? null : { inputTokens: 1, outputTokens } },
})

const broken: Outcome = { kind: 'broken', failureClass: 'Reset', reason: 'it broke off' }

function bodyOf(outcome: Outcome | undefined): AnswerStream {
  if (outcome?.kind !== 'answered' || !('start' in outcome.body)) throw new Error('no stream')
  return outcome.body
}

describe('a streamed answer', () => {
  test('is outstanding to its end, and tells the times of its first token and of the others', () => {
    const source = new Source()
    const measurement = meters.begin('a')
    nowMs += 400
    const body = bodyOf(measurement?.ended(answer(source, 101), asked))
    body.start(sink())
    expect(meters.factsOf('a')).toMatchObject({ outstanding: 1, waitingMs: 0, firstTokenMs: { mean: 400 } })
    nowMs += 2000
    source.sink?.write(Buffer.from('x'))
    source.sink?.end(null)
    expect(meters.factsOf('a')).toMatchObject({ outstanding: 0, tokenMs: { mean: 20 }, outputTokens: { mean: 101 } })
  })

  test('without a count of tokens is timed by its chunks', () => {
    const source = new Source()
    const body = bodyOf(meters.begin('a')?.ended(answer(source), asked))
    body.start(sink())
    for (let count = 0; count < 11; count += 1) source.sink?.write(Buffer.from('x'))
    nowMs += 500
    source.sink?.end(null)
    expect(meters.factsOf('a').tokenMs.mean).toBe(50)
    expect(meters.factsOf('a').outputTokens.weight).toBe(0)
  })

  test('that its reader holds up says nothing of the provider’s pace', () => {
    const source = new Source()
    bodyOf(meters.begin('a')?.ended(answer(source, 10), asked)).start(sink(false))
    source.sink?.write(Buffer.from('x'))
    nowMs += 60_000
    source.sink?.end(null)
    expect(meters.factsOf('a').tokenMs.weight).toBe(0)
  })

  test('that breaks off counts as a failure, one that its caller left does not', () => {
    for (const code of ['stream_cut', 'caller_gone'] as const) {
      const source = new Source()
      bodyOf(meters.begin('a')?.ended(answer(source), asked)).start(sink())
      source.sink?.cut(failure(code, 'it ended'))
    }
    const { failureRate, outstanding } = meters.factsOf('a')
    expect(outstanding).toBe(0)
    expect(failureRate.mean).toBeCloseTo(1 / 3)
  })
})

test('whole answers have a time of their own, and counts of tokens none', () => {
  const measurement = meters.begin('a')
  nowMs += 900
  measurement?.ended(answer(Buffer.from('{}'), 30), { isStreaming: false, isTimed: true })
  meters.begin('a')?.ended(answer(Buffer.from('{}')), { isStreaming: false, isTimed: false })
  expect(meters.factsOf('a')).toMatchObject({
    wholeMs: { mean: 900, weight: 1 },
    firstTokenMs: { weight: 0 },
    outputTokens: { mean: 30, weight: 1 },
  })
})

test('what waits counts with the time that it has waited, and is forgotten when it is cancelled', () => {
  const measurement = meters.begin('a')
  nowMs += 3000
  meters.begin('a')
  nowMs += 1000
  expect(meters.factsOf('a')).toMatchObject({ outstanding: 2, waitingMs: 2500 })
  measurement?.ended({ kind: 'cancelled' }, asked)
  expect(meters.factsOf('a')).toMatchObject({ outstanding: 1, waitingMs: 1000, failureRate: { weight: 0 } })
})

test('nothing is outstanding when everything has ended, in whichever way and however often it is said', () => {
  const way = fc.constantFrom('whole', 'failed', 'cancelled', 'end', 'cut', 'abandon', 'end twice', 'cut and abandon')
  fc.assert(
    fc.property(fc.array(way, { maxLength: 20 }), (ways) => {
      for (const each of ways) endBy(each)
      expect(meters.factsOf('a')).toMatchObject({ outstanding: 0, waitingMs: 0 })
    }),
    { numRuns: 50 },
  )
})

function endBy(way: string): void {
  const measurement = meters.begin('a')
  nowMs += 10
  if (way === 'whole') return void measurement?.ended(answer(Buffer.from('{}')), asked)
  if (way === 'failed') return void measurement?.ended(broken, asked)
  if (way === 'cancelled') return void measurement?.ended({ kind: 'cancelled' }, asked)
  const source = new Source()
  const body = bodyOf(measurement?.ended(answer(source, 5), asked))
  if (way === 'abandon') return body.abandon()
  body.start(sink())
  if (way.startsWith('end')) source.sink?.end(null)
  if (way.startsWith('cut')) source.sink?.cut(failure('stream_cut', 'cut'))
  if (way.endsWith('twice')) source.sink?.end(null)
  if (way.endsWith('abandon')) body.abandon()
}

test('targets that nobody asks for cost a look-up, and more than the limit are forgotten', () => {
  expect(meters.begin('b')).toBeNull()
  for (let index = 0; index < MAX_METERED; index += 1) meters.factsOf(`t${index}`)
  expect(meters.begin('a')).toBeNull()
  expect(meters.begin('t1')).not.toBeNull()
})
