// Trains the Han name model (han/features.ts, han/gate.ts) and writes dictionaries/han-{words,weights,gate}.bin.
//
//   node train-han.ts PACKAGES OUT     PACKAGES: folder with the unpacked packages that NOTICE.md names
//
// Logistic regression by AdaGrad over all candidates of each sentence; figures on the held twelfth of the tagged text
// go to standard output. Never trained or tuned on one of the corpora that detection is scored on.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHanReader, fillSlots } from '../../../proxy/redact/detectors/prose/han/features.ts'
import { GATE_SLOTS, gateScore, gateSlots } from '../../../proxy/redact/detectors/prose/han/gate.ts'
import { unitsOf, type Units } from '../../../proxy/redact/detectors/text/units.ts'
import { openHanModel } from '../../../proxy/redact/detectors/prose/han/model.ts'
import type { HanModel } from '../../../proxy/redact/detectors/prose/han/model.ts'
import { bestApart, isTrigger, visitPlace } from '../../../proxy/redact/detectors/prose/han/names.ts'
import type { ScoredName, VisitCandidate } from '../../../proxy/redact/detectors/prose/han/names.ts'
import { addPairs, createRandom, drawOwn, gatherNames, readTagged, readWords, toSentences } from './han-source.ts'
import type { Sentence } from './han-source.ts'

const WEIGHT_SLOTS = 1 << 19
const EPOCHS = 7
const RATE = 0.15
const SCALE = 16
const GATE_SCALE = 8
/** A name that the gate stops is worse than a place it lets pass. */
const GATE_RECALL_WEIGHT = 8
const HELD_EVERY = 12
const LEAST_ERROR = 0.002

interface Learner {
  readonly model: HanModel
  readonly weights: Float32Array
  readonly gradients: Float32Array
  readonly gate: Float32Array
  readonly gateGradients: Float32Array
}

function main(packages: string, out: string): void {
  const random = createRandom()
  const lists = readWords(packages)
  const tagged = readTagged(packages)
  const pool = gatherNames(packages, lists, tagged)
  addPairs(lists, pool)
  const learner = createLearner(lists.file)
  const held = tagged.filter((_, i) => i % HELD_EVERY === 0).flatMap((line) => toSentences(line, null, random))
  const training = tagged.filter((_, i) => i % HELD_EVERY !== 0)
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const line of training) {
      const sentences = toSentences(line, random() < 0.8 ? pool : null, random)
      for (const sentence of [...sentences, ...drawOwn(pool, random)]) learn(learner, sentence)
    }
    process.stdout.write(`epoch ${epoch}: ${figures(learner, held)}\n`)
  }
  const gate = quantise(learner.gate, GATE_SCALE)
  learner.model.gate.set(gate)
  for (const least of [-24, -16, -8])
    process.stdout.write(`gate at ${least}: ${gateFigures(learner.model, held, least)}\n`)
  writeFileSync(join(out, 'han-gate.bin'), gate)
  writeFileSync(join(out, 'han-words.bin'), lists.file)
  writeFileSync(join(out, 'han-weights.bin'), quantise(learner.weights, SCALE))
}

function createLearner(words: Uint8Array): Learner {
  return {
    model: openHanModel({ words, weights: new Uint8Array(WEIGHT_SLOTS), gate: new Uint8Array(GATE_SLOTS) }),
    weights: new Float32Array(WEIGHT_SLOTS),
    gradients: new Float32Array(WEIGHT_SLOTS),
    gate: new Float32Array(GATE_SLOTS),
    gateGradients: new Float32Array(GATE_SLOTS),
  }
}

const quantise = (weights: Float32Array, scale: number): Int8Array =>
  Int8Array.from(weights, (weight) => Math.max(-127, Math.min(127, Math.round(weight * scale))))

function visitAll(model: HanModel, text: Units, visit: VisitCandidate): void {
  for (let place = 0; place < text.length; place++) visitPlace(model, text, place, visit)
}

function learn(learner: Learner, sentence: Sentence): void {
  const { model, weights, gradients } = learner
  learnGate(learner, sentence)
  const text = unitsOf(sentence.text)
  const reader = createHanReader(model, text)
  const wanted = new Map(sentence.names.map((name) => [name.start, name.end]))
  visitAll(model, text, (start, given, end, kind) => {
    const slots = reader.slots.subarray(0, fillSlots(reader, { start, given, end, kind }))
    const error = probability(weights, slots) - (wanted.get(start) === end ? 1 : 0)
    if (Math.abs(error) >= LEAST_ERROR) step({ weights, gradients }, slots, error)
  })
}

function learnGate(learner: Learner, sentence: Sentence): void {
  const starts = new Set(sentence.names.map((name) => name.start))
  const table = { weights: learner.gate, gradients: learner.gateGradients }
  const text = unitsOf(sentence.text)
  for (let place = 0; place < sentence.text.length; place++) {
    if (!isTrigger(learner.model, text, place)) continue
    const slots = gateSlots(learner.model, text, place)
    const isStart = starts.has(place)
    const error = probability(learner.gate, slots) - (isStart ? 1 : 0)
    step(table, slots, isStart ? error * GATE_RECALL_WEIGHT : error)
  }
}

function probability(weights: Float32Array, slots: Iterable<number>): number {
  let sum = 0
  for (const slot of slots) sum += weights[slot] ?? 0
  return 1 / (1 + Math.exp(-sum))
}

interface Table {
  readonly weights: Float32Array
  readonly gradients: Float32Array
}

function step({ weights, gradients }: Table, slots: Iterable<number>, error: number): void {
  for (const slot of slots) {
    gradients[slot] = (gradients[slot] ?? 0) + error * error
    weights[slot] = (weights[slot] ?? 0) - (RATE * error) / Math.sqrt(1 + (gradients[slot] ?? 0))
  }
}

function figures({ model, weights }: Learner, held: readonly Sentence[]): string {
  let gold = 0
  let said = 0
  let right = 0
  for (const { text: written, names } of held) {
    const text = unitsOf(written)
    const found: ScoredName[] = []
    const reader = createHanReader(model, text)
    visitAll(model, text, (start, given, end, kind) => {
      const slots = reader.slots.subarray(0, fillSlots(reader, { start, given, end, kind }))
      const score = probability(weights, slots) - 0.5
      if (score > 0) found.push({ start, given, end, kind, score })
    })
    const best = bestApart(found)
    const wanted = new Set(names.map((name) => `${name.start}-${name.end}`))
    gold += names.length
    said += best.length
    right += best.filter((name) => wanted.has(`${name.start}-${name.end}`)).length
  }
  const percent = (share: number): string => (100 * share).toFixed(1)
  return `P ${percent(right / said)} R ${percent(right / gold)} F1 ${percent((2 * right) / (said + gold))} of ${gold}`
}

function gateFigures(model: HanModel, held: readonly Sentence[], least: number): string {
  let passed = 0
  let characters = 0
  let names = 0
  let kept = 0
  for (const sentence of held) {
    const text = unitsOf(sentence.text)
    const passes = (place: number): boolean => isTrigger(model, text, place) && gateScore(model, text, place) >= least
    characters += sentence.text.length
    for (let place = 0; place < sentence.text.length; place++) if (passes(place)) passed++
    const starts = sentence.names.filter(({ start }) => isTrigger(model, text, start))
    names += starts.length
    kept += starts.filter(({ start }) => passes(start)).length
  }
  return `passes ${((100 * passed) / characters).toFixed(1)} % of places, ${((100 * kept) / names).toFixed(2)} % of names`
}

if (import.meta.main) main(process.argv[2] ?? '', process.argv[3] ?? '')
