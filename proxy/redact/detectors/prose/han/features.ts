// Facts about one stretch of Han text that may be a name, as slots of a hashed linear model. The same code runs when
// the model is trained (test/bench/dictionaries/train-han.ts) and when it is used (names.ts): a change here needs a
// new training run.
//
//   candidate (start, given, end, kind) -> slots -> sum of their weights -> is it a name?

import { CLASS, CUE, hasBit, hashWord, lookUp } from './model.ts'
import type { HanModel } from './model.ts'
import { coarse, one, three, two } from './slots.ts'
import type { Units } from '../../text/units.ts'

/** Shapes of candidates. Foreign names are counted up from `foreign` by length. */
export const KIND = {
  one: 0,
  two: 1,
  compoundOne: 2,
  compoundTwo: 3,
  compoundThree: 4,
  addressed: 5,
  nickname: 6,
  anonymous: 7,
  foreign: 8,
} as const

/** A stretch that may be a name. */
export interface Candidate {
  readonly start: number
  /** Where the given name begins: behind the family name. Equal to `start` in a transliterated name. */
  readonly given: number
  readonly end: number
  readonly kind: number
}

/** The slots that a candidate fills at most. */
export const MOST_SLOTS = 64

const RING = 16
const HASH_START = 0x811c9dc5
const HASH_STEP = 0x01000193

/** Reads one text: keeps the words found at the last places looked at, and the slots of the last candidate. */
export interface HanReader {
  readonly text: Units
  readonly model: HanModel
  readonly slots: Int32Array
  readonly ringPlaces: Int32Array
  readonly ringWords: Uint16Array
  /** What stands before a candidate: read once for all that begin at the same place. */
  readonly before: Before
  readonly behind: Behind
}

/** Facts about the text behind a place, kept for the last places asked for: neighbouring candidates share ends. */
interface Behind {
  readonly places: Int32Array
  readonly words: Uint8Array
  readonly sayings: Uint8Array
}

/** Facts about the text before a place. */
interface Before {
  place: number
  left1: number
  left2: number
  left3: number
  crossing: number
  word: number
  title: number
  /** Of the last candidate: whether a saying verb stands behind it. */
  saying: number
}

export function createHanReader(model: HanModel, text: Units): HanReader {
  const ringPlaces = new Int32Array(RING).fill(-1)
  const before = { place: -1, left1: 0, left2: 0, left3: 0, crossing: 0, word: 0, title: 0, saying: 0 }
  const behind = { places: new Int32Array(RING).fill(-1), words: new Uint8Array(RING), sayings: new Uint8Array(RING) }
  return {
    text,
    model,
    slots: new Int32Array(MOST_SLOTS),
    ringPlaces,
    ringWords: new Uint16Array(RING),
    before,
    behind,
  }
}

/** What the word list says of the words of 2, 3 and 4 characters that begin at a place: 4 bits each. */
export function wordsAt(reader: HanReader, place: number): number {
  if (place < 0) return 0
  const ring = place & (RING - 1)
  if (reader.ringPlaces[ring] === place) return reader.ringWords[ring] ?? 0
  const { text, model } = reader
  let packed = 0
  if (isHan(model, text.codes[place] ?? 0) && isHan(model, text.codes[place + 1] ?? 0)) {
    let hash = Math.imul(
      Math.imul(HASH_START ^ (text.codes[place] ?? 0), HASH_STEP) ^ (text.codes[place + 1] ?? 0),
      HASH_STEP,
    )
    packed = lookUp(model.words, hash)
    if (isHan(model, text.codes[place + 2] ?? 0) && hasBit(model.prefixes, hash)) {
      hash = Math.imul(hash ^ (text.codes[place + 2] ?? 0), HASH_STEP)
      packed |= lookUp(model.words, hash) << 4
      if (isHan(model, text.codes[place + 3] ?? 0)) {
        hash = Math.imul(hash ^ (text.codes[place + 3] ?? 0), HASH_STEP)
        packed |= lookUp(model.words, hash) << 8
      }
    }
  }
  reader.ringPlaces[ring] = place
  reader.ringWords[ring] = packed
  return packed
}

