// Log probabilities tell a model's text token by token, and a placeholder is several tokens. Where values come back
// into the text, the tokens of their placeholders become one entry: its token is what the text says there, its log
// probability the sum of theirs, and it has no alternatives, since those were never of the value. So the tokens put
// together are the text, as clients expect. Entries of other tokens stay as they came.
//
//   chat {content, refusal: Entry[]}, responses and Ollama Entry[], completions {tokens, ...},
//   Gemini {chosenCandidates, ...}
import { Buffer } from 'node:buffer'
import { TextRestorer, type Restoring } from './text-restorer.ts'

/** Members of an answer that hold them. */
export const LOGPROBS: ReadonlySet<string> = new Set(['logprobs', 'logprobsResult'])

type Json = Readonly<Record<string, unknown>>

/** A run of entries that becomes one: `from` up to `to`. */
interface Merged {
  readonly from: number
  readonly to: number
  readonly token: string
  readonly logprob: number
}

/** The tokens of one running text in order, and how its lists look with some of them merged. */
interface TokenList {
  readonly tokens: readonly string[]
  readonly logprobs: readonly number[]
  readonly withMerged: (merged: readonly Merged[]) => unknown
}

/** Null: nothing is to be changed, or it is no form that is known. */
export function restoredLogprobs(value: unknown, restoring: Restoring): unknown {
  return mapped(value, (list) => mergedIn(list, restoring))
}

/** Of an event whose text has become another: all its entries are one. The sum is of the events before it too. */
export function logprobsOfEvent(value: unknown, { text, before }: { readonly text: string; readonly before: number }) {
  return mapped(value, ({ tokens, logprobs }) => {
    const all = { from: 0, to: tokens.length, token: text, logprob: before + sum(logprobs, 0, logprobs.length) }
    return tokens.length === 0 ? [] : [all]
  })
}

/** Of all entries of the text. */
export function sumOf(value: unknown): number {
  return listsOf(value).reduce((total, [, { logprobs }]) => total + sum(logprobs, 0, logprobs.length), 0)
}

function mapped(value: unknown, merge: (list: TokenList) => readonly Merged[]): unknown {
  let result: unknown = null
  for (const [name, list] of listsOf(value)) {
    const merged = merge(list)
    if (merged.length === 0) continue
    const written = list.withMerged(merged)
    result = name === null ? written : { ...(recordOf(result) ?? recordOf(value)), ...recordOf(written) }
  }
  return result
}

/** Runs of tokens that hold a placeholder. A throw-away count: the text itself has counted them. */
function mergedIn({ tokens, logprobs }: TokenList, { map, matcher }: Restoring): readonly Merged[] {
  const counts = { seen: 0, restored: 0, damaged: 0, unknown: 0 }
  const restorer = new TextRestorer({ map, matcher, counts }, 'plain')
  const merged: Merged[] = []
  let from = 0
  let out = ''
  tokens.forEach((token, index) => {
    const isLast = index === tokens.length - 1
    out += restorer.push(token, isLast)
    if (restorer.tail !== '') return
    const to = index + 1
    if (out !== tokens.slice(from, to).join('')) merged.push({ from, to, token: out, logprob: sum(logprobs, from, to) })
    from = to
    out = ''
  })
  return merged
}

/** By the member that the list stands in; null: the value is the list. */
function listsOf(value: unknown): readonly (readonly [name: string | null, list: TokenList])[] {
  if (Array.isArray(value)) return [[null, entryList(value, (entries) => entries)]]
  const owner = recordOf(value)
  if (owner === null) return []
  if (Array.isArray(owner['tokens'])) return [['tokens', parallelList(owner)]]
  if (Array.isArray(owner['chosenCandidates'])) return [['chosenCandidates', candidateList(owner)]]
  return ['content', 'refusal'].flatMap((name) => {
    const entries: unknown = owner[name]
    return Array.isArray(entries) ? [[name, entryList(entries, (written) => ({ [name]: written }))] as const] : []
  })
}

/** {token, logprob, bytes, top_logprobs} each. */
function entryList(entries: readonly unknown[], put: (written: readonly unknown[]) => unknown): TokenList {
  const records = entries.map((entry) => recordOf(entry) ?? {})
  const entryOf = ({ from, token, logprob }: Merged) => ({
    ...records[from],
    token,
    logprob,
    ...(records[from]?.['bytes'] !== undefined && { bytes: [...Buffer.from(token)] }),
    ...(records[from]?.['top_logprobs'] !== undefined && { top_logprobs: [] }),
  })
  return {
    tokens: records.map(({ token }) => textOf(token)),
    logprobs: records.map(({ logprob }) => numberOf(logprob)),
    withMerged: (merged) => put(replaced(entries, merged, entryOf)),
  }
}

/** Completions: lists side by side, with offsets into the text. */
function parallelList(owner: Json): TokenList {
  const tokens = listOf(owner['tokens']).map(textOf)
  const logprobs = listOf(owner['token_logprobs']).map(numberOf)
  const withMerged = (merged: readonly Merged[]) => {
    const written = replaced(tokens, merged, ({ token }) => token)
    const top = owner['top_logprobs']
    const first = numberOf(listOf(owner['text_offset'])[0])
    return {
      tokens: written,
      token_logprobs: replaced(listOf(owner['token_logprobs']), merged, ({ logprob }) => logprob),
      ...(Array.isArray(top) && { top_logprobs: replaced(top, merged, () => ({})) }),
      text_offset: written.map((_, index) => first + written.slice(0, index).join('').length),
    }
  }
  return { tokens, logprobs, withMerged }
}

/** Gemini: what was chosen, and beside it what else there was. */
function candidateList(owner: Json): TokenList {
  const chosen = listOf(owner['chosenCandidates'])
  const records = chosen.map((entry) => recordOf(entry) ?? {})
  const top = owner['topCandidates']
  const withMerged = (merged: readonly Merged[]) => ({
    chosenCandidates: replaced(chosen, merged, ({ token, logprob }) => ({ token, logProbability: logprob })),
    ...(Array.isArray(top) && { topCandidates: replaced(top, merged, () => ({ candidates: [] })) }),
  })
  return {
    tokens: records.map(({ token }) => textOf(token)),
    logprobs: records.map(({ logProbability }) => numberOf(logProbability)),
    withMerged,
  }
}

function replaced(
  entries: readonly unknown[],
  merged: readonly Merged[],
  write: (one: Merged) => unknown,
): readonly unknown[] {
  const written: unknown[] = []
  let at = 0
  for (const one of merged) {
    for (; at < one.from; at += 1) written.push(entries[at])
    if (one.token !== '') written.push(write(one))
    at = one.to
  }
  for (; at < entries.length; at += 1) written.push(entries[at])
  return written
}

function sum(numbers: readonly number[], from: number, to: number): number {
  let total = 0
  for (let index = from; index < to; index += 1) total += numbers[index] ?? 0
  return total
}

function recordOf(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
