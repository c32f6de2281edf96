// A stream's neutral events -> the answer that the same call without streaming would have given. For callers that do
// not stream while the provider does, for records, and for proving that both ways of answering say the same.
import type {
  AnswerPart,
  BlockOpening,
  ChatAnswer,
  ChatError,
  Signature,
  StopReason,
  StreamEvent,
  Usage,
} from './chat.ts'

interface GrowingBlock {
  readonly opening: BlockOpening
  text: string
  signature: Signature | undefined
}

export type Folded =
  | { readonly kind: 'answer'; readonly answer: ChatAnswer }
  | { readonly kind: 'error'; readonly error: ChatError }
  | { readonly kind: 'unfinished' }

export function foldStream(events: Iterable<StreamEvent>): Folded {
  const blocks = new Map<number, GrowingBlock>()
  let id: string | null = null
  let model: string | null = null
  let usage: Usage | null = null
  let stop: { readonly reason: StopReason; readonly stopSequence: string | null } | null = null
  for (const event of events) {
    switch (event.kind) {
      case 'start':
        ;({ id, model } = event)
        usage = event.usage ?? usage
        break
      case 'blockStart':
        blocks.set(event.block, { opening: event.opening, text: '', signature: undefined })
        break
      case 'blockDelta':
      case 'blockSignature':
        grow(blocks.get(event.block), event)
        break
      case 'usage':
        ;({ usage } = event)
        break
      case 'stop':
        stop = event
        break
      case 'error':
        return { kind: 'error', error: event.error }
      case 'end':
        if (stop === null) return { kind: 'unfinished' }
        return {
          kind: 'answer',
          answer: {
            id,
            model,
            parts: [...blocks.values()].map(partOf),
            stop: stop.reason,
            stopSequence: stop.stopSequence,
            usage,
          },
        }
      case 'blockEnd':
      case 'ping':
        break
    }
  }
  return { kind: 'unfinished' }
}

function grow(
  block: GrowingBlock | undefined,
  event: Extract<StreamEvent, { kind: 'blockDelta' | 'blockSignature' }>,
): void {
  if (block === undefined) return
  if (event.kind === 'blockDelta') block.text += event.text
  else block.signature = event.signature
}

function partOf({ opening, text, signature: lateSignature }: GrowingBlock): AnswerPart {
  const signed = lateSignature === undefined ? {} : { signature: lateSignature }
  switch (opening.kind) {
    case 'text':
      return { kind: 'text', text, ...signed }
    case 'refusal':
      return { kind: 'refusal', text }
    case 'reasoning':
      return { kind: 'reasoning', text, ...signed, ...(opening.isRedacted === true && { isRedacted: true }) }
    case 'toolCall':
      return {
        kind: 'toolCall',
        id: opening.id,
        name: opening.name,
        argumentsText: text === '' ? '{}' : text,
        ...(opening.signature !== undefined && { signature: opening.signature }),
      }
  }
}
