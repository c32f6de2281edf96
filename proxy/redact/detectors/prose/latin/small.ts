// Names in text that has no capital letter at all, as people write in chats: words of the lexicon that are no ordinary
// words stand for the capitalised ones, so a run holds known names, initials and words that end as family names do.

import { hasNameEnding } from './endings.ts'
import { LETTER, letterClass } from './letters.ts'
import { CUE, FLAG } from './lexicon.ts'
import type { LatinModel } from './model.ts'
import { MOST_WORDS, readWord, SHAPE } from './words.ts'
import type { Word } from './words.ts'
import { standsIntroduced } from './surroundings.ts'
import type { Units } from '../../text/units.ts'

const SPACE = 0x20
const NAMES = FLAG.given | FLAG.surname
const NEVER = CUE.calendar | CUE.stop | CUE.organisation | CUE.title

/** Calls `visit` with the runs of words that may be names. */
export function visitSmallRuns(model: LatinModel, text: Units, visit: (run: readonly Word[]) => void): void {
  let previous = 0
  for (let place = 0; place < text.length; place++) {
    const code = text.codes[place] ?? 0
    if (letterClass(model.letters, code) !== LETTER.lower) {
      previous = code
      continue
    }
    const run = model.codeBefore[previous] === 1 ? [] : readSmallRun(model, text, place)
    if (run.length > 0) visit(run)
    const last = run.at(-1) ?? readWord(model, text, place)
    place = last.end - 1
    previous = text.codes[place] ?? 0
  }
}

function readSmallRun(model: LatinModel, text: Units, start: number): Word[] {
  const run: Word[] = []
  const isIntroduced = standsIntroduced(model, text, start)
  let place = start
  while (run.length < MOST_WORDS) {
    if (letterClass(model.letters, text.codes[place] ?? 0) !== LETTER.lower) break
    const word = readWord(model, text, place)
    const isInitial = word.shape === SHAPE.initial
    if (isInitial ? run.length === 0 : !isNameLike(model, text, { word, isBehind: run.length > 0 || isIntroduced }))
      break
    const { end } = word
    run.push({ ...word, shape: isInitial ? SHAPE.initial : SHAPE.capital })
    if ((text.codes[end] ?? 0) !== SPACE) break
    place = end + 1
  }
  while (run.at(-1)?.shape === SHAPE.initial) run.pop()
  return run
}

/** Known as a name and not as an ordinary word; behind a name or a label any unknown word will do. */
function isNameLike(model: LatinModel, text: Units, at: { readonly word: Word; readonly isBehind: boolean }): boolean {
  const { word } = at
  if (word.end - word.start < 3 || (word.cues & NEVER) !== 0 || (word.flags & FLAG.common) !== 0) return false
  return (word.flags & NAMES) !== 0 || (at.isBehind && (word.flags === 0 || hasNameEnding(model, text, word.end)))
}
