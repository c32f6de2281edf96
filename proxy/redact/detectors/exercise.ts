// Warms detection up before the first call asks for it: the engine compiles what has run often, and a text that comes
// first would wait a hundred times as long as one that comes later. Made-up texts only, and nothing is kept of them.
//
//   the detectors' own samples and sentences, shuffled -> texts of some KiB -> detect, one text a step

import { detect } from './detect.ts'
import type { DetectionPolicy } from './policy.ts'
import { DETECTORS } from './table.ts'

const TEXT_UNITS = 2048
/** Steps until the engine has compiled nearly all of it. */
export const EXERCISE_STEPS = 256

/** Each step is one text, about a millisecond and the first ones more: let other work go on between them. */
export function* exercise(policy: DetectionPolicy, steps = EXERCISE_STEPS): Generator<number> {
  const lines = DETECTORS.flatMap(({ sample, description }) => [sample, description, `note: ${sample}, ${sample}`])
  for (let step = 0, from = 0; step < steps; step++) {
    let text = ''
    // A stride that shares no factor with the number of lines brings each of them, in another order every time round.
    while (text.length < TEXT_UNITS) {
      text += `${lines[from] ?? ''}${ENDS[from % ENDS.length] ?? ''}`
      from = (from + STRIDE) % lines.length
    }
    yield detect(text, policy).length
  }
}

const STRIDE = 7919
const ENDS = ['\n', '. ', ', ', ' - ', '。']
