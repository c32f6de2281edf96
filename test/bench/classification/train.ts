// `node test/bench/classification/train.ts SAMPLES.jsonl`: trains proxy/classify/code-model.ts on what collect.ts found
// and writes proxy/classify/code-weights.ts. Two models with AdaGrad, over chunks of 200 to 3,200 characters: logistic
// regression for code or prose, softmax for the programming language. The same samples give the same weights.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FEW_TRIGRAMS, LANGUAGE_BITS, LANGUAGE_SHIFT } from '../../../proxy/classify/code-model.ts'
import { BUCKETS, createTrigrams } from '../../../proxy/classify/trigrams.ts'
import { isHeldOut, samplesIn, type Sample } from './corpus.ts'
import { chunkOf, createRandom, drawer } from './random.ts'

const STEPS = { kind: 2_000_000, language: 500_000 }
const RATE = { first: 0.5, last: 0.01 }
const SCALE = 15
const SHORT_CHUNK = 200
const LONG_CHUNK = 3000
const LANGUAGE_BUCKETS = 1 << LANGUAGE_BITS
/** A language of fewer files is not told. */
const FEWEST_FILES = 12

const [from] = process.argv.slice(2)
if (from === undefined) throw new Error('usage: train.ts SAMPLES.jsonl')
const samples = samplesIn(from).filter((sample) => !isHeldOut(sample))
const code = samples.filter(({ kind }) => kind === 'code')
const prose = samples.filter(({ kind }) => kind === 'prose')

interface Model {
  readonly weights: Float64Array
  readonly biases: readonly number[]
}

function trainKind(): Model {
  const random = createRandom(1)
  const draw = { code: drawer(code, random), prose: drawer(prose, random) }
  const learner = new Learner(BUCKETS, 1)
  for (let step = 0; step < STEPS.kind; step += 1) {
    const isCode = random() < 0.5
    const chunk = chunkOf(draw[isCode ? 'code' : 'prose']().text, lengthOf(random), random)
    learner.learn(chunk, {
      rate: rateAt(step / STEPS.kind),
      errors: ([score = 0]) => [sigmoid(score) - Number(isCode)],
    })
  }
  return learner.model()
}

function trainLanguage(): Model & { readonly names: readonly string[] } {
  const random = createRandom(2)
  const names = [...Map.groupBy(code, ({ source }) => source)]
    .filter(([, files]) => files.length >= FEWEST_FILES)
    .map(([source]) => source)
    .toSorted()
  const among = code.filter(({ source }) => names.includes(source))
  const draw = drawer(among, random)
  const learner = new Learner(LANGUAGE_BUCKETS, names.length)
  for (let step = 0; step < STEPS.language; step += 1) {
    const { text, source } = draw()
    const right = names.indexOf(source)
    const errors = (scores: readonly number[]) => softmax(scores).map((share, index) => share - Number(index === right))
    learner.learn(chunkOf(text, lengthOf(random), random), { rate: rateAt(step / STEPS.language), errors })
  }
  return { ...learner.model(), names }
}

interface Lesson {
  readonly rate: number
  /** What each output has too much. */
  readonly errors: (scores: readonly number[]) => readonly number[]
}

/** Weights of one bucket's outputs stand side by side. */
class Learner {
  readonly #outputs: number
  readonly #shift: number
  readonly #weights: Float64Array
  readonly #squares: Float64Array
  readonly #biases: number[]
  readonly #buckets = new Int32Array(8192)
  readonly #readTrigrams = createTrigrams()

  constructor(buckets: number, outputs: number) {
    this.#outputs = outputs
    this.#shift = buckets === BUCKETS ? 0 : LANGUAGE_SHIFT
    this.#weights = new Float64Array(buckets * outputs)
    this.#squares = new Float64Array(buckets * outputs).fill(1e-6)
    this.#biases = Array.from({ length: outputs }, () => 0)
  }

  learn(text: string, { rate, errors }: Lesson): void {
    const count = this.#readTrigrams(text, this.#buckets)
    const share = SCALE / Math.max(count, FEW_TRIGRAMS)
    const scores = [...this.#biases]
    for (let at = 0; at < count; at += 1) {
      const row = this.#rowAt(at)
      for (let output = 0; output < this.#outputs; output += 1) {
        scores[output] = (scores[output] ?? 0) + (this.#weights[row + output] ?? 0) * share
      }
    }
    const wrong = errors(scores)
    for (let at = 0; at < count; at += 1) {
      const row = this.#rowAt(at)
      for (let output = 0; output < this.#outputs; output += 1)
        this.#move(row + output, (wrong[output] ?? 0) * share, rate)
    }
    wrong.forEach((error, output) => (this.#biases[output] = (this.#biases[output] ?? 0) - rate * 0.01 * error))
  }

  model(): Model {
    return { weights: this.#weights, biases: this.#biases }
  }

  #rowAt(at: number): number {
    return ((this.#buckets[at] ?? 0) >>> this.#shift) * this.#outputs
  }

  #move(index: number, gradient: number, rate: number): void {
    const square = (this.#squares[index] ?? 0) + gradient * gradient
    this.#squares[index] = square
    this.#weights[index] = (this.#weights[index] ?? 0) - (rate * gradient) / Math.sqrt(square)
  }
}

function lengthOf(random: () => number): number {
  return random() < 0.5 ? SHORT_CHUNK : SHORT_CHUNK + Math.floor(random() * random() * LONG_CHUNK)
}

function rateAt(progress: number): number {
  return RATE.first * (1 - progress) + RATE.last
}

function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score))
}

function softmax(scores: readonly number[]): readonly number[] {
  const largest = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - largest))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}

/** Weights in one byte each; the few that are larger than 999 in 1,000 are cut. */
function packed(weights: Float64Array): { readonly scale: string; readonly base64: string } {
  const sizes = Array.from(weights, Math.abs).toSorted((one, other) => one - other)
  const unit = (sizes[Math.floor(sizes.length * 0.999)] ?? 1) / 127
  const bytes = Int8Array.from(weights, (weight) => Math.max(-127, Math.min(127, Math.round(weight / unit))))
  const base64 = Buffer.from(bytes.buffer).toString('base64')
  return { scale: (unit * SCALE).toPrecision(8), base64 }
}

function countsOf(among: readonly Sample[]): string {
  const counts = Map.groupBy(among, ({ source }) => source.split('-')[0] ?? source)
  const words = [...counts].map(([source, files]) => `${source} ${files.length}`).toSorted()
  return words.join(', ').replace(/(.{80,110}?, )/g, '$1\n//   ')
}

function fileOf(): string {
  const kind = packed(kindModel.weights)
  const language = packed(languageModel.weights)
  return `// Trained weights of code-model.ts: one signed byte a bucket, and one a bucket and language. Written by
// test/bench/classification/train.ts; what it was trained on is not part of it:
//
//   ${countsOf(code)}
//   ${countsOf(prose)}
export const CODE_WEIGHTS = {
  bias: ${(kindModel.biases[0] ?? 0).toFixed(6)},
  scale: ${kind.scale},
  base64: '${kind.base64}',
}

export const LANGUAGE_WEIGHTS = {
  names: ${JSON.stringify(languageModel.names)},
  biases: ${JSON.stringify(languageModel.biases.map((bias) => Number(bias.toFixed(4))))},
  scale: ${language.scale},
  base64: '${language.base64}',
}
`
}

const kindModel = trainKind()
const languageModel = trainLanguage()
writeFileSync(join(import.meta.dirname, '../../../proxy/classify/code-weights.ts'), fileOf())
