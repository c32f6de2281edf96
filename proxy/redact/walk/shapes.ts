// The shape of a request's body by dialect and operation, for the walker: where its text stands. What is not here is
// refused on rules that mask.
import type { Buffer } from 'node:buffer'
import { isForm } from '../../dialect/multipart.ts'
import { failure, type Failure } from '../../errors.ts'
import type { Place } from '../../exchange.ts'
import type { CallOperation, DialectName } from '../../table/schema.ts'
import { MESSAGES } from './anthropic.ts'
import type { Walked } from './document.ts'
import { walkForm } from './form.ts'
import * as gemini from './gemini.ts'
import * as ollama from './ollama.ts'
import { FORMS, OTHER } from './openai-other.ts'
import * as openAi from './openai.ts'
import type { Shape } from './shape.ts'
import { walkBody } from './walker.ts'

const SHAPES: Readonly<Record<DialectName, Partial<Record<CallOperation, Shape>>>> = {
  OpenAI: { Chat: openAi.CHAT, Completion: openAi.COMPLETION, Response: openAi.RESPONSE, Embedding: openAi.EMBEDDING },
  Anthropic: { Chat: MESSAGES, CountTokens: MESSAGES },
  Gemini: { Chat: gemini.GENERATE, CountTokens: gemini.COUNT, Embedding: gemini.EMBEDDING },
  Ollama: { Chat: ollama.CHAT, Completion: ollama.GENERATE, Embedding: ollama.EMBEDDING },
  Prompt: { Chat: ollama.PROMPT },
}

/** A body and what says how it is to be read. */
export interface BodyToWalk {
  readonly bytes: Buffer
  readonly dialect: DialectName
  readonly operation: Place['operation']
  /** Below the dialect's version prefix. */
  readonly path: string | null
  readonly contentType: string
}

export function walkRequest({ bytes, dialect, operation, path, contentType }: BodyToWalk): Walked | Failure {
  if (operation === 'Other' && isForm(contentType)) {
    const fields = named(FORMS, path)
    return fields === null ? unknownOperation() : walkForm(bytes, contentType, fields)
  }
  const shape = shapeOf({ dialect, operation, path })
  return shape === null ? unknownOperation() : walkBody(bytes, shape)
}

/** Null: an operation that nobody here knows. */
export function shapeOf({
  dialect,
  operation,
  path,
}: Pick<BodyToWalk, 'dialect' | 'operation' | 'path'>): Shape | null {
  if (operation === null || operation === 'Models') return null
  return operation === 'Other' ? named(OTHER, path) : (SHAPES[dialect][operation] ?? null)
}

function named<T>(table: Readonly<Record<string, T>>, path: string | null): T | null {
  return path !== null && Object.hasOwn(table, path) ? (table[path] ?? null) : null
}

function unknownOperation(): Failure {
  return failure('operation_not_maskable', 'The rule masks, and this operation cannot be masked.')
}
