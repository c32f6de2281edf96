// The figures as tables, and docs/savings.md with them in it.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Merged, Repeats, Run, Vectors } from './experiments.ts'
import { KINDS } from './workload.ts'

const FILE = fileURLToPath(new URL('../../../docs/savings.md', import.meta.url))
const START = '<!-- The rest of this section is written by `node test/bench/savings.ts --docs`. -->'
const END = '<!-- End of the figures. -->'

export interface Figures {
  readonly repeats: Repeats
  readonly vectors: readonly Vectors[]
  readonly merged: readonly Merged[]
}

export function writePage(figures: string): void {
  const page = readFileSync(FILE, 'utf8')
  const [start, end] = [page.indexOf(START), page.indexOf(END)]
  if (start === -1 || end < start) throw new Error(`docs/savings.md has lost its marks: ${START} ... ${END}`)
  writeFileSync(FILE, `${page.slice(0, start + START.length)}\n\n${figures}\n\n${page.slice(end)}`)
}

export function print({ repeats, vectors, merged }: Figures): string {
  return [
    '### Repeated calls',
    ofRepeats(repeats),
    '### Embeddings',
    ofVectors(vectors),
    '### Questions of a classifier',
    ofMerged(merged),
  ].join('\n\n')
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US')
const money = (value: number) => value.toFixed(4)
const percent = (part: number, total: number) => (total === 0 ? '-' : `${((100 * part) / total).toFixed(1)} %`)
const change = (before: number, after: number) => {
  const share = before === 0 ? 0 : (100 * (after - before)) / before
  return `${share > 0 ? '+' : ''}${share.toFixed(1)} %`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'))
  return [head, rule, ...rows].map(line).join('\n')
}

function ofRepeats({ calls, repeated, avoided, without, with: cached, byKind, wrong }: Repeats): string {
  const rows = KINDS.map((kind) => {
    const of = byKind[kind]
    return [kind, whole(of.calls), whole(of.repeated), whole(of.avoided), percent(of.avoided, of.repeated)]
  })
  const all = ['**all**', whole(calls), whole(repeated), whole(avoided), `**${percent(avoided, repeated)}**`]
  const counted = table(['Calls', 'made', 'repeats', 'not sent', 'of the repeats'], [...rows, all])
  return `${counted}\n\n${compared(without, cached)}\n\nWrong or failed answers: ${wrong}.`
}

function compared(without: Run, saved: Run): string {
  return table(
    ['What the provider saw', 'without', 'with', 'change'],
    [
      ['calls', whole(without.bill.calls), whole(saved.bill.calls), change(without.bill.calls, saved.bill.calls)],
      ['cost', money(without.cost), money(saved.cost), change(without.cost, saved.cost)],
    ],
  )
}

function ofVectors(list: readonly Vectors[]): string {
  const rows = list.map(({ name, texts, without, with: merged, wrong }) => [
    name,
    whole(texts),
    whole(without.bill.calls),
    whole(merged.bill.calls),
    change(without.bill.calls, merged.bill.calls),
    change(without.cost, merged.cost),
    String(wrong),
  ])
  return table(['Callers', 'texts', 'calls without', 'calls with', 'calls', 'cost', 'wrong answers'], rows)
}

function ofMerged(list: readonly Merged[]): string {
  const rows = list.map(({ instructionTokens, mistakeShare, without, with: merged, wrong }) => [
    `${instructionTokens} tokens`,
    percent(mistakeShare, 1),
    whole(without.bill.calls),
    whole(merged.bill.calls),
    change(without.bill.calls, merged.bill.calls),
    change(without.cost, merged.cost),
    String(wrong),
  ])
  const head = [
    'Instructions',
    'replies with a mistake',
    'calls without',
    'calls with',
    'calls',
    'cost',
    'wrong answers',
  ]
  return table(head, rows)
}
