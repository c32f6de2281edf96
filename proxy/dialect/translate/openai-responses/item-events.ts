// The events of one output item of a Responses stream: a message, a call, or reasoning. Keeps the item's text, since
// its `done` events and the terminal event repeat it whole.
import type { AnswerContext } from '../../neutral/format.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { BlockOpening, Signature } from '../../neutral/chat.ts'
import { callItem, messageItem, reasoningItem, textContent } from './answer.ts'

export type ResponseEvent = JsonObject & { readonly type: string }

interface ItemSettings {
  readonly outputIndex: number
  readonly context: AnswerContext
}

const PREFIXES = { text: 'msg_', refusal: 'msg_', toolCall: 'fc_', reasoning: 'rs_' } as const

export class ItemEvents {
  readonly #opening: BlockOpening
  readonly #outputIndex: number
  readonly #id: string
  #text = ''
  #signature: Signature | undefined
  #hasSummary = false

  constructor(opening: BlockOpening, { outputIndex, context }: ItemSettings) {
    this.#opening = opening
    this.#outputIndex = outputIndex
    this.#id = context.newId(PREFIXES[opening.kind])
  }

  start(): readonly ResponseEvent[] {
    const opening = this.#opening
    if (opening.kind === 'toolCall') {
      return [this.#added(callItem(this.#id, { ...opening, argumentsText: '' }, 'in_progress'))]
    }
    if (opening.kind === 'reasoning') return [this.#added(reasoningItem(this.#id, { text: '' }))]
    const part = { type: 'response.content_part.added', ...this.#place(), content_index: 0, part: this.#content('') }
    return [this.#added(messageItem(this.#id, [])), part]
  }

  delta(text: string): readonly ResponseEvent[] {
    this.#text += text
    const place = this.#place()
    switch (this.#opening.kind) {
      case 'text':
        return [{ type: 'response.output_text.delta', ...place, content_index: 0, delta: text, logprobs: [] }]
      case 'refusal':
        return [{ type: 'response.refusal.delta', ...place, content_index: 0, delta: text }]
      case 'toolCall':
        return [{ type: 'response.function_call_arguments.delta', ...place, delta: text }]
      case 'reasoning':
        return [
          ...this.#startSummary(),
          { type: 'response.reasoning_summary_text.delta', ...place, summary_index: 0, delta: text },
        ]
    }
  }

  sign(signature: Signature): void {
    this.#signature = signature
  }

  end(): readonly ResponseEvent[] {
    const place = this.#place()
    const done = { type: 'response.output_item.done', output_index: this.#outputIndex, item: this.finished() }
    const text = this.#text
    switch (this.#opening.kind) {
      case 'text':
      case 'refusal': {
        const said =
          this.#opening.kind === 'text'
            ? { type: 'response.output_text.done', ...place, content_index: 0, text, logprobs: [] }
            : { type: 'response.refusal.done', ...place, content_index: 0, refusal: text }
        return [
          said,
          { type: 'response.content_part.done', ...place, content_index: 0, part: this.#content(text) },
          done,
        ]
      }
      case 'toolCall': {
        const { name } = this.#opening
        return [{ type: 'response.function_call_arguments.done', ...place, name, arguments: text }, done]
      }
      case 'reasoning':
        if (!this.#hasSummary) return [done]
        return [
          { type: 'response.reasoning_summary_text.done', ...place, summary_index: 0, text },
          {
            type: 'response.reasoning_summary_part.done',
            ...place,
            summary_index: 0,
            part: { type: 'summary_text', text },
          },
          done,
        ]
    }
  }

  finished(): JsonObject {
    const opening = this.#opening
    if (opening.kind === 'toolCall') return callItem(this.#id, { ...opening, argumentsText: this.#text })
    if (opening.kind !== 'reasoning') return messageItem(this.#id, [this.#content(this.#text)])
    const signed = this.#signature === undefined ? {} : { signature: this.#signature }
    // The id was told when the item began, so that it must not become the signature's own now.
    return { ...reasoningItem(this.#id, { text: this.#text, ...signed }), id: this.#id }
  }

  #startSummary(): readonly ResponseEvent[] {
    if (this.#hasSummary) return []
    this.#hasSummary = true
    const part = { type: 'summary_text', text: '' }
    return [{ type: 'response.reasoning_summary_part.added', ...this.#place(), summary_index: 0, part }]
  }

  #added(item: JsonObject): ResponseEvent {
    return { type: 'response.output_item.added', output_index: this.#outputIndex, item }
  }

  #content(text: string): JsonObject {
    return this.#opening.kind === 'refusal' ? { type: 'refusal', refusal: text } : textContent(text)
  }

  #place(): JsonObject {
    return { item_id: this.#id, output_index: this.#outputIndex }
  }
}
