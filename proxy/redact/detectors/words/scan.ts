// The scanner of a company's own words: customers, projects, products, from the rule and its word lists.
//
//   code unit -> class -> node of the automaton -> a word ends here? -> neighbours fit? -> finding
//
// Case does not count. Letters and digits of scripts that put spaces between words need a neighbour that is none;
// Han, kana and the like match anywhere. Of words that overlap the longest counts. Linear in the text.

import type { Detection, UnitScanner } from '../detection.ts'
import type { WordAutomaton } from './trie.ts'
import { MAX_WORDS, MAX_WORD_CHARACTERS, MAX_WORD_LENGTH, buildAutomaton } from './trie.ts'
import type { Units } from '../text/units.ts'

export const WORD = 'Word'

export type WordsCheck = { readonly kind: 'ok' } | { readonly kind: 'refused'; readonly reason: string }

/** Whether the words of a rule are within the bounds of createWordScanner. */
export function checkWords(words: readonly string[]): WordsCheck {
  if (words.length > MAX_WORDS) return refused(`${words.length} words are more than ${MAX_WORDS}`)
  const long = words.findIndex((word) => word.length > MAX_WORD_LENGTH)
  if (long >= 0) return refused(`word ${long + 1} is longer than ${MAX_WORD_LENGTH} characters`)
  const characters = words.reduce((sum, word) => sum + word.length, 0)
  if (characters <= MAX_WORD_CHARACTERS) return { kind: 'ok' }
  return refused(`the words have ${characters} characters, more than ${MAX_WORD_CHARACTERS}`)
}

function refused(reason: string): WordsCheck {
  return { kind: 'refused', reason }
}

/** Throws a RangeError for words that checkWords refuses. */
export function createWordScanner(words: readonly string[]): UnitScanner {
  const check = checkWords(words)
  if (check.kind === 'refused') throw new RangeError(check.reason)
  const automaton = buildAutomaton(words)
  if (automaton.nodes === 1) return () => undefined
  return (text, found, scope) => {
    if (scope.isEnabled(WORD)) scan(automaton, text, found)
  }
}

function scan(automaton: WordAutomaton, text: Units, found: Detection[]): void {
  const { classOf, fail, wordLength, output, child } = automaton
  const first = found.length
  let node = 0
  for (let at = 0; at < text.length; at++) {
    const sort = classOf[text.charCodeAt(at)] ?? 0
    if (sort === 0 || (node === 0 && joinsWord(text, at))) {
      node = 0
      continue
    }
    let next = child(node, sort)
    while (next === 0 && node !== 0) {
      node = fail[node] ?? 0
      next = child(node, sort)
    }
    node = next
    const ending = (wordLength[node] ?? 0) > 0 ? node : (output[node] ?? 0)
    if (ending !== 0) keepLongest({ automaton, text, found, first, ending, end: at + 1 })
  }
}

interface Ending {
  readonly automaton: WordAutomaton
  readonly text: Units
  readonly found: Detection[]
  /** Findings before this are others'. */
  readonly first: number
  readonly ending: number
  readonly end: number
}

/** The longest word that ends here with fitting neighbours takes the place of findings it covers. */
function keepLongest({ automaton, text, found, first, ending, end }: Ending): void {
  if (joinsWord(text, end)) return
  for (let node = ending; node !== 0; node = automaton.output[node] ?? 0) {
    const start = end - (automaton.wordLength[node] ?? 0)
    if (joinsWord(text, start)) continue
    place(found, first, { start, end })
    return
  }
}

interface Place {
  readonly start: number
  readonly end: number
}

/** In place of what it covers; of two that overlap the longer keeps all, the other what is left of it. */
function place(found: Detection[], first: number, { start, end }: Place): void {
  while (found.length > first && (found[found.length - 1]?.start ?? -1) >= start) found.pop()
  const last = found.length > first ? found[found.length - 1] : undefined
  if (last === undefined || last.end <= start) found.push(wordAt(start, end))
  else if (end - start > last.end - last.start) found.splice(-1, 1, wordAt(last.start, start), wordAt(start, end))
  else found.push(wordAt(last.end, end))
}

function wordAt(start: number, end: number): Detection {
  return { start, end, type: WORD, evidence: 'company word' }
}

const SPACED = /[\p{L}\p{N}]/u
const UNSPACED = new RegExp(
  `[${['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar'].map((script) => `\\p{Script=${script}}`).join('')}]`,
  'u',
)

/** Whether the characters on both sides of a place belong to one written word; at the text's ends they do not. */
function joinsWord(text: Units, place: number): boolean {
  return isSpaced(text.charCodeAt(place - 1)) && isSpaced(text.charCodeAt(place))
}

function isSpaced(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57)
  if (!(code < FIRST_UNSPACED || code > LAST_UNSPACED)) return false
  const unit = String.fromCharCode(code)
  return SPACED.test(unit) && !UNSPACED.test(unit)
}

/** Kana and Han, the bulk of what is unspaced. */
const FIRST_UNSPACED = 0x3040
const LAST_UNSPACED = 0x9fff
