// A whole answer of the provider in the caller's dialect, be it a chat's or one of embeddings. Pure; how it reaches the
// caller is answer.ts's and whole-translation.ts's work.
import type { Buffer } from 'node:buffer'
import type { AnswerContext } from '../dialect/neutral/format.ts'
import { isEmbeddingFormat, translateVectors } from '../dialect/translate/embeddings/translate-embedding.ts'
import { translateAnswer } from '../dialect/translate/translate-answer.ts'
import type { Translation } from '../exchange.ts'

export interface TranslationInUse {
  readonly translation: Translation
  readonly context: AnswerContext
}

type WholeAnswer =
  | { readonly kind: 'answer'; readonly body: Buffer }
  /** A failure told with a status of success. */
  | { readonly kind: 'error'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'unreadable' }

export function sayWhole(body: Buffer, { translation, context }: TranslationInUse): WholeAnswer {
  const { from: to, to: from, embedding: shape } = translation
  if (shape === null) return translateAnswer(body, { from, to }, context)
  if (!isEmbeddingFormat(from) || !isEmbeddingFormat(to)) return { kind: 'unreadable' }
  const said = translateVectors(body, { from, to, shape }, context)
  return said === null ? { kind: 'unreadable' } : { kind: 'answer', body: said }
}
