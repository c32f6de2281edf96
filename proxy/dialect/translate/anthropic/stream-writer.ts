// Neutral events -> the events of an Anthropic message stream: message_start, a ping, whole blocks one after another,
// message_delta with the stop reason and cumulative usage, message_stop; or one error event.
import type { Buffer } from 'node:buffer'
import type { AnswerContext, StreamWriter } from '../../neutral/format.ts'
import { sseEvent } from '../../neutral/frame.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { BlockOpening, Signature, StreamEvent, Usage } from '../../neutral/chat.ts'
import { Sequencer } from '../../neutral/sequencer.ts'
import { showSignature, UNSIGNED } from '../../neutral/signature.ts'
import { writeUsage } from './answer.ts'
import { writeError } from './error.ts'
import { WRITTEN_STOPS } from './names.ts'

interface OpenBlock {
  readonly block: number
  readonly opening: BlockOpening
}

export class AnthropicStreamWriter implements StreamWriter {
  readonly #context: AnswerContext
  readonly #sequencer = new Sequencer()
  #open: OpenBlock | null = null
  #isSigned = false
  #index = 0
  #usage: Usage | null = null

  constructor(context: AnswerContext) {
    this.#context = context
  }

  write(event: StreamEvent): readonly Buffer[] {
    return this.#sequencer.order(event).flatMap((ordered) => this.#writeOrdered(ordered))
  }

  #writeOrdered(event: StreamEvent): readonly Buffer[] {
    switch (event.kind) {
      case 'start':
        this.#usage = event.usage
        return [this.#messageStart(event), ping()]
      case 'ping':
        return [ping()]
      case 'blockStart':
        return this.#startBlock(event.block, event.opening)
      case 'blockDelta':
        return this.#open === null ? [] : [this.#delta(deltaOf(this.#open.opening, event.text))]
      case 'blockSignature':
        return this.#sign(event.signature)
      case 'blockEnd':
        return this.#endBlock()
      case 'usage':
        this.#usage = event.usage
        return []
      case 'stop': {
        const delta = { stop_reason: WRITTEN_STOPS[event.reason], stop_sequence: event.stopSequence }
        return [typed({ type: 'message_delta', delta, usage: writeUsage(this.#usage) })]
      }
      case 'end':
        return [typed({ type: 'message_stop' })]
      case 'error':
        return [typed(writeError(event.error).body)]
    }
  }

  #messageStart({ id, model, usage }: Extract<StreamEvent, { kind: 'start' }>): Buffer {
    const message = {
      id: id ?? this.#context.newId('msg_'),
      type: 'message',
      role: 'assistant',
      model: model ?? this.#context.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      // Clients add what the end counts to this, and nothing has been put out yet.
      usage: { ...writeUsage(usage), output_tokens: 0 },
    }
    return typed({ type: 'message_start', message })
  }

  #startBlock(block: number, opening: BlockOpening): readonly Buffer[] {
    const signature = opening.kind === 'toolCall' ? opening.signature : undefined
    const signedBlock = signature === undefined ? [] : this.#signatureBlock(signature)
    this.#open = { block, opening }
    this.#isSigned = false
    // Withheld reasoning is one opaque value, which comes as the signature: the block is written then.
    return opening.kind === 'reasoning' && opening.isRedacted === true
      ? signedBlock
      : [...signedBlock, this.#begin(contentOf(opening))]
  }

  #sign(signature: Signature): readonly Buffer[] {
    if (this.#open?.opening.kind !== 'reasoning') return []
    this.#isSigned = true
    if (this.#open.opening.isRedacted !== true) return [this.#signature(signature)]
    if (signature.vendor === 'Anthropic') return [this.#begin({ type: 'redacted_thinking', data: signature.value })]
    return [this.#begin({ type: 'thinking', thinking: '', signature: '' }), this.#signature(signature)]
  }

  #endBlock(): readonly Buffer[] {
    const isUnsigned = this.#open?.opening.kind === 'reasoning' && !this.#isSigned
    if (isUnsigned) return [...this.#sign(UNSIGNED), ...this.#endBlock()]
    this.#open = null
    const stop = typed({ type: 'content_block_stop', index: this.#index })
    this.#index += 1
    return [stop]
  }

  /** Another vendor's signature of a call: a block of its own before it. */
  #signatureBlock(signature: Signature): readonly Buffer[] {
    return [
      this.#begin({ type: 'thinking', thinking: '', signature: '' }),
      this.#signature(signature),
      ...this.#endBlock(),
    ]
  }

  #begin(content: JsonObject): Buffer {
    return typed({ type: 'content_block_start', index: this.#index, content_block: content })
  }

  #signature(signature: Signature): Buffer {
    return this.#delta({ type: 'signature_delta', signature: showSignature(signature, 'Anthropic') })
  }

  #delta(delta: JsonObject): Buffer {
    return typed({ type: 'content_block_delta', index: this.#index, delta })
  }
}

/** Every event carries its type in the `event:` line too. */
function typed(body: JsonObject): Buffer {
  const { type } = body
  return sseEvent(body, typeof type === 'string' ? type : undefined)
}

function ping(): Buffer {
  return typed({ type: 'ping' })
}

function contentOf(opening: BlockOpening): JsonObject {
  if (opening.kind === 'toolCall') return { type: 'tool_use', id: opening.id, name: opening.name, input: {} }
  return opening.kind === 'reasoning' ? { type: 'thinking', thinking: '', signature: '' } : { type: 'text', text: '' }
}

function deltaOf(opening: BlockOpening, text: string): JsonObject {
  if (opening.kind === 'toolCall') return { type: 'input_json_delta', partial_json: text }
  return opening.kind === 'reasoning' ? { type: 'thinking_delta', thinking: text } : { type: 'text_delta', text }
}
