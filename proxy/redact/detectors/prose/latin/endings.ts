// Endings that family names of Europe's languages have and ordinary words have not: a word outside the lexicon that
// ends so is likely a name. Kept as hashes of the last two to six letters, without case and accents.

import { LETTER, letterClass } from './letters.ts'
import type { Letters } from './letters.ts'
import { addFlags, createWordTable, flagsOf, HASH_START, HASH_STEP } from './word-table.ts'
import type { WordTable } from './word-table.ts'
import type { Units } from '../../text/units.ts'

const ENDINGS =
  'sson sdottir sen son berg borg strom gren lund quist qvist dahl gaard gard stad ov ova ev eva yev yeva ' +
  'ovich evich ovna evna ' +
  'enko ski ska sky skaya skiy cki cka czyk wicz iak czak ic vic sek cek ak ik ova ek kova szky szki nyi ffy ' +
  'ssy nen lainen ' +
  'kkonen aitis aite iene auskas ez iz ini elli etti ucci acci escu eanu oglu mann hofer bauer meier meyer ' +
  'stein heim sma stra ' +
  'inga veld huis bergh eau ault oux ard ian yan dze shvili pour zadeh'

const SHORTEST_WORD = 5
const LONGEST = 7
const SLOTS = 512

export function createEndings(letters: Letters): WordTable {
  const table = createWordTable(SLOTS)
  for (const ending of ENDINGS.split(' ')) {
    let hash = HASH_START
    for (let i = ending.length - 1; i >= 0; i--) hash = step(letters, hash, ending.charCodeAt(i))
    addFlags(table, hash, 1)
  }
  return table
}

/** Whether the word that ends here ends as family names do. Its letters are before `end`, and hashed from behind. */
export function hasNameEnding(
  source: { readonly letters: Letters; readonly endings: WordTable },
  text: Units,
  end: number,
): boolean {
  const { letters, endings } = source
  for (let place = end - SHORTEST_WORD; place < end - 1; place++) {
    const kind = letterClass(letters, text.codes[place] ?? 0)
    if (kind !== LETTER.lower && kind !== LETTER.upper) return false
  }
  let hash = HASH_START
  for (let length = 1; length <= LONGEST; length++) {
    hash = step(letters, hash, text.codes[end - length] ?? 0)
    if (length > 1 && flagsOf(endings, hash) !== 0) return true
  }
  return false
}

const step = (letters: Letters, hash: number, code: number): number =>
  Math.imul(hash ^ (letters.plain[code] ?? code), HASH_STEP)
