// Puts a run's tables into docs/performance.md, between two marks; the text around them is written by hand.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FILE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))
const START = '<!-- The rest of this section is written by `npm run bench -- --docs`. -->'
const END = '<!-- End of the tables. -->'

export function updateDocument(tables: string): void {
  writeFileSync(FILE, withTables(readFileSync(FILE, 'utf8'), tables))
}

/** Throws where a mark is missing: a document that lost it would keep old figures in silence. */
export function withTables(document: string, tables: string): string {
  const start = document.indexOf(START)
  const end = document.indexOf(END)
  if (start === -1 || end < start) throw new Error(`docs/performance.md has lost its marks: ${START} ... ${END}`)
  return `${document.slice(0, start + START.length)}\n\n${tables}\n\n${document.slice(end)}`
}
