// A recording under readers that come late, pause, and leave: each that stays gets every byte in order, the memory
// stays within its bounds, and nobody who is slow holds up another.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Caller } from '../../../../proxy/caller.ts'
import { RecordingBudget } from '../../../../proxy/cache/flight/recording-budget.ts'
import { MAX_LAG_WITHOUT_BUDGET_BYTES, Recording, type RecordingEnd } from '../../../../proxy/cache/flight/recording.ts'
import { MAX_BLOCK_BYTES } from '../../../../proxy/cache/flight/tape.ts'
import { failure, type Failure } from '../../../../proxy/errors.ts'
import type { AnswerBody, AnswerStream, BodySink } from '../../../../proxy/exchange.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const KIBIBYTE = 1024
const HEAD = {
  kind: 'answered',
  status: 200,
  failureClass: null,
  retryAfterMs: null,
  headers: {},
  isEventStream: true,
} as const

/** A provider's stream that a test plays by hand. */
class Source implements AnswerStream {
  sink: BodySink | null = null
  resumes = 0

  start(sink: BodySink): void {
    this.sink = sink
  }

  resume(): void {
    this.resumes += 1
  }

  abandon(): void {}
}

class Reader implements BodySink {
  readonly chunks: Buffer[] = []
  readonly caller = new Caller()
  takes = true
  ended: Failure | null | undefined = undefined
  cutBy: Failure | null = null

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1')
  }

  write(chunk: Buffer): boolean {
    // Copied: what was handed over must not change afterwards either.
    this.chunks.push(Buffer.from(chunk))
    return this.takes
  }

  end(fault: Failure | null): void {
    this.ended = fault
  }

  cut(fault: Failure): void {
    this.cutBy = fault
  }
}

interface Scene {
  readonly maxBytes?: number
  readonly budget?: RecordingBudget
  readonly body?: AnswerBody
}

function scene({ maxBytes = 1024 * KIBIBYTE, budget = new RecordingBudget(), body }: Scene = {}) {
  const source = new Source()
  const ends: RecordingEnd[] = []
  const stored: Buffer[] = []
  const clock = new ManualClock()
  let deserted = 0
  const recording = new Recording({
    head: HEAD,
    body: body ?? source,
    maxBytes,
    budget,
    onDeserted: () => (deserted += 1),
    onEnded: (end) => {
      ends.push(end)
      if (end.kind === 'complete') stored.push(end.read())
    },
  })
  const timers = {
    start: (delayMs: number, run: () => void) => {
      const close = clock.after(delayMs, run)
      return { refresh: () => {}, close }
    },
  }
  const join = (leftMs: number | null = null) => {
    const reader = new Reader()
    const joined = recording.join({ caller: reader.caller, leftMs: () => leftMs, timers })
    if (!('start' in joined)) throw new Error('a whole body has no reader')
    joined.start(reader)
    return Object.assign(reader, { resume: () => joined.resume(), abandon: () => joined.abandon() })
  }
  const write = (text: string) => recording.write(Buffer.from(text, 'latin1'))
  return { recording, source, ends, stored, clock, budget, join, write, desertions: () => deserted }
}

const CUT = failure('stream_cut', 'broke off')

