// A whole answer of the provider in the caller's dialect: a chat's, a count of its tokens, or embeddings. Pure; how it
// reaches the caller is answer.ts's and whole-translation.ts's work.
import type { Buffer } from 'node:buffer'
import type { AnswerContext } from '../dialect/neutral/format.ts'
import { isCountingFormat, translateCounted } from '../dialect/translate/count-tokens.ts'
import type { EmbeddingShape } from '../dialect/translate/embeddings/embedding.ts'
import { isEmbeddingFormat, translateVectors } from '../dialect/translate/embeddings/translate-embedding.ts'
import type { Pair } from '../dialect/translate/settle.ts'
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
  const { from: to, to: from, asks } = translation
  if (asks === 'chat') return translateAnswer(body, { from, to }, context)
  const said = asks === 'count' ? sayCount(body, { from, to }) : sayVectors(body, { from, to, shape: asks }, context)
  return said === null ? { kind: 'unreadable' } : { kind: 'answer', body: said }
}

function sayCount(body: Buffer, { from, to }: Pair): Buffer | null {
  return isCountingFormat(from) && isCountingFormat(to) ? translateCounted(body, { from, to }) : null
}

function sayVectors(
  body: Buffer,
  { from, to, shape }: Pair & { readonly shape: EmbeddingShape },
  context: AnswerContext,
): Buffer | null {
  if (!isEmbeddingFormat(from) || !isEmbeddingFormat(to)) return null
  return translateVectors(body, { from, to, shape }, context)
}
