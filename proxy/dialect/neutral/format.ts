// What one dialect must be able to do to take part in translation; one folder of translate/ per dialect implements it,
// and translate/formats.ts lists them. Pure: ids and the time come in through the context.
import type { Buffer } from 'node:buffer'
import type { Feature } from './features.ts'
import type { Field } from './field.ts'
import type { JsonObject } from './json.ts'
import type { ChatAnswer, ChatError, ChatRequest, FormatName, StreamEvent } from './chat.ts'

export interface ChatFormat {
  readonly name: FormatName
  /** `found` and `unknown` are left to the caller: the field's reading gathers them. */
  readRequest(body: Field): ReadRequest
  /** The request holds nothing that carries.ts refuses for this dialect. */
  writeRequest(request: ChatRequest, settings: WriteSettings): WrittenRequest
  /** Null: the body is no answer of this dialect. */
  readAnswer(body: JsonObject, context: AnswerContext): ChatAnswer | null
  /** The error that a body with status 200 holds all the same. */
  readFailure?(body: JsonObject): ChatError | null
  writeAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject
  createStreamReader(context: AnswerContext): StreamReader
  createStreamWriter(context: AnswerContext): StreamWriter
  readError(reply: ErrorReply): ChatError
  writeError(error: ChatError): { readonly status: number; readonly body: JsonObject }
}

export type ReadRequest = Omit<ChatRequest, 'found' | 'unknown'>

export interface WriteSettings {
  /** The target's name of the model. */
  readonly model: string
}

export interface WrittenRequest {
  /** Below the dialect's version prefix; with its query. */
  readonly path: string
  readonly body: JsonObject
  /** Features that this model does not take although the dialect does. */
  readonly dropped?: readonly Feature[]
  /** What was changed to fit, in the caller's interest to know: `temperature=1`. */
  readonly adjusted?: readonly string[]
}

export interface AnswerContext {
  /** What the answer calls the model when the provider does not say. */
  readonly model: string
  /** When the call came. */
  readonly startedAtMs: number
  nowMs(): number
  newId(prefix: string): string
  /** Whether a streamed answer of OpenAI's ends with its usage. */
  readonly wantsStreamUsage: boolean
  /** How Gemini's stream is framed for the caller. */
  readonly geminiFraming: 'sse' | 'jsonArray'
  /** Which of Ollama's two endpoints the caller uses. */
  readonly ollamaShape: 'chat' | 'generate'
}

export interface StreamReader {
  /** One whole event of the provider's. */
  read(name: string | null, data: Buffer): readonly StreamEvent[]
  /** The stream has ended: what is due then, `end` if the answer is complete. */
  end(): readonly StreamEvent[]
}

export interface StreamWriter {
  write(event: StreamEvent): readonly Buffer[]
}

export interface ErrorReply {
  readonly status: number
  /** Null: not JSON, or no object. */
  readonly body: JsonObject | null
}
