// The lines of an Ollama stream -> neutral events. Source: docs/api.md of Ollama. Calls come whole; the line with
// `done: true` has the reason and the counts; a line with `error` may come after the status was sent.
import type { Buffer } from 'node:buffer'
import { Blocks } from '../../neutral/blocks.ts'
import { readEventObject, UNREADABLE } from '../../neutral/event-object.ts'
import type { Field } from '../../neutral/field.ts'
import type { AnswerContext, StreamReader } from '../../neutral/format.ts'
import type { StreamEvent } from '../../neutral/chat.ts'
import { readCall, readStop, readUsage } from './answer.ts'
import { readErrorObject } from './error.ts'

/** Calls come whole, so that one key serves them all. */
const CALL_KEY = 0

export class OllamaStreamReader implements StreamReader {
  readonly #context: AnswerContext
  readonly #blocks = new Blocks()
  #hasStarted = false

  constructor(context: AnswerContext) {
    this.#context = context
  }

  read(_name: string | null, data: Buffer): readonly StreamEvent[] {
    const line = readEventObject(data)
    if (line === null) return [UNREADABLE]
    if (line.member('error').isPresent) return [{ kind: 'error', error: readErrorObject(line, null) }]
    const events: StreamEvent[] = this.#hasStarted
      ? []
      : [{ kind: 'start', id: null, model: line.member('model').text() || null, usage: null }]
    this.#hasStarted = true
    events.push(...this.#readMessage(line.member('message')))
    return line.member('done').boolean() === true ? [...events, ...this.#end(line)] : events
  }

  /** Without its last line the answer is not complete. */
  end(): readonly StreamEvent[] {
    return []
  }

  #readMessage(message: Field): StreamEvent[] {
    const events: StreamEvent[] = [
      ...this.#blocks.text('reasoning', message.member('thinking').text() ?? ''),
      ...this.#blocks.text('text', message.member('content').text() ?? ''),
    ]
    for (const call of message.member('tool_calls').items()) {
      const { argumentsText, ...opening } = readCall(call, this.#context)
      events.push(...this.#blocks.startCall(CALL_KEY, opening))
      events.push(...this.#blocks.callText(CALL_KEY, argumentsText), ...this.#blocks.endCall(CALL_KEY))
    }
    return events
  }

  #end(line: Field): readonly StreamEvent[] {
    const usage = readUsage(line)
    return [
      ...this.#blocks.endAll(),
      ...(usage === null ? [] : [{ kind: 'usage' as const, usage }]),
      { kind: 'stop', reason: readStop(line, this.#blocks.hasCalls), stopSequence: null },
      { kind: 'end' },
    ]
  }
}
