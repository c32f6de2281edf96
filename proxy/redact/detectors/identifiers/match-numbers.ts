// Finds which kind of number, if any, a run of groups is: the most groups first, and of the kinds that fit so many
// the one with the best reason.
//
//   own label 4  >  form and check digits are enough 3  >  label of its group 2  >  is the whole text 1

import type { DetectorName } from '../detection.ts'
import { LETTER, flagsAt } from './characters.ts'
import type { Check } from './checksums.ts'
import type { Labels } from './labels.ts'
import { MAX_DISTANCE } from './labels.ts'
import type { Need, NumberForm, NumberRow } from './number-row.ts'
import type { Reader } from './reader.ts'
import { addFinding, isAlone, isSpokenAgainst, labelsOf } from './reader.ts'
import type { Run } from './run.ts'
import { isEvenlyJoined, isPlainJoiner, isRound, isWholeBefore, isWholeBehind, layoutKey } from './run.ts'
import type { Units } from '../text/units.ts'

/** A form with every field there, so that all of them are read alike. */
interface Entry {
  readonly row: { readonly name: DetectorName; readonly bits: number }
  readonly form: EntryForm
  readonly length: number
  /** Bits of the places that are digits, and letters, and of those whose character is given. */
  readonly digits: number
  readonly letters: number
  readonly given: readonly Given[]
  readonly hasLetters: boolean
}

interface Given {
  readonly index: number
  readonly code: number
}

interface EntryForm {
  readonly need: Need
  readonly isUneven: boolean
  readonly joiners: string | null
  readonly check: Check | null
}

/** What a text of one layout can be: by its form alone, and with a label or as the whole text. */
interface Bucket {
  readonly formed: Entry[]
  readonly labelled: Entry[]
  readonly all: Entry[]
  /** Groups whose labels speak for one of `labelled`. */
  bits: number
}

export interface NumberIndex {
  /** By length, for numbers written as one. */
  readonly whole: readonly Bucket[]
  /** By `layoutKey` of their groups. */
  readonly grouped: ReadonlyMap<number, Bucket>
}

const MAX_LENGTH = 24
const MAX_GROUPS = 7
const DIGIT_FORM = 0x39
const LETTER_FORM = 0x41
const EITHER_FORM = 0x58

export function createNumberIndex(rows: readonly NumberRow[]): NumberIndex {
  const whole = Array.from({ length: MAX_LENGTH + 1 }, emptyBucket)
  const grouped = new Map<number, Bucket>()
  for (const row of rows) {
    for (const form of row.forms) {
      const entry = entryOf(row, form)
      if (form.isGrouped !== true) addEntry(whole[form.form.length], entry)
      for (const layout of form.layouts ?? []) addEntry(bucketOf(grouped, layout), entry)
    }
  }
  return { whole, grouped }
}

function entryOf({ name, bits }: NumberRow, form: NumberForm): Entry {
  const { need, isUneven = false, joiners = null, check = null } = form
  return {
    row: { name, bits },
    form: { need, isUneven, joiners, check },
    length: form.form.length,
    digits: placesOf(form.form, DIGIT_FORM),
    letters: placesOf(form.form, LETTER_FORM),
    given: givenOf(form.form),
    hasLetters: /[AX]./.test(form.form),
  }
}

function placesOf(template: string, wanted: number): number {
  let places = 0
  for (let index = 0; index < template.length; index++) if (template.charCodeAt(index) === wanted) places |= 1 << index
  return places
}

function givenOf(template: string): readonly Given[] {
  return Array.from(template, (character, index) => ({ index, code: character.charCodeAt(0) })).filter(
    ({ code }) => code !== DIGIT_FORM && code !== LETTER_FORM && code !== EITHER_FORM,
  )
}

function bucketOf(grouped: Map<number, Bucket>, layout: string): Bucket {
  const key = layoutKey(layout.split('-').map(Number))
  const bucket = grouped.get(key) ?? emptyBucket()
  grouped.set(key, bucket)
  return bucket
}

function emptyBucket(): Bucket {
  return { formed: [], labelled: [], all: [], bits: 0 }
}

/** A form with letters in lower case needs more than its form, so it is in both lists. */
function addEntry(bucket: Bucket | undefined, entry: Entry): void {
  bucket?.all.push(entry)
  if (entry.form.need === 'shape') bucket?.formed.push(entry)
  if (entry.form.need === 'shape' && !entry.hasLetters) return
  bucket?.labelled.push(entry)
  if (bucket !== undefined) bucket.bits |= entry.row.bits
}

