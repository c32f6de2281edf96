// The neutral form in the middle of every translation: what a chat request asks, what an answer says, how a stream
// tells it bit by bit, and what went wrong. Types only. Whatever is not in here is either passed by name as a feature
// that carries.ts drops or refuses, or belongs to no chat.
//
//   caller's dialect -> ChatRequest -> provider's dialect;   provider's answer -> ChatAnswer -> caller's dialect
import type { Feature } from './features.ts'
import type { JsonObject } from './json.ts'

export type FormatName = 'OpenAIChat' | 'OpenAIResponses' | 'Anthropic' | 'Gemini' | 'Ollama' | 'Prompt'

export interface ChatRequest {
  readonly model: string | null
  readonly isStreaming: boolean
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  readonly toolChoice?: ToolChoice
  readonly allowsParallelToolCalls?: boolean
  readonly sampling: Sampling
  readonly outputFormat?: OutputFormat
  readonly reasoning?: ReasoningRequest
  readonly user?: string
  /** Every feature in use, with the name of the caller's field that asks for it. */
  readonly found: ReadonlyMap<Feature, string>
  /** Fields of the caller that no reader knows, by path without indexes. */
  readonly unknown: readonly string[]
  /** Whether a streamed answer ends with its usage where the dialect leaves the choice (OpenAI's `include_usage`). */
  readonly wantsStreamUsage: boolean
}

export interface Sampling {
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly minP?: number
  readonly seed?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
  readonly stop?: readonly string[]
}

/** Tool results stand in user turns, as the answers to the calls of the turn before. */
export interface Turn {
  readonly role: 'system' | 'developer' | 'user' | 'assistant'
  readonly parts: readonly Part[]
}

export type Part = TextPart | MediaPart | ToolCallPart | ToolResultPart | ReasoningPart | RefusalPart

export interface TextPart {
  readonly kind: 'text'
  readonly text: string
  readonly signature?: Signature
}

/** What a model said in place of an answer it would not give. */
export interface RefusalPart {
  readonly kind: 'refusal'
  readonly text: string
}

export interface MediaPart {
  readonly kind: 'image' | 'audio' | 'document'
  readonly source: MediaSource
  readonly detail?: string
  readonly fileName?: string
}

export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string }

export interface ToolCallPart {
  readonly kind: 'toolCall'
  readonly id: string
  readonly name: string
  /** JSON text, as the model wrote it. */
  readonly argumentsText: string
  readonly signature?: Signature
}

export interface ToolResultPart {
  readonly kind: 'toolResult'
  readonly callId: string
  /** The tool's name, where the dialect says it. */
  readonly name?: string
  readonly parts: readonly (TextPart | MediaPart)[]
  readonly isError?: boolean
}

export interface ReasoningPart {
  readonly kind: 'reasoning'
  readonly text: string
  readonly signature?: Signature
  /** The text was withheld by the vendor; only the signature says it. */
  readonly isRedacted?: boolean
}

/** What a vendor signed, only to be sent back to it unchanged. */
export interface Signature {
  /** Other: nobody's; what it stands on was never signed. */
  readonly vendor: 'Anthropic' | 'Gemini' | 'OpenAI' | 'Other'
  readonly value: string
  /** The vendor's own name of the signed item. */
  readonly id?: string
}

export interface Tool {
  readonly name: string
  readonly description?: string
  readonly schema: JsonObject
  readonly isStrict?: boolean
}

export type ToolChoice =
  | { readonly kind: 'auto' | 'none' | 'required' }
  | { readonly kind: 'named'; readonly name: string }

export type OutputFormat =
  | { readonly kind: 'jsonObject' }
  | {
      readonly kind: 'jsonSchema'
      readonly name?: string
      readonly description?: string
      readonly schema: JsonObject
      readonly isStrict?: boolean
    }

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

export interface ReasoningRequest {
  readonly effort?: Effort
  readonly budgetTokens?: number
  /** Whether the answer should show the reasoning. */
  readonly isShown?: boolean
}

export interface ChatAnswer {
  readonly id: string | null
  readonly model: string | null
  readonly parts: readonly AnswerPart[]
  readonly stop: StopReason
  readonly stopSequence: string | null
  readonly usage: Usage | null
}

export type AnswerPart = TextPart | RefusalPart | ToolCallPart | ReasoningPart

/**
 * end: the model was done. length: the token limit was met. contextLength: the model's window was full.
 * contentFilter: somebody's policy ended it. pause: the provider wants the turn sent again to go on.
 */
export type StopReason =
  | 'end'
  | 'stopSequence'
  | 'length'
  | 'contextLength'
  | 'toolUse'
  | 'contentFilter'
  | 'pause'
  | 'other'

/** Tokens. The whole always includes its parts: input the cached and the written ones, output the reasoning. */
export interface Usage {
  readonly inputTokens: number
  readonly cachedInputTokens?: number
  readonly cacheWriteTokens?: number
  /** The part of the cache write that is kept for an hour, at its own price. */
  readonly cacheWriteHourTokens?: number
  readonly outputTokens: number
  readonly reasoningTokens?: number
}

/**
 * A stream as blocks that begin, grow and end. Text, reasoning and refusal blocks follow one another; calls of tools
 * may grow side by side. `stop` and `usage` come once at the end; after `end` or `error` nothing comes.
 */
export type StreamEvent =
  | { readonly kind: 'start'; readonly id: string | null; readonly model: string | null; readonly usage: Usage | null }
  | { readonly kind: 'ping' }
  | { readonly kind: 'blockStart'; readonly block: number; readonly opening: BlockOpening }
  | { readonly kind: 'blockDelta'; readonly block: number; readonly text: string }
  | { readonly kind: 'blockSignature'; readonly block: number; readonly signature: Signature }
  | { readonly kind: 'blockEnd'; readonly block: number }
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'stop'; readonly reason: StopReason; readonly stopSequence: string | null }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly error: ChatError }

export type BlockOpening =
  | { readonly kind: 'text' | 'refusal' }
  | { readonly kind: 'reasoning'; readonly isRedacted?: boolean }
  | { readonly kind: 'toolCall'; readonly id: string; readonly name: string; readonly signature?: Signature }

export type ErrorClass =
  | 'rateLimited'
  | 'overloaded'
  | 'quota'
  | 'auth'
  | 'permission'
  | 'notFound'
  | 'tooLarge'
  | 'contextLength'
  | 'contentFilter'
  | 'badRequest'
  | 'timeout'
  | 'server'

export interface ChatError {
  readonly class: ErrorClass
  /** Null inside of a stream, where the status has been sent. */
  readonly status: number | null
  readonly message: string
  readonly code?: string
  readonly param?: string
  readonly requestId?: string
}
