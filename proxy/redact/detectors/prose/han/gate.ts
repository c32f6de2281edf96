// A first, cheap look at a place where a Han name could begin: seven pairs of characters, one small table. It lets pass
// nearly all names and one place in ten or so; only those are judged with all features (features.ts).
//
//   place with a trigger character -> sum of seven weights -> worth a full look?

import type { HanModel } from './model.ts'
import type { Units } from '../../text/units.ts'

export const GATE_SLOTS = 1 << 16
export const GATE_FEATURES = 7
const SHIFT = 16

const pair = (template: number, a: number, b: number): number =>
  (Math.imul((Math.imul(a, 0x9e3779b1) ^ b) + Math.imul(template, 0x3c6ef372), 0x85ebca6b) >>> SHIFT) & (GATE_SLOTS - 1)

/** The sum of the gate's weights, the greater the likelier a name begins here. Weights are in eighths of a logit. */
export function gateScore(model: HanModel, text: Units, place: number): number {
  const { gate, gateFolded } = model
  const { codes } = text
  const left = gateFolded[codes[place - 1] ?? 0] ?? 0
  const first = codes[place] ?? 0
  const second = gateFolded[codes[place + 1] ?? 0] ?? 0
  const third = gateFolded[codes[place + 2] ?? 0] ?? 0
  return (
    (gate[pair(1, first, second)] ?? 0) +
    (gate[pair(2, left, first)] ?? 0) +
    (gate[pair(3, second, third)] ?? 0) +
    (gate[pair(4, gateFolded[codes[place - 2] ?? 0] ?? 0, left)] ?? 0) +
    (gate[pair(5, third, gateFolded[codes[place + 3] ?? 0] ?? 0)] ?? 0) +
    (gate[pair(6, first, third)] ?? 0) +
    (gate[pair(7, second, 0)] ?? 0)
  )
}

/** The slots that `gateScore` sums, for training. */
export function gateSlots({ gateFolded }: HanModel, { codes }: Units, place: number): number[] {
  const at = (offset: number): number => gateFolded[codes[place + offset] ?? 0] ?? 0
  const first = codes[place] ?? 0
  return [
    pair(1, first, at(1)),
    pair(2, at(-1), first),
    pair(3, at(1), at(2)),
    pair(4, at(-2), at(-1)),
    pair(5, at(2), at(3)),
    pair(6, first, at(2)),
    pair(7, at(1), 0),
  ]
}
