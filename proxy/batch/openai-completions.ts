// The older completions of OpenAI (API reference, /v1/completions), whose `prompt` may be a list: each prompt gets its
// own `n` answers, numbered through. Every prompt is sampled for itself, so that a list is as good as several calls; a
// seed alone makes the place in the list matter. Servers of other dialects have no lists of prompts.
import { scanObject } from '../json/scan.ts'
import type { BatchForm } from './form.ts'
import { readInputList } from './input-list.ts'
import { writeInputs } from './openai-embeddings.ts'
import { countEntries, readList, sliceOf, splitList } from './split-list.ts'

const SHAPE = { list: 'choices', index: 'index', usage: ['usage'] } as const
const MAX_ANSWERS = 128

export const openAiCompletions: BatchForm = {
  name: 'completions',
  read: ({ received: { body }, conversationSpans }, { attempts }) => {
    const isListTaken = attempts.every(({ target }) => target.dialect === 'OpenAI')
    const list = isListTaken ? readInputList(body, conversationSpans.messages, true) : null
    const answersPerItem = list === null ? null : answersIn(body)
    if (list === null || answersPerItem === null) return null
    return { form: openAiCompletions, ...list, answersPerItem }
  },
  write: writeInputs,
  split: (body, parts) => {
    const slices = parts.map((part) => ({ ...sliceOf(part), hasText: true }))
    const answer = readList(body, SHAPE, countEntries(slices))
    return answer === null ? null : splitList(answer, SHAPE, slices)
  },
}

/** How many answers a prompt gets; null: it has a seed, or a number that the provider shall judge. */
function answersIn(body: Buffer): number | null {
  const scan = scanObject(body, ['n', 'seed'])
  if (scan.kind !== 'members') return null
  const [n, seed] = scan.spans.map((span) =>
    span === undefined ? 'null' : body.toString('latin1', span.start, span.end),
  )
  if (seed !== 'null') return null
  const count = n === 'null' || n === undefined ? 1 : Number(n)
  return Number.isInteger(count) && count >= 1 && count <= MAX_ANSWERS ? count : null
}
