// Neutral events -> the lines of an Ollama stream, of api/chat or api/generate. Calls are written whole; the last line
// has `done: true`, the reason, the counts and the durations.
import type { Buffer } from 'node:buffer'
import type { AnswerContext, StreamWriter } from '../../neutral/format.ts'
import { jsonLine } from '../../neutral/frame.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { BlockOpening, StopReason, StreamEvent, Usage } from '../../neutral/chat.ts'
import { writeCall, writeEnding, writeHead } from './answer.ts'
import { writeError } from './error.ts'

interface OpenBlock {
  readonly opening: BlockOpening
  /** Arguments of a call, kept until they are whole. */
  text: string
}

export class OllamaStreamWriter implements StreamWriter {
  readonly #context: AnswerContext
  readonly #open = new Map<number, OpenBlock>()
  #model: string | null = null
  #usage: Usage | null = null
  #firstPartAtMs: number | null = null

  constructor(context: AnswerContext) {
    this.#context = context
  }

  write(event: StreamEvent): readonly Buffer[] {
    switch (event.kind) {
      case 'start':
        this.#usage = event.usage
        this.#model = event.model
        return []
      case 'blockStart':
        this.#open.set(event.block, { opening: event.opening, text: '' })
        return []
      case 'blockDelta':
        return this.#grow(event.block, event.text)
      case 'blockEnd':
        return this.#endBlock(event.block)
      case 'usage':
        this.#usage = event.usage
        return []
      case 'stop':
        return [this.#lastLine(event.reason)]
      case 'error':
        return [jsonLine(writeError(event.error).body)]
      case 'blockSignature':
      case 'ping':
      case 'end':
        return []
    }
  }

  #grow(block: number, text: string): readonly Buffer[] {
    const open = this.#open.get(block)
    if (open === undefined) return []
    if (open.opening.kind === 'toolCall') {
      open.text += text
      return []
    }
    return [this.#line(open.opening.kind === 'reasoning' ? { text: '', thinking: text } : { text })]
  }

  #endBlock(block: number): readonly Buffer[] {
    const open = this.#open.get(block)
    this.#open.delete(block)
    if (open?.opening.kind !== 'toolCall') return []
    return [this.#line({ text: '', calls: [writeCall({ ...open.opening, argumentsText: open.text })] })]
  }

  #line(said: Said): Buffer {
    this.#firstPartAtMs ??= this.#context.nowMs()
    return jsonLine({ ...writeHead(this.#model, this.#context), ...this.#message(said), done: false })
  }

  #lastLine(stop: StopReason): Buffer {
    const ending = writeEnding({ stop, usage: this.#usage, firstPartAtMs: this.#firstPartAtMs }, this.#context)
    return jsonLine({ ...writeHead(this.#model, this.#context), ...this.#message({ text: '' }), ...ending })
  }

  #message({ text, thinking, calls }: Said): JsonObject {
    const reasoned = thinking === undefined ? {} : { thinking }
    if (this.#context.ollamaShape === 'generate') return { response: text, ...reasoned }
    return {
      message: { role: 'assistant', content: text, ...reasoned, ...(calls !== undefined && { tool_calls: calls }) },
    }
  }
}

interface Said {
  readonly text: string
  readonly thinking?: string
  readonly calls?: readonly JsonObject[]
}