const isHan = (model: HanModel, code: number): boolean => ((model.classes[code] ?? 0) & CLASS.han) !== 0

/** A word's 4 bits for a length of 2 to 4. */
const wordOf = (packed: number, length: number): number => (packed >> ((length - 2) * 4)) & 15

/** The code unit at a place, 0 outside the text, folded. */
const codeAt = ({ text, model }: HanReader, place: number): number => model.folded[text.codes[place] ?? 0] ?? 0

/** Whether words of the list lie across a boundary: the commonest of them, by those that begin before `from` places. */
function crossing(reader: HanReader, boundary: number, from: number): number {
  let most = 0
  for (let place = Math.max(from, boundary - 3); place < boundary; place++) {
    const packed = wordsAt(reader, place)
    if (packed === 0) continue
    for (let length = Math.max(2, boundary - place + 1); length <= 4; length++) {
      const word = wordOf(packed, length)
      const weight = word > 11 ? 6 : word
      if (weight > most) most = weight
    }
  }
  return most
}

/** The longest word of the list that ends at a place: length and frequency in one small number. */
function wordEndingAt(reader: HanReader, end: number): number {
  for (let length = 4; length >= 2; length--) {
    const word = wordOf(wordsAt(reader, end - length), length)
    if (word !== 0) return length * 16 + word
  }
  return 0
}

function wordStartingAt(reader: HanReader, start: number): number {
  const packed = wordsAt(reader, start)
  for (let length = 4; length >= 2; length--) {
    const word = wordOf(packed, length)
    if (word !== 0) return length * 16 + word
  }
  return 0
}

/** Whether a title ends at `start` or a saying verb begins at `end`; its length, 0 where none does. */
function cueBefore(reader: HanReader, start: number): number {
  if (!isWordCode(reader, start - 1)) return 0
  for (let length = Math.min(4, start); length >= 1; length--) {
    if (lookUp(reader.model.cues, hashWord(reader.text, start - length, start)) & CUE.before) return length
  }
  return 0
}

function cueAfter(reader: HanReader, end: number): number {
  if (!isWordCode(reader, end)) return 0
  let hash = HASH_START
  let longest = 0
  for (let length = 1; length <= 3 && end + length <= reader.text.length; length++) {
    hash = Math.imul(hash ^ (reader.text.codes[end + length - 1] ?? 0), HASH_STEP)
    if (lookUp(reader.model.cues, hash) & CUE.after) longest = length
  }
  return longest
}

/** Han or Latin: digits, marks and the ends of the text are no part of a cue word. */
const isWordCode = (reader: HanReader, place: number): boolean => {
  const code = place < 0 ? 0 : (reader.text.codes[place] ?? 0)
  return (code >= 0x41 && code <= 0x5a) || isHan(reader.model, code)
}

/** Fills `reader.slots` for a candidate and answers how many it filled. */
export function fillSlots(reader: HanReader, candidate: Candidate): number {
  const { slots } = reader
  let count = contextSlots(reader, candidate)
  const raw =
    candidate.kind >= KIND.foreign ? foreignSlots(reader, candidate, count) : nativeSlots(reader, candidate, count)
  const { shift } = reader.model
  for (count = 0; count < raw; count++) {
    const hash = slots[count] ?? 0
    slots[count] = (hash ^ (hash >>> 15)) >>> shift
  }
  return raw
}

function readBefore(reader: HanReader, start: number): Before {
  const { before } = reader
  if (before.place === start) return before
  before.place = start
  before.left1 = codeAt(reader, start - 1)
  before.left2 = codeAt(reader, start - 2)
  before.left3 = codeAt(reader, start - 3)
  before.crossing = crossing(reader, start, start - 3)
  before.word = wordEndingAt(reader, start)
  before.title = cueBefore(reader, start)
  return before
}

/** Answers where in the ring the facts behind a place stand. */
function readBehind(reader: HanReader, end: number): number {
  const { places, words, sayings } = reader.behind
  const ring = end & (RING - 1)
  if (places[ring] === end) return ring
  places[ring] = end
  words[ring] = wordStartingAt(reader, end)
  sayings[ring] = cueAfter(reader, end)
  return ring
}

