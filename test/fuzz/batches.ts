// What batches read and write: lists of inputs, answers that are divided and joined, replies to several questions.
// Whatever the bytes, nothing throws; and what is taken for a list can be written and divided without a loss.
import fc from 'fast-check'
import { answersIn, newMarks } from '../../proxy/batch/chat-questions.ts'
import { readInputList, writeInputList } from '../../proxy/batch/input-list.ts'
import { joinLists, readList, splitList } from '../../proxy/batch/split-list.ts'
import { scanObject } from '../../proxy/json/scan.ts'
import { nearly, requestBytes } from './inputs.ts'

const INPUTS = [
  '{"model":"m","input":"a"}',
  '{"input":["a","b\\\\"],"n":1}',
  '{"input":[1,2]}',
  '{"input":[[1],[2,3]]}',
]
const SHAPE = { list: 'data', index: 'index', usage: ['usage'] } as const
const ANSWERS = [
  '{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[2]}],"usage":{"prompt_tokens":3}}',
  '{"usage":{"a":[1,{"b":0.5}],"c":"d"},"data":[{"index":1},{"index":0}]}',
]
const REPLIES = ['{"answers":["bcd|one|fgh","jkl|two|mnp"]}', '{"answers":["bcd|a|b|fgh"', '```json {"answers":["x"]}']

export function readsInputs(): fc.IRawProperty<unknown, false> {
  return fc.property(fc.oneof(nearly(INPUTS), requestBytes), fc.boolean(), (bytes, takesTokens) => {
    const scan = scanObject(bytes, ['input'])
    const span = scan.kind === 'members' ? scan.spans[0] : undefined
    const list = readInputList(bytes, span, takesTokens)
    if (list === null || span === undefined) return
    const again = writeInputList(bytes, span, [...list.items, ...list.items])
    const rescan = scanObject(again, ['input'])
    const respan = rescan.kind === 'members' ? rescan.spans[0] : undefined
    const reread = readInputList(again, respan, takesTokens)
    const twice = [...list.items, ...list.items].map(String)
    check(reread?.sameness === list.sameness, 'another body than its own')
    check(JSON.stringify(reread?.items.map(String)) === JSON.stringify(twice), 'other items than were written')
    check(
      list.tokens.every((count) => count >= 1),
      'an item without tokens',
    )
  })
}

export function dividesAnswers(): fc.IRawProperty<unknown, false> {
  return fc.property(fc.oneof(nearly(ANSWERS), requestBytes), fc.integer({ min: 1, max: 3 }), (bytes, count) => {
    const answer = readList(bytes, SHAPE, count)
    if (answer === null) return
    const slices = Array.from({ length: count }, (_, index) => ({ entries: 1, weight: index }))
    const parts = splitList(answer, SHAPE, slices)
    const joined = joinLists(
      parts,
      SHAPE,
      slices.map(() => 1),
    )
    const reread = joined === null ? null : readList(joined, SHAPE, count)
    check(
      JSON.stringify(reread?.entries.map(String)) === JSON.stringify(answer.entries.map(String)),
      'entries are lost, or in another order',
    )
  })
}

export function tellsAnswersApart(): fc.IRawProperty<unknown, false> {
  return fc.property(nearly(REPLIES), fc.nat(), (bytes, seed) => {
    const reply = bytes.toString('utf8')
    const known = { begin: 'bcd', end: 'fgh' }
    const other = newMarks(() => ((seed % 997) + 0.5) / 998)
    const [own, stranger] = answersIn(reply, [known, other])
    check(own === null || (reply.includes('bcd') && reply.includes('fgh')), 'an answer without its marks')
    check(stranger === null || reply.includes(other.begin), 'an answer from nowhere')
  })
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}
