// How well Chinese names are found in sentences as news, mail and chats have them: written and labelled by hand
// (chinese-news.txt), none of them seen in training. The figure is exact F1: a name counts with its both ends right.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createScan } from './scan.ts'

/** Ours stood at 0.86 when this was written; the goal is 0.74. */
const LEAST_F1 = 0.84
const LEAST_PRECISION = 0.9

interface Labelled {
  readonly text: string
  readonly names: ReadonlySet<string>
}

function readLabelled(): Labelled[] {
  const file = readFileSync(new URL('./chinese-news.txt', import.meta.url), 'utf8')
  return file
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(readLine)
}

function readLine(line: string): Labelled {
  const names = new Set<string>()
  let text = ''
  let start = 0
  for (const character of line) {
    if (character === '[') start = text.length
    else if (character === ']') names.add(`${start}-${text.length}`)
    else text += character
  }
  return { text, names }
}

describe('Chinese names in the style of real news', () => {
  const sentences = readLabelled()

  it('are checked on 200 sentences or more, a quarter of them without a name', () => {
    expect(sentences.length).toBeGreaterThanOrEqual(200)
    expect(sentences.filter(({ names }) => names.size === 0).length).toBeGreaterThanOrEqual(45)
  })

  it('are found with both ends right', () => {
    const scan = createScan()
    let gold = 0
    let said = 0
    let right = 0
    for (const { text, names } of sentences) {
      const found = scan(text, { enabled: ['PersonName'] })
      gold += names.size
      said += found.length
      right += found.filter(({ start, end }) => names.has(`${start}-${end}`)).length
    }
    expect(right / said).toBeGreaterThanOrEqual(LEAST_PRECISION)
    expect((2 * right) / (said + gold)).toBeGreaterThanOrEqual(LEAST_F1)
  })
})
