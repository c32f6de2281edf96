// Streams for the tests of their translation: written from neutral answers, cut into chunks, read back into answers.
import { Buffer } from 'node:buffer'
import type { FramingReader } from '../../../../proxy/dialect/framing.ts'
import { JsonArrayReader } from '../../../../proxy/dialect/json-array.ts'
import { NdjsonReader } from '../../../../proxy/dialect/ndjson.ts'
import { SseReader } from '../../../../proxy/dialect/sse.ts'
import { foldStream, type Folded } from '../../../../proxy/dialect/neutral/fold.ts'
import type { AnswerContext } from '../../../../proxy/dialect/neutral/format.ts'
import { formatOf } from '../../../../proxy/dialect/translate/formats.ts'
import type { BlockOpening, ChatAnswer, FormatName, StreamEvent } from '../../../../proxy/dialect/neutral/chat.ts'
import { StreamTranslator } from '../../../../proxy/dialect/translate/stream-translator.ts'
import type { Pair } from '../../../../proxy/dialect/translate/settle.ts'

export function framingOf(format: FormatName, context: AnswerContext): FramingReader {
  if (format === 'Ollama' || format === 'Prompt') return new NdjsonReader()
  return format === 'Gemini' && context.geminiFraming === 'jsonArray' ? new JsonArrayReader() : new SseReader()
}

/** The events of a stream that gives this answer, its text in pieces of a few characters. */
export function eventsOf(answer: ChatAnswer, pieceLength = 3): StreamEvent[] {
  const { id, model, stop, stopSequence, usage } = answer
  const blocks = answer.parts.flatMap((part, block): StreamEvent[] => {
    const text = part.kind === 'toolCall' ? part.argumentsText : part.text
    const opening: BlockOpening =
      part.kind === 'toolCall' ? { kind: part.kind, id: part.id, name: part.name } : { kind: part.kind }
    const pieces = Array.from({ length: Math.ceil(text.length / pieceLength) }, (_, at) =>
      text.slice(at * pieceLength, (at + 1) * pieceLength),
    )
    return [
      { kind: 'blockStart', block, opening },
      ...pieces.map((piece): StreamEvent => ({ kind: 'blockDelta', block, text: piece })),
      { kind: 'blockEnd', block },
    ]
  })
  return [
    { kind: 'start', id, model, usage: null },
    ...blocks,
    ...(usage === null ? [] : [{ kind: 'usage' as const, usage }]),
    { kind: 'stop', reason: stop, stopSequence },
    { kind: 'end' },
  ]
}

export function writeStream(format: FormatName, events: readonly StreamEvent[], context: AnswerContext): Buffer {
  const writer = formatOf(format).createStreamWriter(context)
  return Buffer.concat(events.flatMap((event) => writer.write(event)))
}

export function readStream(format: FormatName, bytes: Buffer, context: AnswerContext): StreamEvent[] {
  const framing = framingOf(format, context)
  const reader = formatOf(format).createStreamReader(context)
  const events = [...framing.push(bytes), ...framing.end()].flatMap(({ name, data }) => [...reader.read(name, data)])
  const hasEnded = events.some(({ kind }) => kind === 'end' || kind === 'error')
  return hasEnded ? events : [...events, ...reader.end()]
}

export function foldBytes(format: FormatName, bytes: Buffer, context: AnswerContext): Folded {
  return foldStream(readStream(format, bytes, context))
}

/** The provider's chunks through framing and translation, as the proxy does it. */
export function translateStream(chunks: readonly Buffer[], pair: Pair, context: AnswerContext): Buffer {
  const framing = framingOf(pair.from, context)
  const translator = new StreamTranslator(pair, context)
  const written = chunks.flatMap((chunk) => framing.push(chunk).flatMap((event) => [...translator.push(event)]))
  const tail = framing.end().flatMap((event) => [...translator.push(event)])
  return Buffer.concat([...written, ...tail, ...translator.end()])
}
