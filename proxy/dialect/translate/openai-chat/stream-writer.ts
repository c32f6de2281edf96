// Neutral events -> the chunks of an OpenAI chat completion stream: the role first, calls by index with id and name in
// the first fragment, one chunk with the finish reason, the usage only for those who asked, `[DONE]`.
import { Buffer } from 'node:buffer'
import type { AnswerContext, StreamWriter } from '../../neutral/format.ts'
import { SSE_COMMENT, SSE_DONE, sseEvent } from '../../neutral/frame.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { BlockOpening, ChatError, StopReason, StreamEvent, Usage } from '../../neutral/chat.ts'
import { writeCallSignature, writeUsage } from './answer.ts'
import { writeError } from './error.ts'
import { FINISH_REASONS } from './names.ts'

const DELTA_NAMES = { text: 'content', refusal: 'refusal', reasoning: 'reasoning_content' } as const

export class ChatStreamWriter implements StreamWriter {
  readonly #context: AnswerContext
  #head: JsonObject = {}
  #usage: Usage | null = null
  readonly #openings = new Map<number, BlockOpening>()
  readonly #callIndexes = new Map<number, number>()

  constructor(context: AnswerContext) {
    this.#context = context
  }

  write(event: StreamEvent): readonly Buffer[] {
    switch (event.kind) {
      case 'start':
        this.#start(event)
        return [this.#chunk({ role: 'assistant', content: '' })]
      case 'ping':
        return [Buffer.from(SSE_COMMENT)]
      case 'blockStart':
        return this.#openBlock(event.block, event.opening)
      case 'blockDelta':
        return this.#writeDelta(event.block, event.text)
      case 'blockSignature':
        return []
      case 'blockEnd':
        this.#openings.delete(event.block)
        return []
      case 'usage':
        this.#usage = event.usage
        return []
      case 'stop':
        return this.#stop(event.reason)
      case 'end':
        return [Buffer.from(SSE_DONE)]
      case 'error':
        return [errorEvent(event.error)]
    }
  }

  #start({ id, model, usage }: Extract<StreamEvent, { kind: 'start' }>): void {
    this.#usage = usage
    this.#head = {
      id: id ?? this.#context.newId('chatcmpl-'),
      object: 'chat.completion.chunk',
      created: Math.floor(this.#context.startedAtMs / 1000),
      model: model ?? this.#context.model,
    }
  }

  #openBlock(block: number, opening: BlockOpening): readonly Buffer[] {
    this.#openings.set(block, opening)
    if (opening.kind !== 'toolCall') return []
    const index = this.#callIndexes.size
    this.#callIndexes.set(block, index)
    const { id, name, signature } = opening
    const call = { index, id, type: 'function', function: { name, arguments: '' }, ...writeCallSignature(signature) }
    return [this.#chunk({ tool_calls: [call] })]
  }

  #writeDelta(block: number, text: string): readonly Buffer[] {
    const opening = this.#openings.get(block)
    if (opening === undefined) return []
    if (opening.kind !== 'toolCall') return [this.#chunk({ [DELTA_NAMES[opening.kind]]: text })]
    const index = this.#callIndexes.get(block)
    return [this.#chunk({ tool_calls: [{ index, function: { arguments: text } }] })]
  }

  #stop(reason: StopReason): readonly Buffer[] {
    const finish = this.#chunk({}, FINISH_REASONS[reason])
    if (!this.#context.wantsStreamUsage) return [finish]
    const usage = writeUsage(this.#usage ?? { inputTokens: 0, outputTokens: 0 })
    return [finish, sseEvent({ ...this.#head, choices: [], usage })]
  }

  #chunk(delta: JsonObject, finishReason: string | null = null): Buffer {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }]
    return sseEvent({ ...this.#head, choices, ...(this.#context.wantsStreamUsage && { usage: null }) })
  }
}

function errorEvent(error: ChatError): Buffer {
  return sseEvent(writeError(error).body)
}
