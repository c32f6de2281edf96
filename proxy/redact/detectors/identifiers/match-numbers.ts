// Finds which kind of number, if any, a run of groups is: the most groups first, and of the kinds that fit so many
// the one with the best reason.
//
//   own label 4  >  form and check digits are enough 3  >  label of its group 2  >  is the whole text 1

import { LETTER, flagsAt } from './characters.ts'
import type { NumberForm, NumberRow } from './number-row.ts'
import type { Reader } from './reader.ts'
import { addFinding, isAlone, isSpokenAgainst, labelsOf } from './reader.ts'
import type { Run } from './run.ts'
import { isEvenlyJoined, isPlainJoiner, isWholeBefore, isWholeBehind, layoutKey } from './run.ts'

interface Entry {
  readonly row: NumberRow
  readonly form: NumberForm
  readonly template: string
  readonly hasLetters: boolean
}

export interface NumberIndex {
  /** By length, for numbers written as one. */
  readonly whole: readonly (readonly Entry[])[]
  /** By `layoutKey` of their groups. */
  readonly grouped: ReadonlyMap<number, readonly Entry[]>
}

const MAX_LENGTH = 24
const MAX_GROUPS = 7
const DIGIT_FORM = 0x39
const LETTER_FORM = 0x41
const EITHER_FORM = 0x58

export function createNumberIndex(rows: readonly NumberRow[]): NumberIndex {
  const whole: Entry[][] = Array.from({ length: MAX_LENGTH + 1 }, () => [])
  const grouped = new Map<number, Entry[]>()
  for (const row of rows) {
    for (const form of row.forms) {
      const entry = { row, form, template: form.form, hasLetters: /[AX]./.test(form.form) }
      if (form.isGrouped !== true) whole[form.form.length]?.push(entry)
      for (const layout of form.layouts ?? []) {
        const key = layoutKey(layout.split('-').map(Number))
        grouped.set(key, [...(grouped.get(key) ?? []), entry])
      }
    }
  }
  return { whole, grouped }
}

/** Offset behind the number that starts with the run; -1 when there is none. */
export function matchNumber(reader: Reader, index: NumberIndex): number {
  const { run, text } = reader
  if (run.groups === 0 || !isWholeBefore(text, run.start)) return -1
  for (let groups = Math.min(run.groups, MAX_GROUPS); groups > 0; groups--) {
    const length = run.counts[groups - 1] ?? 0
    const entries = groups === 1 ? index.whole[length] : index.grouped.get(run.layouts[groups - 1] ?? 0)
    if (entries === undefined || entries.length === 0) continue
    const end = run.ends[groups - 1] ?? 0
    if (!isWholeBehind(text, end)) continue
    const best = bestOf({ entries, groups, length, end }, reader)
    if (best !== null)
      return addFinding(reader, { start: run.start, end, type: best.row.name, evidence: best.evidence })
  }
  return -1
}

interface Candidate {
  readonly entries: readonly Entry[]
  readonly groups: number
  readonly length: number
  readonly end: number
}

interface Match {
  readonly row: NumberRow
  readonly evidence: string
}

function bestOf(candidate: Candidate, reader: Reader): Match | null {
  let best: Match | null = null
  let bestRank = 0
  for (const entry of candidate.entries) {
    if (!fits(entry, candidate, reader.run) || !reader.isEnabled(entry.row.name)) continue
    if (isSpokenAgainst(reader, reader.run.start)) return null
    const rank = rankOf(entry, candidate, { reader, isOnly: entry === candidate.entries.at(-1) && best === null })
    if (rank <= bestRank) continue
    best = { row: entry.row, evidence: EVIDENCE[rank] ?? '' }
    bestRank = rank
  }
  return best
}

/** By rank. */
const EVIDENCE = ['', 'check digit, the whole text', 'label', 'form and check digit', 'label of its own']

interface Surroundings {
  readonly reader: Reader
  /** No other kind fits: a label could not change which one it is. */
  readonly isOnly: boolean
}

function rankOf({ row, form, hasLetters }: Entry, { end }: Candidate, { reader, isOnly }: Surroundings): number {
  const isForm = form.need === 'shape' && (!hasLetters || !hasLower(reader.text, reader.run.start, end))
  if (isForm && isOnly) return 3
  const labels = labelsOf(reader, reader.run.start, end)
  if (labels.owners.includes(row.name)) return 4
  if (isForm) return 3
  if (labels.isNegative) return 0
  if ((labels.nearest & row.bits) !== 0) return 2
  return form.need !== 'label' && isAlone(reader, reader.run.start, end) ? 1 : 0
}

function hasLower(text: string, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    if ((flagsAt(text, index) & LETTER) !== 0 && text.charCodeAt(index) > 0x60 && text.charCodeAt(index) < 0x7b)
      return true
  }
  return false
}

function fits({ template, form }: Entry, { groups, length }: Candidate, run: Run): boolean {
  if (template.length !== length) return false
  for (let index = 0; index < length; index++) {
    const wanted = template.charCodeAt(index)
    const code = run.codes[index] ?? 0
    if (
      wanted === DIGIT_FORM
        ? code > 0x39
        : wanted === LETTER_FORM
          ? code < 0x41
          : wanted !== EITHER_FORM && wanted !== code
    ) {
      return false
    }
  }
  return (groups === 1 || isJoinedAs(form, groups, run)) && (form.check === undefined || form.check(run.codes, length))
}

function isJoinedAs(form: NumberForm, groups: number, run: Run): boolean {
  if (form.isUneven !== true && !isEvenlyJoined(run, groups)) return false
  for (let index = 1; index < groups; index++) {
    const joiner = run.joiners[index] ?? 0
    const isAllowed =
      form.joiners === undefined ? isPlainJoiner(joiner) : form.joiners.includes(String.fromCharCode(joiner))
    if (!isAllowed) return false
  }
  return true
}
