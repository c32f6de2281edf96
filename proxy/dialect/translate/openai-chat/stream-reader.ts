// The chunks of an OpenAI chat completion stream -> neutral events. Source: the API reference of the chunk object. A
// call's id and name come in its first fragment only, later fragments come under its index, and several indexes may
// interleave. The finish reason comes before the usage, and the usage only with `include_usage`, so both wait for the
// end.
import type { Buffer } from 'node:buffer'
import { Blocks } from '../../neutral/blocks.ts'
import type { Field } from '../../neutral/field.ts'
import type { AnswerContext, StreamReader } from '../../neutral/format.ts'
import type { StopReason, StreamEvent, Usage } from '../../neutral/chat.ts'
import { readEventObject, UNREADABLE } from '../../neutral/event-object.ts'
import { readCallSignature, readSaid, readUsage } from './answer.ts'
import { readErrorObject } from './error.ts'
import { STOP_REASONS } from './names.ts'

const DONE = '[DONE]'

export class ChatStreamReader implements StreamReader {
  readonly #context: AnswerContext
  readonly #blocks = new Blocks()
  #hasStarted = false
  #usage: Usage | null = null
  #stop: StopReason | null = null

  constructor(context: AnswerContext) {
    this.#context = context
  }

  read(_name: string | null, data: Buffer): readonly StreamEvent[] {
    if (data.length === DONE.length && data.toString('latin1') === DONE) {
      this.#stop ??= 'end'
      return this.end()
    }
    const chunk = readEventObject(data)
    if (chunk === null) return [UNREADABLE]
    if (chunk.member('error').isPresent) return [{ kind: 'error', error: readErrorObject(chunk.member('error'), null) }]
    this.#usage = readUsage(chunk.member('usage')) ?? this.#usage
    const events = this.#start(chunk)
    const choice = chunk.member('choices').items()[0]
    if (choice !== undefined && (choice.member('index').number() ?? 0) === 0) events.push(...this.#readChoice(choice))
    return events
  }

  end(): readonly StreamEvent[] {
    if (this.#stop === null) return []
    const reason = this.#stop === 'end' && this.#blocks.hasCalls ? 'toolUse' : this.#stop
    const usage: StreamEvent[] = this.#usage === null ? [] : [{ kind: 'usage', usage: this.#usage }]
    return [...this.#blocks.endAll(), ...usage, { kind: 'stop', reason, stopSequence: null }, { kind: 'end' }]
  }

  #start(chunk: Field): StreamEvent[] {
    if (this.#hasStarted) return []
    this.#hasStarted = true
    return [
      {
        kind: 'start',
        id: chunk.member('id').text() || null,
        model: chunk.member('model').text() || null,
        usage: null,
      },
    ]
  }

  #readChoice(choice: Field): readonly StreamEvent[] {
    const delta = choice.member('delta')
    const { reasoning, text } = readSaid(delta)
    const events: StreamEvent[] = [
      ...this.#blocks.text('reasoning', reasoning),
      ...this.#blocks.text('text', text),
      ...this.#blocks.text('refusal', delta.member('refusal').text() ?? ''),
    ]
    for (const [position, call] of delta.member('tool_calls').items().entries())
      events.push(...this.#readCall(call, position))
    const finish = choice.member('finish_reason').text()
    if (finish !== undefined) this.#stop = STOP_REASONS[finish] ?? 'end'
    return events
  }

  #readCall(call: Field, position: number): readonly StreamEvent[] {
    const key = call.member('index').number() ?? position
    const name = call.member('function').member('name').text()
    const id = call.member('id').text() || undefined
    const known = this.#blocks.callId(key)
    // Some servers give every call the same index and tell them apart by id, some repeat id and name in each fragment.
    const isNew = known === undefined || (id !== undefined && id !== known && name !== undefined)
    const signature = readCallSignature(call)
    const opened = isNew
      ? this.#blocks.startCall(key, {
          kind: 'toolCall',
          id: id ?? this.#context.newId('call_'),
          name: name ?? '',
          ...(signature !== undefined && { signature }),
        })
      : []
    return [...opened, ...this.#blocks.callText(key, call.member('function').member('arguments').text() ?? '')]
  }
}
