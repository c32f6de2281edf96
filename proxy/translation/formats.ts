// Which of the translation's formats a call and a target speak, and what a format's whole and streamed answers are
// called. Chats, their tokens and embeddings are translated; every other operation goes to providers of its own
// dialect alone.
import { anthropicStream } from '../dialect/anthropic.ts'
import { geminiSseStream } from '../dialect/gemini-stream.ts'
import type { FormatName } from '../dialect/neutral/chat.ts'
import { ollamaStream } from '../dialect/ollama.ts'
import { openAiChatStream } from '../dialect/openai-chat.ts'
import { promptStream } from '../dialect/prompt.ts'
import { isCountingFormat, type CountingFormatName } from '../dialect/translate/count-tokens.ts'
import type { EmbeddingFormatName } from '../dialect/translate/embeddings/embedding.ts'
import { isEmbeddingFormat } from '../dialect/translate/embeddings/translate-embedding.ts'
import type { StreamFormat } from '../dialect/stream-format.ts'
import type { Place } from '../exchange.ts'
import type { DialectName } from '../table/schema.ts'

interface TargetFormat {
  readonly name: FormatName
  readonly stream: StreamFormat
}

const TARGETS: Readonly<Record<DialectName, TargetFormat>> = {
  OpenAI: { name: 'OpenAIChat', stream: openAiChatStream },
  Anthropic: { name: 'Anthropic', stream: anthropicStream },
  Gemini: { name: 'Gemini', stream: geminiSseStream },
  Ollama: { name: 'Ollama', stream: ollamaStream },
  Prompt: { name: 'Prompt', stream: promptStream },
}

export function targetFormat(dialect: DialectName): TargetFormat {
  return TARGETS[dialect]
}

/** Which of the vendors' formats embeddings are said in; null: it is another operation, or the dialect has none. */
export function embeddingFormat({
  dialect,
  operation,
}: Pick<Place, 'dialect' | 'operation'>): EmbeddingFormatName | null {
  const { name } = TARGETS[dialect.name]
  return operation === 'Embedding' && isEmbeddingFormat(name) ? name : null
}

/** Which of the two vendors' formats a question for tokens is said in; null: it is another operation. */
export function countingFormat({
  dialect,
  operation,
}: Pick<Place, 'dialect' | 'operation'>): CountingFormatName | null {
  const { name } = TARGETS[dialect.name]
  return operation === 'CountTokens' && isCountingFormat(name) ? name : null
}

/** Null: an operation that is not translated as a chat. */
export function callerFormat({ dialect, operation }: Pick<Place, 'dialect' | 'operation'>): FormatName | null {
  const isChat = operation === 'Chat'
  if (dialect.name === 'OpenAI') return isChat ? 'OpenAIChat' : operation === 'Response' ? 'OpenAIResponses' : null
  // One prompt to Ollama is a chat of one turn.
  if (dialect.name === 'Ollama') return isChat || operation === 'Completion' ? 'Ollama' : null
  return isChat ? dialect.name : null
}

const MEDIA_TYPES = {
  sse: 'text/event-stream; charset=utf-8',
  lines: 'application/x-ndjson',
  array: 'application/json',
}

/** Null: a whole answer. */
export function mediaTypeOf(stream: StreamFormat | null): string {
  return stream === null ? 'application/json' : MEDIA_TYPES[stream.framing.name]
}
