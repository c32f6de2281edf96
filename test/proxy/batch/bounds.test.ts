// What batches may hold at most: so many that wait, so many bytes of an answer; what is beyond goes on in another way.
import { afterEach, beforeEach, expect, it, test } from 'vitest'
import type { AnswerStream, BodySink } from '../../../proxy/exchange.ts'
import { failure } from '../../../proxy/errors.ts'
import { MAX_OPEN_BATCHES } from '../../../proxy/batch/batching.ts'
import { wholeBody } from '../../../proxy/batch/whole-body.ts'
import { systemTimers, type Timers } from '../../../proxy/upstream/timers.ts'
import { embeds, itemsOf } from '../../support/embedding-models.ts'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { Upstream } from '../../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig
let timers: HeldTimers

const WAIT_MS = 777

/** Batches wait until they are told not to. */
class HeldTimers implements Timers {
  readonly held: (() => void)[] = []
  #tell: () => void = () => {}
  /** Resolves when as many wait as may. */
  readonly full = new Promise<void>((resolve) => {
    this.#tell = resolve
  })

  start(delayMs: number, run: () => void) {
    if (delayMs !== WAIT_MS) return systemTimers.start(delayMs, run)
    this.held.push(run)
    if (this.held.length === MAX_OPEN_BATCHES) this.#tell()
    return { refresh() {}, close() {} }
  }
}

beforeEach(async () => {
  upstream = await Upstream.start()
  upstream.usual = embeds()
  const batch = { embeddings: { waitMs: WAIT_MS, maxSize: 4, maxTokens: 100 } }
  timers = new HeldTimers()
  rig = await startProxy({
    timers,
    table: makeTable({ targets: { a: { url: upstream.url } }, routes: [{ backends: ['a'], batch }] }),
  })
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

async function ask(input: string | readonly string[], user: string): Promise<number> {
  const body = JSON.stringify({ model: 'm', input, user })
  const response = await fetch(`${rig.url}/v1/embeddings`, { method: 'POST', body })
  await response.arrayBuffer()
  return response.status
}

test('when as many batches wait as may, the next call goes alone and at once', async () => {
  const waiting = Array.from({ length: MAX_OPEN_BATCHES }, (_, index) => ask('waits', `user ${index}`))
  await timers.full
  expect(upstream.requests).toHaveLength(0)
  expect(await ask('goes', 'one more')).toBe(200)
  expect(upstream.requests.map(itemsOf)).toEqual([['goes']])
  for (const send of timers.held) send()
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => 200))
})

it.each<[what: string, input: string | readonly string[]]>([
  ['tokens', 'word '.repeat(100)],
  ['items', ['a', 'b', 'c', 'd', 'e']],
  ['none', []],
])('a call with more %s than a batch may have is not kept waiting', async (_, input) => {
  expect([await ask(input, 'ann'), timers.held]).toEqual([200, []])
})

/** Gives its chunks, then ends as it is told. */
class MadeStream implements AnswerStream {
  isAbandoned = false
  readonly #chunks: readonly string[]
  readonly #end: (sink: BodySink) => void

  constructor(chunks: readonly string[], end: (sink: BodySink) => void) {
    this.#chunks = chunks
    this.#end = end
  }

  start(sink: BodySink): void {
    for (const chunk of this.#chunks) sink.write(Buffer.from(chunk))
    this.#end(sink)
  }

  resume(): void {}

  abandon(): void {
    this.isAbandoned = true
  }
}

const FAULT = failure('stream_cut', 'The answer broke off.')

it.each<[what: string, chunks: readonly string[], end: (sink: BodySink) => void, read: readonly unknown[]]>([
  ['that is as long as may be is whole', ['abc', 'de'], (sink) => sink.end(null), ['abcde', false]],
  ['that is longer is not read on', ['abc', 'def', 'g'], (sink) => sink.end(null), [null, true]],
  ['that breaks off is none', ['abc'], (sink) => sink.cut(FAULT), [null, false]],
  ['that ends with a fault is none', ['abc'], (sink) => sink.end(FAULT), [null, false]],
])('a body %s', async (_, chunks, end, read) => {
  const stream = new MadeStream(chunks, end)
  const body = await wholeBody(stream, 5)
  expect([body?.toString() ?? null, stream.isAbandoned]).toEqual(read)
})
