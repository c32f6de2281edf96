// The events of a Responses stream -> neutral events. Source: the API reference of streaming events. Items and their
// parts have indexes; the reasoning of one item, in however many summary parts, is one block; the terminal event holds
// the whole response with the usage, also when it is incomplete or failed. Events of other types are passed over.
import type { Buffer } from 'node:buffer'
import { readEventObject, UNREADABLE } from '../../neutral/event-object.ts'
import type { Field } from '../../neutral/field.ts'
import type { AnswerContext, StreamReader } from '../../neutral/format.ts'
import type { BlockOpening, StreamEvent } from '../../neutral/chat.ts'
import { readErrorObject } from '../openai-chat/error.ts'
import { signed } from '../../neutral/signature.ts'
import { readStop, readUsage } from './answer.ts'

interface OpenBlock {
  readonly block: number
  hasText: boolean
}

const DELTAS: ReadonlySet<string> = new Set([
  'response.output_text.delta',
  'response.refusal.delta',
  'response.function_call_arguments.delta',
  'response.reasoning_summary_text.delta',
  'response.reasoning_text.delta',
])

export class ResponsesStreamReader implements StreamReader {
  readonly #context: AnswerContext
  readonly #open = new Map<string, OpenBlock>()
  #next = 0
  #hasCalls = false

  constructor(context: AnswerContext) {
    this.#context = context
  }

  read(_name: string | null, data: Buffer): readonly StreamEvent[] {
    const event = readEventObject(data)
    if (event === null) return [UNREADABLE]
    const type = event.member('type').text() ?? ''
    if (DELTAS.has(type)) return this.#readDelta(event, type)
    switch (type) {
      case 'response.created': {
        const response = event.member('response')
        const id = response.member('id').text() || null
        return [{ kind: 'start', id, model: response.member('model').text() || null, usage: null }]
      }
      case 'response.output_item.added':
        return this.#startItem(event)
      case 'response.content_part.done':
        return this.#end(blockKey(event, 'content'))
      case 'response.reasoning_summary_part.added':
        return this.#nextSummary(event)
      case 'response.output_item.done':
        return this.#endItem(event)
      case 'response.completed':
      case 'response.incomplete':
        return this.#finish(event.member('response'))
      case 'response.failed':
        return [{ kind: 'error', error: readErrorObject(event.member('response').member('error'), null) }]
      case 'error':
        return [
          {
            kind: 'error',
            error: readErrorObject(event.firstOf('error', 'none').isPresent ? event.member('error') : event, null),
          },
        ]
      default:
        return []
    }
  }

  /** Without its terminal event the answer is not complete. */
  end(): readonly StreamEvent[] {
    return []
  }

  #readDelta(event: Field, type: string): readonly StreamEvent[] {
    const kind = type.includes('reasoning') ? 'reasoning' : type.includes('refusal') ? 'refusal' : 'text'
    const isCall = type.includes('function_call')
    const key = blockKey(event, isCall ? 'call' : kind === 'reasoning' ? 'reasoning' : 'content')
    const opened = isCall ? [] : this.#ensure(key, { kind })
    const open = this.#open.get(key)
    const text = event.member('delta').text() ?? ''
    if (open === undefined || text === '') return opened
    open.hasText = true
    return [...opened, { kind: 'blockDelta', block: open.block, text }]
  }

  #startItem(event: Field): readonly StreamEvent[] {
    const item = event.member('item')
    if (item.member('type').text() !== 'function_call') return []
    this.#hasCalls = true
    const id = item.member('call_id').text() || this.#context.newId('call_')
    return this.#ensure(blockKey(event, 'call'), { kind: 'toolCall', id, name: item.member('name').text() ?? '' })
  }

  #nextSummary(event: Field): readonly StreamEvent[] {
    const open = this.#open.get(blockKey(event, 'reasoning'))
    return open?.hasText === true ? [{ kind: 'blockDelta', block: open.block, text: '\n\n' }] : []
  }

  #endItem(event: Field): readonly StreamEvent[] {
    const item = event.member('item')
    const encrypted = item.member('encrypted_content').text()
    const key = blockKey(event, 'reasoning')
    const events: StreamEvent[] = []
    if (item.member('type').text() === 'reasoning' && encrypted !== undefined) {
      events.push(...this.#ensure(key, { kind: 'reasoning' }))
      const { signature } = signed(encrypted, { of: 'OpenAI', id: item.member('id').text() })
      const block = this.#open.get(key)?.block
      if (block !== undefined && signature !== undefined) events.push({ kind: 'blockSignature', block, signature })
    }
    return [...events, ...this.#endCall(event, item), ...this.#end(key), ...this.#end(blockKey(event, 'content'))]
  }

  /** Arguments that were not streamed stand in the finished item. */
  #endCall(event: Field, item: Field): readonly StreamEvent[] {
    const key = blockKey(event, 'call')
    const open = this.#open.get(key)
    if (open === undefined) return []
    const text = open.hasText ? '' : (item.member('arguments').text() ?? '')
    return text === '' ? this.#end(key) : [{ kind: 'blockDelta', block: open.block, text }, ...this.#end(key)]
  }

  #finish(response: Field): readonly StreamEvent[] {
    const usage = readUsage(response.member('usage'))
    return [
      ...[...this.#open.keys()].flatMap((key) => this.#end(key)),
      ...(usage === null ? [] : [{ kind: 'usage' as const, usage }]),
      { kind: 'stop', reason: readStop(response, this.#hasCalls), stopSequence: null },
      { kind: 'end' },
    ]
  }

  #ensure(key: string, opening: BlockOpening): readonly StreamEvent[] {
    if (this.#open.has(key)) return []
    const block = this.#next
    this.#next += 1
    this.#open.set(key, { block, hasText: false })
    return [{ kind: 'blockStart', block, opening }]
  }

  #end(key: string): readonly StreamEvent[] {
    const open = this.#open.get(key)
    this.#open.delete(key)
    return open === undefined ? [] : [{ kind: 'blockEnd', block: open.block }]
  }
}

function blockKey(event: Field, kind: 'content' | 'call' | 'reasoning'): string {
  const output = event.member('output_index').number() ?? 0
  return kind === 'content' ? `${kind} ${output} ${event.member('content_index').number() ?? 0}` : `${kind} ${output}`
}
