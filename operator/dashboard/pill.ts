// A state in words, with a mark beside its colour for those who do not see colours.
// Used by page.ts and route-card.ts.
import { html, type Html } from './html.ts'

export type Tone = 'good' | 'waiting' | 'bad'

const MARKS: Readonly<Record<Tone, string>> = { good: '✓', waiting: '…', bad: '✕' }

export function pill(tone: Tone, words: string): Html {
  return html`<span class="pill ${tone}"><span aria-hidden="true">${MARKS[tone]}</span> ${words}</span>`
}