/** Offset behind the number that starts with the run; -1 when there is none. */
export function matchNumber(reader: Reader, index: NumberIndex): number {
  const { run, text } = reader
  if (run.groups === 0 || !isWholeBefore(text, run.start)) return -1
  for (let groups = Math.min(run.groups, MAX_GROUPS); groups > 0; groups--) {
    const length = run.counts[groups - 1] ?? 0
    const bucket = groups === 1 ? index.whole[length] : index.grouped.get(run.layouts[groups - 1] ?? 0)
    const end = run.ends[groups - 1] ?? 0
    if (bucket === undefined || bucket.all.length === 0 || !isWholeBehind(text, end)) continue
    const best = bestOf({ bucket, groups, length, end }, reader)
    if (best !== null)
      return addFinding(reader, { start: run.start, end, type: best.row.name, evidence: best.evidence })
  }
  return -1
}

interface Candidate {
  readonly bucket: Bucket
  readonly groups: number
  readonly length: number
  readonly end: number
}

interface Match {
  readonly row: Entry['row']
  readonly evidence: string
}

function bestOf(candidate: Candidate, reader: Reader): Match | null {
  const { formed, labelled } = candidate.bucket
  const form = firstFormed(formed, candidate, reader)
  if (form !== undefined && isSpokenAgainst(reader, reader.run.start)) return null
  const isSure = form !== undefined && labelled.length === 0
  const label = isSure ? null : bestLabelled(candidate, reader, form === undefined ? 0 : 3)
  if (label !== null) return label
  return form === undefined ? null : { row: form.row, evidence: EVIDENCE[3] ?? '' }
}

function firstFormed(formed: readonly Entry[], candidate: Candidate, reader: Reader): Entry | undefined {
  for (const entry of formed) if (isFormed(entry, candidate, reader)) return entry
  return undefined
}

function isFormed(entry: Entry, candidate: Candidate, reader: Reader): boolean {
  if (!fits(entry, candidate, reader.run) || !reader.isEnabled(entry.row.name)) return false
  return !entry.hasLetters || !hasLower(reader.text, reader.run.start, candidate.end)
}

/** Of the kinds that need a label, or to be the whole text, the best above rank `least`. */
function bestLabelled(candidate: Candidate, reader: Reader, least: number): Match | null {
  const { start } = reader.run
  if (!isAnyShaped(candidate, reader.run) || isRound(reader.run)) return null
  const isWholeText = isAlone(reader, start, candidate.end)
  const labels = labelsOf(reader, start, candidate.end)
  const isNamed = labels.owners.length > 0 || (labels.nearest & candidate.bucket.bits) !== 0
  if (labels.isDirectlyNegative || (!isWholeText && !isNamed)) return null
  let best: Match | null = null
  let bestRank = least
  for (const entry of candidate.bucket.labelled) {
    const rank = rankOf(entry, labels, isWholeText)
    if (rank <= bestRank || !fits(entry, candidate, reader.run) || !reader.isEnabled(entry.row.name)) continue
    best = { row: entry.row, evidence: EVIDENCE[rank] ?? '' }
    bestRank = rank
  }
  return best
}

function isAnyShaped(candidate: Candidate, run: Run): boolean {
  for (const entry of candidate.bucket.labelled) if (isShaped(entry, candidate, run)) return true
  return false
}

/** By rank. */
const EVIDENCE = ['', 'check digit, the whole text', 'label', 'form and check digit', 'label of its own']

function rankOf({ row, form }: Entry, labels: Labels, isWholeText: boolean): number {
  if (labels.owners.includes(row.name)) return 4
  if (labels.isNegative) return 0
  if (labels.distance <= MAX_DISTANCE && (labels.nearest & row.bits) !== 0) return 2
  return form.need !== 'label' && isWholeText ? 1 : 0
}

function hasLower(text: Units, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    if ((flagsAt(text, index) & LETTER) !== 0 && (text.codes[index] ?? 0) > 0x60 && (text.codes[index] ?? 0) < 0x7b)
      return true
  }
  return false
}

function fits(entry: Entry, candidate: Candidate, run: Run): boolean {
  const { form } = entry
  return isShaped(entry, candidate, run) && (form.check === null || form.check(run.codes, candidate.length))
}

function isShaped(entry: Entry, { groups, length }: Candidate, run: Run): boolean {
  const letters = run.letters[groups - 1] ?? 0
  if (entry.length !== length || (letters & entry.digits) !== 0 || (~letters & entry.letters) !== 0) return false
  for (const { index, code } of entry.given) if (run.codes[index] !== code) return false
  return groups === 1 || isJoinedAs(entry.form, groups, run)
}

function isJoinedAs(form: EntryForm, groups: number, run: Run): boolean {
  if (!form.isUneven && !isEvenlyJoined(run, groups)) return false
  for (let index = 1; index < groups; index++) {
    const joiner = run.joiners[index] ?? 0
    const isAllowed = form.joiners === null ? isPlainJoiner(joiner) : form.joiners.includes(String.fromCharCode(joiner))
    if (!isAllowed) return false
  }
  return true
}
