// The events of an Anthropic message stream -> neutral events. Source: the guide "Streaming messages". Blocks come one
// after another by index; `message_delta` holds cumulative usage; `ping` may come anywhere; an `error` event may come
// after the status was sent; events and blocks of new types are passed over.
import type { Buffer } from 'node:buffer'
import type { Field } from '../../neutral/field.ts'
import type { StreamReader } from '../../neutral/format.ts'
import { readEventObject, UNREADABLE } from '../../neutral/event-object.ts'
import type { BlockOpening, StopReason, StreamEvent } from '../../neutral/chat.ts'
import { signed } from '../../neutral/signature.ts'
import { countUsage, toNeutral, type AnthropicUsage } from './answer.ts'
import { readErrorObject } from './error.ts'
import { READ_STOPS } from './names.ts'

export class AnthropicStreamReader implements StreamReader {
  #usage: AnthropicUsage | null = null
  #stop: { readonly reason: StopReason; readonly stopSequence: string | null } | null = null
  readonly #open = new Set<number>()

  read(_name: string | null, data: Buffer): readonly StreamEvent[] {
    const event = readEventObject(data)
    if (event === null) return [UNREADABLE]
    switch (event.member('type').text()) {
      case 'message_start':
        return [this.#start(event.member('message'))]
      case 'content_block_start':
        return this.#startBlock(indexOf(event), event.member('content_block'))
      case 'content_block_delta':
        return this.#readDelta(indexOf(event), event.member('delta'))
      case 'content_block_stop':
        return this.#open.delete(indexOf(event)) ? [{ kind: 'blockEnd', block: indexOf(event) }] : []
      case 'message_delta':
        this.#readMessageDelta(event)
        return []
      case 'message_stop':
        return this.end()
      case 'ping':
        return [{ kind: 'ping' }]
      case 'error':
        return [{ kind: 'error', error: readErrorObject(event, null) }]
      default:
        return []
    }
  }

  /** The stop reason is the last thing that matters: a stream that ends after it is complete. */
  end(): readonly StreamEvent[] {
    if (this.#stop === null) return []
    const ends = [...this.#open].map((block): StreamEvent => ({ kind: 'blockEnd', block }))
    const usage: StreamEvent[] = this.#usage === null ? [] : [{ kind: 'usage', usage: toNeutral(this.#usage) }]
    return [...ends, ...usage, { kind: 'stop', ...this.#stop }, { kind: 'end' }]
  }

  #start(message: Field): StreamEvent {
    this.#usage = countUsage(message.member('usage'), null)
    return {
      kind: 'start',
      id: message.member('id').text() || null,
      model: message.member('model').text() || null,
      usage: this.#usage === null ? null : toNeutral(this.#usage),
    }
  }

  #startBlock(block: number, content: Field): readonly StreamEvent[] {
    const opening = readOpening(content)
    if (opening === null) return []
    this.#open.add(block)
    const events: StreamEvent[] = [{ kind: 'blockStart', block, opening }]
    const text = content.firstOf('text', 'thinking').text() ?? wholeInput(content)
    if (text !== '') events.push({ kind: 'blockDelta', block, text })
    const hidden = content.member('data').text()
    if (hidden !== undefined) events.push(...signatureEvents(block, hidden))
    return events
  }

  #readDelta(block: number, delta: Field): readonly StreamEvent[] {
    if (!this.#open.has(block)) return []
    const signature = delta.member('signature').text()
    if (signature !== undefined) return signatureEvents(block, signature)
    const text = delta.firstOf('text', 'thinking', 'partial_json').text() ?? ''
    return text === '' ? [] : [{ kind: 'blockDelta', block, text }]
  }

  #readMessageDelta(event: Field): void {
    this.#usage = countUsage(event.member('usage'), this.#usage)
    const reason = event.member('delta').member('stop_reason').text()
    if (reason === undefined) return
    const stopSequence = event.member('delta').member('stop_sequence').text() ?? null
    this.#stop = { reason: READ_STOPS[reason] ?? 'end', stopSequence }
  }
}

/** Anthropic begins with an empty object; some servers of its dialect give the arguments here and stream none. */
function wholeInput(content: Field): string {
  const input = content.member('input').object() ?? {}
  return Object.keys(input).length === 0 ? '' : JSON.stringify(input)
}

function indexOf(event: Field): number {
  return event.member('index').number() ?? 0
}

function signatureEvents(block: number, text: string): readonly StreamEvent[] {
  const { signature } = signed(text, { of: 'Anthropic' })
  return signature === undefined ? [] : [{ kind: 'blockSignature', block, signature }]
}

function readOpening(content: Field): BlockOpening | null {
  switch (content.member('type').text()) {
    case 'text':
      return { kind: 'text' }
    case 'thinking':
      return { kind: 'reasoning' }
    case 'redacted_thinking':
      return { kind: 'reasoning', isRedacted: true }
    case 'tool_use':
      return { kind: 'toolCall', id: content.member('id').text() ?? '', name: content.member('name').text() ?? '' }
    default:
      return null
  }
}