function contextSlots(reader: HanReader, { start, end, kind }: Candidate): number {
  const { slots } = reader
  const isForeign = kind >= KIND.foreign ? 1 : 0
  const family = isForeign ? KIND.foreign : kind
  const { left1, left2, left3, crossing: crossLeft, word: before, title } = readBefore(reader, start)
  const right1 = codeAt(reader, end)
  const right2 = codeAt(reader, end + 1)
  const right3 = codeAt(reader, end + 2)
  const crossRight = crossing(reader, end, start)
  const ring = readBehind(reader, end)
  const after = reader.behind.words[ring] ?? 0
  const saying = reader.behind.sayings[ring] ?? 0
  reader.before.saying = saying
  const first = codeAt(reader, start)
  const last = codeAt(reader, end - 1)
  let n = 0
  slots[n++] = one(1, kind)
  slots[n++] = two(2, left1, isForeign)
  slots[n++] = two(3, left1, left2)
  slots[n++] = three(4, left1, left2, left3)
  slots[n++] = two(5, right1, family)
  slots[n++] = two(6, right1, right2)
  slots[n++] = three(7, right1, right2, right3)
  slots[n++] = two(8, left1, first)
  slots[n++] = two(9, last, right1)
  slots[n++] = three(10, last, right1, right2)
  slots[n++] = two(11, crossLeft, kind)
  slots[n++] = two(12, crossRight, kind)
  slots[n++] = two(14, before, isForeign)
  slots[n++] = two(15, after, isForeign)
  slots[n++] = three(16, title > 0 ? 1 : 0, saying > 0 ? 1 : 0, kind)
  slots[n++] = three(19, before >> 4, after >> 4, coarse(before & 15) * 8 + coarse(after & 15))
  return n
}

function nativeSlots(reader: HanReader, { start, given, end, kind }: Candidate, from: number): number {
  const { slots } = reader
  const family = codeAt(reader, start)
  const given1 = codeAt(reader, given)
  const given2 = end - given > 1 ? codeAt(reader, given + 1) : 0
  const packed = wordsAt(reader, start)
  const length = end - start
  const whole = length <= 4 ? wordOf(packed, length) : 0
  const head = wordOf(packed, 2)
  const tail = end - given === 2 ? wordOf(wordsAt(reader, given), 2) : 0
  let n = from
  slots[n++] = two(30, family, kind)
  slots[n++] = two(31, given1, kind)
  slots[n++] = two(32, given2, kind)
  slots[n++] = two(33, given1, given2)
  slots[n++] = three(34, family, given1, kind)
  slots[n++] = two(35, whole, kind)
  slots[n++] = two(36, head, kind)
  slots[n++] = two(37, tail, kind)
  slots[n++] = three(40, whole, reader.before.title > 0 ? 1 : 0, reader.before.saying > 0 ? 1 : 0)
  slots[n++] = three(41, given1, given2, family)
  return n
}

function foreignSlots(reader: HanReader, { start, end, kind }: Candidate, from: number): number {
  const { slots, text, model } = reader
  const length = end - start
  const packed = wordsAt(reader, start)
  const whole = length <= 4 && length >= 2 ? wordOf(packed, length) : 0
  const isOpen = (place: number): number =>
    ((model.classes[codeAt(reader, place)] ?? 0) & (CLASS.foreign | CLASS.dot)) === 0 ? 0 : 1
  let n = from
  slots[n++] = two(50, codeAt(reader, start), kind)
  slots[n++] = two(51, codeAt(reader, end - 1), kind)
  slots[n++] = two(52, whole, kind)
  slots[n++] = three(53, isOpen(start - 1), isOpen(end), kind)
  slots[n++] = two(54, codeAt(reader, start), codeAt(reader, start + 1))
  slots[n++] = two(55, codeAt(reader, end - 2), codeAt(reader, end - 1))
  slots[n++] = three(56, codeAt(reader, end - 3), codeAt(reader, end - 2), codeAt(reader, end - 1))
  for (let place = start; place + 1 < end && n < MOST_SLOTS; place++) {
    slots[n++] = two(58, text.codes[place] ?? 0, text.codes[place + 1] ?? 0)
  }
  return n
}
