// The chunks of a Gemini stream, of either framing -> neutral events. Each chunk is a GenerateContentResponse with the
// next parts; calls come whole; usage may come in every chunk and the last counts; a finish reason makes the answer
// complete, and there is no other terminal event.
import type { Buffer } from 'node:buffer'
import { Blocks } from '../../neutral/blocks.ts'
import { readEventObject, UNREADABLE } from '../../neutral/event-object.ts'
import type { Field } from '../../neutral/field.ts'
import type { AnswerContext, StreamReader } from '../../neutral/format.ts'
import type { StopReason, StreamEvent, Usage } from '../../neutral/chat.ts'
import { kindOfText, readCall, readStop, readUsage, settleStop, signatureOf } from './answer.ts'
import { readErrorObject } from './error.ts'

/** Calls come whole, so that one key serves them all. */
const CALL_KEY = 0

export class GeminiStreamReader implements StreamReader {
  readonly #context: AnswerContext
  readonly #blocks = new Blocks()
  #hasStarted = false
  #usage: Usage | null = null
  #stop: StopReason | null = null

  constructor(context: AnswerContext) {
    this.#context = context
  }

  read(_name: string | null, data: Buffer): readonly StreamEvent[] {
    const chunk = readEventObject(data)
    if (chunk === null) return [UNREADABLE]
    if (chunk.member('error').isPresent) return [{ kind: 'error', error: readErrorObject(chunk.member('error'), null) }]
    this.#usage = readUsage(chunk.member('usageMetadata')) ?? this.#usage
    this.#stop = readStop(chunk) ?? this.#stop
    const events = this.#start(chunk)
    const parts = chunk.member('candidates').items()[0]?.member('content').member('parts').items() ?? []
    for (const part of parts) events.push(...this.#readPart(part))
    return events
  }

  end(): readonly StreamEvent[] {
    if (this.#stop === null) return []
    const reason = settleStop(this.#stop, this.#blocks.hasCalls)
    const usage: StreamEvent[] = this.#usage === null ? [] : [{ kind: 'usage', usage: this.#usage }]
    return [...this.#blocks.endAll(), ...usage, { kind: 'stop', reason, stopSequence: null }, { kind: 'end' }]
  }

  #start(chunk: Field): StreamEvent[] {
    if (this.#hasStarted) return []
    this.#hasStarted = true
    const id = chunk.member('responseId').text() ?? null
    return [{ kind: 'start', id, model: chunk.member('modelVersion').text() ?? null, usage: this.#usage }]
  }

  #readPart(part: Field): readonly StreamEvent[] {
    if (part.member('functionCall').isPresent) {
      const { argumentsText, ...opening } = readCall(part, this.#context)
      return [
        ...this.#blocks.startCall(CALL_KEY, opening),
        ...this.#blocks.callText(CALL_KEY, argumentsText),
        ...this.#blocks.endCall(CALL_KEY),
      ]
    }
    const signature = signatureOf(part)
    return [
      ...this.#blocks.text(kindOfText(part), part.member('text').text() ?? ''),
      ...(signature === undefined ? [] : this.#blocks.sign(signature)),
    ]
  }
}
