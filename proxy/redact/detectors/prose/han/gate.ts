// A first, cheap look at a place where a Han name could begin: seven pairs of characters, one small table. It lets pass
// nearly all names and one place in ten or so; only those are judged with all features (features.ts).
//
//   place with a trigger character -> sum of seven weights -> worth a full look?

import type { HanModel } from './model.ts'
import type { Units } from '../../units.ts'

export const GATE_SLOTS = 1 << 16
export const GATE_FEATURES = 7
const SHIFT = 16

const pair = (template: number, a: number, b: number): number =>
  (Math.imul((Math.imul(a, 0x9e3779b1) ^ b) + Math.imul(template, 0x3c6ef372), 0x85ebca6b) >>> SHIFT) & (GATE_SLOTS - 1)

/** Digits are one character here, and so are Latin letters. */
function fold(code: number): number {
  if (code < 0x80) {
    if (code >= 0x30 && code <= 0x39) return 0x30
    if ((code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)) return 0x41
  }
  return code
}

const codeAt = (text: Units, place: number): number =>
  place < 0 || place >= text.length ? 0 : fold(text.codes[place] ?? 0)

/** The sum of the gate's weights, the greater the likelier a name begins here. Weights are in eighths of a logit. */
export function gateScore(model: HanModel, text: Units, place: number): number {
  const left = codeAt(text, place - 1)
  const first = text.codes[place] ?? 0
  const second = codeAt(text, place + 1)
  const third = codeAt(text, place + 2)
  const { gate } = model
  return (
    (gate[pair(1, first, second)] ?? 0) +
    (gate[pair(2, left, first)] ?? 0) +
    (gate[pair(3, second, third)] ?? 0) +
    (gate[pair(4, codeAt(text, place - 2), left)] ?? 0) +
    (gate[pair(5, third, codeAt(text, place + 3))] ?? 0) +
    (gate[pair(6, first, third)] ?? 0) +
    (gate[pair(7, second, 0)] ?? 0)
  )
}

/** The slots that `gateScore` sums, for training. */
export function gateSlots(text: Units, place: number): number[] {
  const left = codeAt(text, place - 1)
  const first = text.codes[place] ?? 0
  const second = codeAt(text, place + 1)
  const third = codeAt(text, place + 2)
  return [
    pair(1, first, second),
    pair(2, left, first),
    pair(3, second, third),
    pair(4, codeAt(text, place - 2), left),
    pair(5, third, codeAt(text, place + 3)),
    pair(6, first, third),
    pair(7, second, 0),
  ]
}
