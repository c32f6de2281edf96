// Several questions in one request, and the answers told apart. Every question has two marks, and the answer to it must
// stand between exactly these two: an answer that was left out, cut off, given twice, added to or put at another
// question's place does not, and counts as none. Pure.
//
//   {"questions":[{"id":"k3f","text":"Capital of France?","end":"x2p"}]}  ->  {"answers":["k3f|Paris|x2p"]}
import { Buffer } from 'node:buffer'
import { parseReply } from '../dialect/neutral/json-text.ts'
import { isObject } from '../dialect/neutral/json.ts'
import { readString, scanElements } from '../json/scan.ts'

export interface Marks {
  readonly begin: string
  readonly end: string
}

const MARK_LENGTH = 3
const LETTERS = 'bcdfghjkmnpqrstvwxz23456789'
const BAR = '|'

/** What the marks and the frame of one answer take, in tokens, generously. */
export const FRAME_TOKENS = 20

export const INSTRUCTIONS = [
  'The next message is a JSON object with a list of questions from people who do not know of each other.',
  'Answer every question by the instructions above, as if it were the only message that you got.',
  'Reply with one JSON object and nothing else: {"answers":["id|answer|end"]}, one string for each question.',
  'In each string copy the id of the question, write a vertical bar, your whole answer, a vertical bar, and copy the',
  'end of the same question.',
].join(' ')

/** Two marks that nobody can guess, so that the text of one question cannot pass for the answer to another. */
export function newMarks(random: () => number): Marks {
  const mark = () =>
    Array.from({ length: MARK_LENGTH }, () => LETTERS[Math.floor(random() * LETTERS.length)] ?? LETTERS[0]).join('')
  return { begin: mark(), end: mark() }
}

export function questionOf(text: string, { begin, end }: Marks): Buffer {
  return Buffer.from(JSON.stringify({ id: begin, text, end }))
}

/** The answers in the order of the marks; null for each that is not there, or not beyond doubt. */
export function answersIn(reply: string, marks: readonly Marks[]): readonly (string | null)[] {
  const byBegin = new Map<string, string | null>()
  for (const said of stringsIn(reply)) {
    const first = said.indexOf(BAR)
    if (first === -1) continue
    const begin = said.slice(0, first).trim()
    byBegin.set(begin, byBegin.has(begin) ? null : said.slice(first + 1))
  }
  const isUnique = ({ begin }: Marks) => marks.filter((other) => other.begin === begin).length === 1
  return marks.map((mark) => (isUnique(mark) ? betweenMarks(byBegin.get(mark.begin) ?? null, mark) : null))
}

function betweenMarks(rest: string | null, { end }: Marks): string | null {
  if (rest === null) return null
  const last = rest.lastIndexOf(BAR)
  if (last === -1 || rest.slice(last + 1).trim() !== end) return null
  const answer = rest.slice(0, last).trim()
  return answer === '' ? null : answer
}

/** Those of the list `answers`; of a reply that is cut off, or stands among other words, as far as they are whole. */
function stringsIn(reply: string): readonly string[] {
  const parsed = parseReply(Buffer.from(reply))
  if (parsed.kind === 'json') {
    const answers = isObject(parsed.value) ? parsed.value['answers'] : null
    return Array.isArray(answers) ? answers.filter((answer) => typeof answer === 'string') : []
  }
  const start = reply.search(/\{\s*"answers"\s*:\s*\[/)
  if (start === -1) return []
  const bytes = Buffer.from(reply.slice(reply.indexOf('[', start)))
  const found: string[] = []
  for (const span of scanElements(bytes, { start: 0, end: bytes.length })) {
    const text = readString(bytes, span)
    if (text !== null) found.push(text)
  }
  return found
}

/**
 * The most tokens that a text can have by any vocabulary in use: two letters a token at least within a word, and one
 * for each byte of everything else.
 */
export function mostTokensOf(text: string): number {
  let tokens = 0
  for (const [run] of text.matchAll(/[A-Za-z]+|[^A-Za-z]+/g)) {
    tokens += /^[A-Za-z]/.test(run) ? Math.ceil(run.length / 2) : Buffer.byteLength(run)
  }
  return tokens
}
