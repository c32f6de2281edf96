// Endings that family names of Europe's languages have and ordinary words have not: a word outside the lexicon that
// ends so is likely a name. Kept as hashes of the last two to six letters, without case and accents.

import { hashPlain, LETTER, letterClass } from './letters.ts'
import type { Letters } from './letters.ts'
import { addFlags, createWordTable, flagsOf } from '../word-table.ts'
import type { WordTable } from '../word-table.ts'

const ENDINGS =
  'sson sdottir sen son berg borg strom gren lund quist qvist dahl gaard gard stad ov ova ev eva yev yeva ovich evich ovna evna ' +
  'enko ski ska sky skaya skiy cki cka czyk wicz iak czak ic vic sek cek ak ik ova ek kova szky szki nyi ffy ssy nen lainen ' +
  'kkonen aitis aite iene auskas ez iz ini elli etti ucci acci escu eanu oglu mann hofer bauer meier meyer stein heim sma stra ' +
  'inga veld huis bergh eau ault oux ard ian yan dze shvili pour zadeh'

const SHORTEST_WORD = 5
const SHORTEST = 2
const LONGEST = 7
const SLOTS = 512

export function createEndings(letters: Letters): WordTable {
  const table = createWordTable(SLOTS)
  for (const ending of ENDINGS.split(' ')) addFlags(table, hashPlain(letters, ending, { start: 0, end: ending.length }), 1)
  return table
}

/** Whether the word that ends here ends as family names do. Its letters are before `end`. */
export function hasNameEnding(source: { readonly letters: Letters; readonly endings: WordTable }, text: string, end: number): boolean {
  const { letters, endings } = source
  for (let place = end - SHORTEST_WORD; place < end; place++) {
    const kind = letterClass(letters, text.charCodeAt(place))
    if (kind !== LETTER.lower && kind !== LETTER.upper) return false
  }
  for (let length = SHORTEST; length <= LONGEST; length++) {
    if (flagsOf(endings, hashPlain(letters, text, { start: end - length, end })) !== 0) return true
  }
  return false
}
