// Puts values back into an answer that comes event by event. A placeholder may be spread over several events of one
// running text, with events of others between them; so an event whose text may end inside of one waits until the next
// event of that text, or its end, has told. Events are edited, never added, and keep their order.
//
//   RawEvent -> sites -> TextRestorer per running text -> queue -> bytes, as soon as nothing before them waits
import { Buffer } from 'node:buffer'
import type { Span } from '../../exchange.ts'
import type { StreamFormat } from '../../dialect/stream-format.ts'
import { scanElements, scanMembers } from '../../json/scan.ts'
import { spliceAll, type Edit } from '../../json/splice.ts'
import { documentEdits } from './document-restorer.ts'
import { logprobsOfEvent, sumOf } from './logprobs.ts'
import { dataOf, dataTextOf, withData, type RawEvent } from './raw-events.ts'
import { recordOf, SITES, type EventSites, type Site } from './sites.ts'
import { TextRestorer, type Restoring } from './text-restorer.ts'

/** Events that wait behind an open one; more, and what is open is taken as it is. */
export const MAX_WAITING_EVENTS = 256
export const MAX_WAITING_BYTES = 256 * 1024
/** Running texts of one answer. */
export const MAX_RUNS = 1024
const FRAME = /xref/i

export interface EventOptions {
  readonly restoring: Restoring
  readonly format: StreamFormat
  readonly isJsonOutput: boolean
}

interface Restored {
  readonly site: Site
  text: string
}

interface Waiting {
  readonly event: RawEvent
  readonly texts: readonly Restored[]
  /** Running texts whose tails are still open. */
  open: number
  readonly isRead: boolean
  /** May hold placeholders beside the running texts. */
  readonly holdsMore: boolean
}

interface Run {
  readonly restorer: TextRestorer
  readonly group: string | null
  holder: { readonly waiting: { open: number }; readonly restored: Restored } | null
}

export class EventRestorer {
  readonly #options: EventOptions
  readonly #runs = new Map<string, Run>()
  /** Of events whose whole text is held, by running text; there are as many as runs at most. */
  readonly #heldLogprobs = new Map<string, number>()
  #queue: Waiting[] = []
  #waitingBytes = 0

  constructor(options: EventOptions) {
    this.#options = options
  }

  /** What can go out now. */
  push(event: RawEvent): readonly Buffer[] {
    if (event.lines.length === 0) this.#enqueue(passed(event))
    else this.#read(event)
    if (this.#queue.length > MAX_WAITING_EVENTS || this.#waitingBytes > MAX_WAITING_BYTES) this.#finish('')
    return this.#drain()
  }

  end(): readonly Buffer[] {
    this.#finish('')
    return this.#drain()
  }

  #read(event: RawEvent): void {
    const text = dataTextOf(event)
    const value = parsed(text)
    if (value === null) {
      this.#finish('')
      this.#enqueue(passed(event))
      return
    }
    const { sites, ends, isSigned } = SITES[this.#options.format.name](value)
    if (isSigned) return this.#enqueue(passed(event))
    this.#enqueue(this.#advance(event, text, sites))
    for (const start of ends) this.#finish(start)
  }

  #advance(event: RawEvent, data: string, sites: EventSites['sites']): Waiting {
    const texts: Restored[] = sites.map((site) => ({ site, text: '' }))
    // In an event with a piece of a running text, hardly anything else is a text.
    const waiting: Waiting = { event, texts, open: 0, isRead: true, holdsMore: texts.length === 0 || FRAME.test(data) }
    for (const restored of texts) {
      const { site } = restored
      if (site.group !== null) this.#finishOthers(site.group, site)
      const run = this.#runFor(site)
      const { before, text } = run.restorer.pushInto(site.text, false)
      restored.text = text
      if (run.holder !== null) {
        // What was held there stands for itself, or has come over into this event.
        run.holder.restored.text += before
        run.holder.waiting.open -= 1
      }
      run.holder = run.restorer.tail === '' ? null : { waiting, restored }
      if (run.holder !== null) waiting.open += 1
    }
    return waiting
  }

