// Neutral events -> the chunks of a Gemini stream, framed as SSE or as one growing JSON array. Calls are written whole,
// the finish reason and the usage in the last chunk.
import { Buffer } from 'node:buffer'
import type { AnswerContext, StreamWriter } from '../../neutral/format.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { AnswerPart, BlockOpening, Signature, StreamEvent, Usage } from '../../neutral/chat.ts'
import { writePart, writeUsage } from './answer.ts'
import { writeError } from './error.ts'
import { WRITTEN_STOPS } from './names.ts'

interface OpenBlock {
  readonly opening: BlockOpening
  /** Arguments of a call, kept until they are whole. */
  text: string
}

export class GeminiStreamWriter implements StreamWriter {
  readonly #context: AnswerContext
  readonly #open = new Map<number, OpenBlock>()
  #tail: JsonObject = {}
  #usage: Usage | null = null
  #chunks = 0

  constructor(context: AnswerContext) {
    this.#context = context
  }

  write(event: StreamEvent): readonly Buffer[] {
    switch (event.kind) {
      case 'start':
        this.#usage = event.usage
        this.#tail = {
          modelVersion: event.model ?? this.#context.model,
          responseId: event.id ?? this.#context.newId(''),
        }
        return []
      case 'ping':
        // Gemini sends none, and Google's older library takes a comment for a broken stream.
        return []
      case 'blockStart':
        this.#open.set(event.block, { opening: event.opening, text: '' })
        return []
      case 'blockDelta':
        return this.#grow(event.block, event.text)
      case 'blockSignature':
        return this.#sign(event.block, event.signature)
      case 'blockEnd':
        return this.#endBlock(event.block)
      case 'usage':
        this.#usage = event.usage
        return []
      case 'stop':
        return [this.#chunk([{ text: '' }], { finishReason: WRITTEN_STOPS[event.reason] })]
      case 'end':
        return this.#close()
      case 'error':
        return [this.#frame(writeError(event.error).body), ...this.#close()]
    }
  }

  #grow(block: number, text: string): readonly Buffer[] {
    const open = this.#open.get(block)
    if (open === undefined) return []
    if (open.opening.kind !== 'toolCall') return [this.#part(partOf(open.opening, text))]
    open.text += text
    return []
  }

  #sign(block: number, signature: Signature): readonly Buffer[] {
    const opening = this.#open.get(block)?.opening
    if (opening === undefined || opening.kind === 'toolCall') return []
    const part = partOf(opening, '')
    return [this.#part(part.kind === 'refusal' ? part : { ...part, signature })]
  }

  #endBlock(block: number): readonly Buffer[] {
    const open = this.#open.get(block)
    this.#open.delete(block)
    if (open?.opening.kind !== 'toolCall') return []
    return [this.#part({ ...open.opening, argumentsText: open.text })]
  }

  #part(part: AnswerPart): Buffer {
    return this.#chunk([writePart(part)], {})
  }

  #chunk(parts: readonly JsonObject[], finish: JsonObject): Buffer {
    const candidate = { content: { role: 'model', parts }, ...finish, index: 0 }
    const usage = this.#usage === null ? {} : { usageMetadata: writeUsage(this.#usage) }
    return this.#frame({ candidates: [candidate], ...usage, ...this.#tail })
  }

  #frame(value: JsonObject): Buffer {
    const text = JSON.stringify(value)
    this.#chunks += 1
    if (this.#context.geminiFraming === 'sse') return Buffer.from(`data: ${text}\r\n\r\n`)
    return Buffer.from(`${this.#chunks === 1 ? '[' : ',\r\n'}${text}`)
  }

  #close(): readonly Buffer[] {
    if (this.#context.geminiFraming === 'sse') return []
    return [Buffer.from(this.#chunks === 0 ? '[]' : ']')]
  }
}

function partOf(
  opening: Exclude<BlockOpening, { kind: 'toolCall' }>,
  text: string,
): Exclude<AnswerPart, { kind: 'toolCall' }> {
  return { kind: opening.kind, text }
}
