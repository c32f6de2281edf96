// Neutral events -> the events of a Responses stream, in the order that the reference gives: created, in_progress, each
// item added, its parts, their deltas, done in reverse, and the terminal event with the whole response. Every event is
// numbered. item-events.ts has the events of one item.
import { Buffer } from 'node:buffer'
import type { AnswerContext, StreamWriter } from '../../neutral/format.ts'
import { SSE_COMMENT, sseEvent } from '../../neutral/frame.ts'
import { isObject, type JsonObject } from '../../neutral/json.ts'
import type { BlockOpening, StopReason, StreamEvent, Usage } from '../../neutral/chat.ts'
import { writeError } from '../openai-chat/error.ts'
import { Sequencer } from '../../neutral/sequencer.ts'
import { responseStatus, signatureItem, writeResponse } from './answer.ts'
import { ItemEvents, type ResponseEvent } from './item-events.ts'

export class ResponsesStreamWriter implements StreamWriter {
  readonly #context: AnswerContext
  readonly #sequencer = new Sequencer()
  readonly #output: JsonObject[] = []
  #head = { id: '', model: '' }
  #item: ItemEvents | null = null
  #usage: Usage | null = null
  #sequence = 0

  constructor(context: AnswerContext) {
    this.#context = context
  }

  write(event: StreamEvent): readonly Buffer[] {
    return this.#sequencer.order(event).flatMap((ordered) => this.#writeOrdered(ordered))
  }

  #writeOrdered(event: StreamEvent): readonly Buffer[] {
    switch (event.kind) {
      case 'start':
        return this.#start(event)
      case 'ping':
        return [Buffer.from(SSE_COMMENT)]
      case 'blockStart':
        return this.#startItem(event.opening)
      case 'blockDelta':
        return this.#send(this.#item?.delta(event.text) ?? [])
      case 'blockSignature':
        this.#item?.sign(event.signature)
        return []
      case 'blockEnd':
        return this.#endItem()
      case 'usage':
        this.#usage = event.usage
        return []
      case 'stop':
        return this.#finish(event.reason)
      case 'end':
        return []
      case 'error':
        return this.#send([errorEvent(writeError(event.error).body)])
    }
  }

  #start({ id, model, usage }: Extract<StreamEvent, { kind: 'start' }>): readonly Buffer[] {
    this.#usage = usage
    this.#head = { id: id ?? this.#context.newId('resp_'), model: model ?? this.#context.model }
    const response = writeResponse({ ...this.#head, stop: null, output: [], usage: null }, this.#context)
    return this.#send([
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
    ])
  }

  #startItem(opening: BlockOpening): readonly Buffer[] {
    const before = signatureItem(opening, this.#context).flatMap((item): ResponseEvent[] => {
      const output_index = this.#output.push(item) - 1
      return [
        { type: 'response.output_item.added', output_index, item: { ...item, encrypted_content: null } },
        { type: 'response.output_item.done', output_index, item },
      ]
    })
    this.#item = new ItemEvents(opening, { outputIndex: this.#output.length, context: this.#context })
    return this.#send([...before, ...this.#item.start()])
  }

  #endItem(): readonly Buffer[] {
    if (this.#item === null) return []
    const events = this.#item.end()
    this.#output.push(this.#item.finished())
    this.#item = null
    return this.#send(events)
  }

  #finish(stop: StopReason): readonly Buffer[] {
    const usage = this.#usage ?? { inputTokens: 0, outputTokens: 0 }
    const response = writeResponse({ ...this.#head, stop, output: this.#output, usage }, this.#context)
    return this.#send([{ type: `response.${responseStatus(stop)}`, response }])
  }

  #send(events: readonly ResponseEvent[]): readonly Buffer[] {
    return events.map((event) => {
      const numbered = { ...event, sequence_number: this.#sequence }
      this.#sequence += 1
      return sseEvent(numbered, event.type)
    })
  }
}

/** The members of OpenAI's error object stand in the event itself, whose own type takes the place of the error's. */
function errorEvent({ error }: JsonObject): ResponseEvent {
  return { ...(isObject(error) ? error : {}), type: 'error' }
}