  #runFor({ key, group, source }: Site): Run {
    const known = this.#runs.get(key)
    if (known !== undefined) return known
    if (this.#runs.size >= MAX_RUNS) this.#finish('')
    const told = source === 'plain' && this.#options.isJsonOutput ? 'json' : source
    const run = { restorer: new TextRestorer(this.#options.restoring, told), group, holder: null }
    this.#runs.set(key, run)
    return run
  }

  #finishOthers(group: string, { key }: Site): void {
    for (const [other, run] of this.#runs) if (run.group === group && other !== key) this.#finishRun(other, run)
  }

  #finish(keyStart: string): void {
    for (const [key, run] of this.#runs) if (key.startsWith(keyStart)) this.#finishRun(key, run)
  }

  #finishRun(key: string, { restorer, holder }: Run): void {
    this.#runs.delete(key)
    if (holder === null) return
    holder.restored.text += restorer.push('', true)
    holder.waiting.open -= 1
  }

  #enqueue(waiting: Waiting): void {
    this.#queue.push(waiting)
    this.#waitingBytes += waiting.event.bytes.length
  }

  #drain(): readonly Buffer[] {
    let ready = 0
    while (this.#queue[ready]?.open === 0) ready += 1
    if (ready === 0) return []
    const [only] = this.#queue
    if (this.#queue.length === 1 && only !== undefined) {
      this.#queue = []
      this.#waitingBytes = 0
      return [this.#written(only)]
    }
    const going = this.#queue.slice(0, ready)
    this.#queue = this.#queue.slice(ready)
    for (const { event } of going) this.#waitingBytes -= event.bytes.length
    return going.map((waiting) => this.#written(waiting))
  }

  #written({ event, texts, isRead, holdsMore }: Waiting): Buffer {
    if (!isRead) return event.bytes
    const isChanged = texts.some(({ site, text }) => site.text !== text)
    if (!isChanged && !holdsMore) return event.bytes
    const data = dataOf(event)
    const edits: Edit[] = []
    const done = new Set<number>()
    for (const { site, text } of texts) {
      const span = spanAt(data, site.path)
      if (span === null) continue
      done.add(span.start)
      if (site.text === text) continue
      edits.push({ span, text: Buffer.from(JSON.stringify(text)) })
      const told = this.#logprobs(data, site, text)
      if (told === null) continue
      done.add(told.span.start)
      edits.push(told)
    }
    const { restoring, isJsonOutput } = this.#options
    if (holdsMore) edits.push(...(documentEdits(data, { restoring, isJsonOutput, done }) ?? []))
    if (edits.length === 0) return event.bytes
    return withData(
      event,
      spliceAll(
        data,
        edits.toSorted((one, other) => one.span.start - other.span.start),
      ),
    )
  }

  /** Those of text that was held back are told with what it has become. */
  #logprobs(data: Buffer, { key, logprobs }: Site, text: string): Edit | null {
    const span = logprobs === undefined ? null : spanAt(data, logprobs)
    const value: unknown = span === null ? null : JSON.parse(data.toString('utf8', span.start, span.end))
    if (span === null || value === null) return null
    const before = this.#heldLogprobs.get(key) ?? 0
    if (this.#heldLogprobs.size >= MAX_RUNS) this.#heldLogprobs.clear()
    if (text === '') this.#heldLogprobs.set(key, before + sumOf(value))
    else this.#heldLogprobs.delete(key)
    const told = logprobsOfEvent(value, { text, before })
    return told === null ? null : { span, text: Buffer.from(JSON.stringify(told)) }
  }
}

function passed(event: RawEvent): Waiting {
  return { event, texts: [], open: 0, isRead: false, holdsMore: false }
}

/** Null: no JSON object, as `[DONE]`. */
function parsed(data: string) {
  try {
    return recordOf(JSON.parse(data))
  } catch {
    // Whatever it is, it holds no text that could be told apart.
    return null
  }
}

function spanAt(data: Buffer, path: Site['path']): Span | null {
  let span: Span | undefined = { start: 0, end: data.length }
  for (const step of path) {
    if (span === undefined) return null
    span = typeof step === 'string' ? scanMembers(data, span, [step])?.[0] : elementAt(data, span, step)
  }
  return span ?? null
}

function elementAt(data: Buffer, span: Span, wanted: number): Span | undefined {
  let index = 0
  for (const element of scanElements(data, span)) {
    if (index === wanted) return element
    index += 1
  }
  return undefined
}