describe('a recording', () => {
  it('gives every reader all bytes in order, whenever it joins and however it pauses', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('write' as const),
        text: fc.string({ minLength: 1, maxLength: 3000, unit: 'binary-ascii' }),
      }),
      fc.record({ kind: fc.constant('join' as const) }),
      fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const, 'leave' as const), at: fc.nat(7) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { join, write, recording, budget, stored } = scene()
        const readers = [join()]
        const gone = new Set<unknown>()
        let text = ''
        recording.begin()
        for (const each of steps) {
          if (each.kind === 'write') {
            text += each.text
            write(each.text)
          } else if (each.kind === 'join') readers.push(join())
          else {
            const reader = readers[each.at % readers.length]
            if (reader === undefined) continue
            reader.takes = each.kind === 'resume'
            if (each.kind === 'resume') reader.resume()
            if (each.kind === 'leave') {
              reader.caller.hangUp()
              gone.add(reader)
            }
          }
          const live = readers.filter((reader) => reader.takes && !gone.has(reader))
          expect(live.filter((reader) => reader.text !== text)).toEqual([])
        }
        recording.end(null)
        expect(stored.map((bytes) => bytes.toString('latin1'))).toEqual([text])
        for (const reader of readers) {
          reader.takes = true
          reader.resume()
          const expected = gone.has(reader) ? [text.slice(0, reader.text.length), undefined] : [text, null]
          expect([reader.text, reader.ended]).toEqual(expected)
        }
        expect(budget.heldBytes).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('holds the provider back only while no reader wants more', () => {
    const { join, write, source } = scene()
    const [one, other] = [join(), join()]
    one.takes = false
    expect(write('a')).toBe(true)
    other.takes = false
    expect(write('b')).toBe(false)
    const before = source.resumes
    other.takes = true
    other.resume()
    expect(source.resumes).toBe(before + 1)
    expect(write('c')).toBe(true)
    expect([one.text, other.text]).toEqual(['a', 'abc'])
  })

  it('wants nothing from the provider before its first reader has begun', () => {
    expect(scene().write('a')).toBe(false)
  })

  it('lets the provider go on when the only one that was paused leaves', () => {
    const { join, write, source } = scene()
    const [slow, late] = [join(), join()]
    slow.takes = false
    late.takes = false
    write('a')
    late.takes = true
    late.resume()
    const before = source.resumes
    slow.caller.hangUp()
    expect(source.resumes).toBeGreaterThan(before)
    expect(late.ended).toBeUndefined()
  })

  it('is called off when its last reader leaves, and not before', () => {
    const { join, desertions, recording, budget } = scene()
    const [one, other] = [join(), join()]
    one.caller.hangUp()
    expect(desertions()).toBe(0)
    other.abandon()
    expect(desertions()).toBe(1)
    recording.cut(failure('caller_gone', 'gone'))
    expect([one.cutBy?.code, other.cutBy]).toEqual(['caller_gone', null])
    expect(budget.heldBytes).toBe(0)
  })

  it('is left by a caller that hangs up before it has begun to read, and tells it so when it begins', () => {
    const { recording, desertions } = scene()
    const reader = new Reader()
    const joined = recording.join({ caller: reader.caller, leftMs: () => null, timers: { start: neverStarts } })
    reader.caller.hangUp()
    expect(desertions()).toBe(1)
    if ('start' in joined) joined.start(reader)
    expect(reader.cutBy?.code).toBe('caller_gone')
  })

  it('tells each reader at its own end how the provider ended', () => {
    const { join, write, recording, ends } = scene()
    const [quick, slow] = [join(), join()]
    slow.takes = false
    write('ab')
    write('cd')
    recording.cut(CUT)
    expect([quick.cutBy, slow.cutBy]).toEqual([CUT, null])
    slow.resume()
    expect([slow.text, slow.cutBy]).toEqual(['abcd', CUT])
    expect(ends).toEqual([{ kind: 'cut', fault: CUT }])
  })

  it('ends a reader whose time is over, and no other', () => {
    const { join, write, clock, recording } = scene()
    const [hasty, patient] = [join(100), join(10_000)]
    write('a')
    clock.advance(101)
    expect([hasty.cutBy?.code, patient.cutBy]).toEqual(['stream_cut', null])
    write('b')
    recording.end(null)
    expect([hasty.text, patient.text]).toEqual(['a', 'ab'])
    expect(clock.waiting).toBe(0)
  })

  it('gives a body that came whole as it is, without a copy', () => {
    const body = Buffer.from('{"id":1}')
    const { recording, stored, budget } = scene({ body })
    recording.begin()
    expect(recording.join({ caller: new Caller(), leftMs: () => null, timers: { start: neverStarts } })).toBe(body)
    expect(stored[0]).toBe(body)
    expect(budget.heldBytes).toBe(0)
  })
})

function neverStarts(): never {
  throw new Error('no timer is needed')
}

describe('an answer that is longer than the bound', () => {
  const maxBytes = 64 * KIBIBYTE
  const piece = 'x'.repeat(KIBIBYTE)
  const overfill = (write: (text: string) => unknown, pieces: number) => {
    for (let written = 0; written < pieces; written += 1) write(piece)
  }

  it('goes on for those who read it and is neither stored nor joined', () => {
    const { join, write, recording, ends } = scene({ maxBytes })
    const reader = join()
    overfill(write, 64)
    expect(recording.isJoinable).toBe(true)
    write(piece)
    expect([recording.isJoinable, ends.map(({ kind }) => kind)]).toEqual([false, ['overflowed']])
    overfill(write, 500)
    recording.end(null)
    expect([reader.text.length, reader.ended]).toEqual([565 * KIBIBYTE, null])
    expect(ends).toHaveLength(1)
  })

  it('keeps no more than a bound of it, and nothing once everybody has read it', () => {
    const { join, write, budget } = scene({ maxBytes })
    join()
    overfill(write, 1000)
    expect(budget.heldBytes).toBe(0)
  })

  it('cuts off the reader that lags further behind than the bound, and the others read on', () => {
    const { join, write, recording, budget } = scene({ maxBytes })
    const [quick, slow] = [join(), join()]
    slow.takes = false
    overfill(write, 64)
    expect(slow.cutBy).toBeNull()
    let held = 0
    for (let written = 0; written < 100; written += 1) {
      write(piece)
      held = Math.max(held, budget.heldBytes)
    }
    expect(slow.cutBy?.code).toBe('stream_cut')
    expect(held).toBeLessThanOrEqual(maxBytes + 2 * MAX_BLOCK_BYTES)
    recording.end(null)
    expect([quick.text.length, quick.ended]).toEqual([164 * KIBIBYTE, null])
  })

  it('holds back the provider and cuts off nobody while all of them lag', () => {
    const { join, write } = scene({ maxBytes })
    const [one, other] = [join(), join()]
    one.takes = false
    other.takes = false
    overfill(write, 100)
    expect([one.cutBy, other.cutBy]).toEqual([null, null])
    expect(write(piece)).toBe(false)
  })

  it('is taken as longer when the common budget is used up, and a lag is then short', () => {
    const budget = new RecordingBudget(32 * KIBIBYTE)
    const { join, write, recording } = scene({ budget })
    const [quick, slow] = [join(), join()]
    slow.takes = false
    overfill(write, 40)
    expect(recording.isJoinable).toBe(false)
    expect(slow.cutBy).toBeNull()
    overfill(write, 1 + MAX_LAG_WITHOUT_BUDGET_BYTES / KIBIBYTE)
    expect(slow.cutBy?.code).toBe('stream_cut')
    expect(quick.cutBy).toBeNull()
  })
})
