// Figures go between the marks, and nothing else of the document changes.
import { expect, it } from 'vitest'
import { withTables } from './document.ts'

const START = '<!-- The rest of this section is written by `npm run bench -- --docs`. -->'
const END = '<!-- End of the tables. -->'

it('replaces what stands between the marks', () => {
  const document = `before\n${START}\nold\n${END}\nafter\n`
  expect(withTables(document, 'new')).toBe(`before\n${START}\n\nnew\n\n${END}\nafter\n`)
})

it.each([`${START}\nold`, `old\n${END}`, `${END}\n${START}`])('refuses a document that lost a mark: %j', (document) => {
  expect(() => withTables(document, 'new')).toThrow(/has lost its marks/)
})
