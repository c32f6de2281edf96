// How much a text looks like code, and like which programming language: two linear models over its trigrams, trained on
// files of installed packages (test/bench/classification). Knows nothing of fences, names of files or calls.
import { Buffer } from 'node:buffer'
import { CODE_WEIGHTS, LANGUAGE_WEIGHTS } from './code-weights.ts'
import { BUCKET_BITS, createTrigrams } from './trigrams.ts'

/** What is read of one text; more makes no better answer. */
export const MAX_TRIGRAMS = 2048
/** Of those, spread over the text, for the language: it costs 20 times as much. */
const MAX_LANGUAGE_TRIGRAMS = 500
/** Shorter texts are not trusted with a full vote. */
export const FEW_TRIGRAMS = 60
/** The language model has fewer buckets, of the same hash. */
export const LANGUAGE_BITS = 11
export const LANGUAGE_SHIFT = BUCKET_BITS - LANGUAGE_BITS

export interface CodeModel {
  /** Log-odds: above 0 it is code rather than prose. */
  scoreOf(text: string): number
  /** The likeliest programming language of a text that is code, by its name in the weights; null: too short to say. */
  languageOf(code: string): string | null
}

/** One for a process: the weights take 64 KiB, the classes of characters as much. */
export function createCodeModel(): CodeModel {
  const weights = bytesOf(CODE_WEIGHTS.base64)
  const languageWeights = bytesOf(LANGUAGE_WEIGHTS.base64)
  const buckets = new Int32Array(MAX_TRIGRAMS)
  const readTrigrams = createTrigrams()
  return {
    scoreOf: (text) => {
      const count = readTrigrams(text, buckets)
      let sum = 0
      for (let at = 0; at < count; at += 1) sum += weights[buckets[at] ?? 0] ?? 0
      return CODE_WEIGHTS.bias + (sum * CODE_WEIGHTS.scale) / Math.max(count, FEW_TRIGRAMS)
    },
    languageOf: (code) => {
      const count = readTrigrams(code, buckets)
      return count < FEW_TRIGRAMS ? null : likeliest(buckets.subarray(0, count), languageWeights)
    },
  }
}

/** The scores of one bucket's languages stand side by side. Plain loops over plain numbers: the hottest ones here. */
function likeliest(buckets: Int32Array, weights: Int8Array): string | null {
  const { names, biases, scale } = LANGUAGE_WEIGHTS
  const languages = names.length
  const scores = new Int32Array(languages)
  const step = Math.ceil(buckets.length / MAX_LANGUAGE_TRIGRAMS)
  let seen = 0
  for (let at = 0; at < buckets.length; at += step) {
    seen += 1
    const row = ((buckets[at] ?? 0) >>> LANGUAGE_SHIFT) * languages
    for (let index = 0; index < languages; index += 1)
      scores[index] = (scores[index] ?? 0) + (weights[row + index] ?? 0)
  }
  const share = scale / seen
  const scoreAt = (index: number) => (scores[index] ?? 0) * share + (biases[index] ?? 0)
  let best = 0
  for (let index = 1; index < languages; index += 1) if (scoreAt(index) > scoreAt(best)) best = index
  return names[best] ?? null
}

function bytesOf(base64: string): Int8Array {
  return new Int8Array(Buffer.from(base64, 'base64'))
}
