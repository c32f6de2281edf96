// `node test/bench/tokens/calibrate.ts SAMPLES.jsonl FOLDER...`: fits the weights of proxy/classify/tokens to the
// tokenizers that others published and writes proxy/classify/tokens/weights.ts; then prints the errors on texts that
// were not fitted (docs/tokens.md). Least squares of the relative error, weights never below nothing, by coordinate
// descent. FOLDERs are searched for files of JSON.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FeatureCounter, FEATURES } from '../../../proxy/classify/tokens/features.ts'
import { KINDS, readTexts, type Text } from './texts.ts'
import { loadTokenizers, type Count } from './tokenizers.ts'

const ROUNDS = 400
const RIDGE = 1e-4
/** English, code, Chinese and JSON are what the goal names. */
const KIND_WEIGHTS: Readonly<Record<string, number>> = { European: 0.4 }
const SPEED_ROUNDS = 5000

const [samples, ...folders] = process.argv.slice(2)
if (samples === undefined || folders.length === 0) throw new Error('usage: calibrate.ts SAMPLES.jsonl FOLDER...')
const texts = readTexts(samples, folders)
const counter = new FeatureCounter()
const rows = texts.map((text) => ({ ...text, features: featuresOf(text.text) }))
type Row = (typeof rows)[number]

const tokenizers = await loadTokenizers()
const families = Object.entries(tokenizers).map(([family, count]) => fitFamily(family, count))
writeFileSync(join(import.meta.dirname, '../../../proxy/classify/tokens/weights.ts'), fileOf())
printErrors()
printSpeed()

function featuresOf(text: string): Float64Array {
  return Float64Array.from(counter.count(text))
}

interface Family {
  readonly family: string
  readonly weights: readonly number[]
  readonly counts: ReadonlyMap<Text, number>
}

function fitFamily(family: string, count: Count): Family {
  const counts = new Map<Row, number>(rows.map((row) => [row, count(row.text)]))
  const training = rows.filter((row) => !row.isHeldOut)
  return { family, weights: fit(training, counts), counts }
}

/** Each row divided by its count: then the distance from 1 is the relative error. */
function fit(training: readonly Row[], counts: ReadonlyMap<Row, number>): readonly number[] {
  const scaled = training.map((row) => {
    const tokens = counts.get(row) ?? 1
    return { values: Array.from(row.features, (value) => value / tokens), share: KIND_WEIGHTS[row.kind] ?? 1, rest: 1 }
  })
  const weights = FEATURES.map(() => 0)
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let feature = 0; feature < FEATURES.length; feature += 1) {
      let gradient = 0
      let curvature = RIDGE
      for (const { values, share, rest } of scaled) {
        const value = values[feature] ?? 0
        gradient += share * value * rest
        curvature += share * value * value
      }
      const before = weights[feature] ?? 0
      const after = Math.max(0, before + gradient / curvature)
      weights[feature] = after
      for (const row of scaled) row.rest -= (after - before) * (row.values[feature] ?? 0)
    }
  }
  return weights
}

function estimateOf(weights: readonly number[], features: Float64Array): number {
  return weights.reduce((sum, weight, index) => sum + weight * (features[index] ?? 0), 0)
}

/** Mean of the sizes of the relative errors, and the error of all together. */
function printErrors(): void {
  const heldOut = rows.filter((row) => row.isHeldOut)
  console.log(`| family | ${KINDS.join(' | ')} |\n|---|${KINDS.map(() => '---|').join('')}`)
  for (const { family, weights, counts } of families) {
    const cells = KINDS.map((kind) => {
      const among = heldOut.filter((row) => row.kind === kind)
      const estimates = among.map((row) => [estimateOf(weights, row.features), counts.get(row) ?? 1] as const)
      const mean = estimates.reduce((sum, [guess, real]) => sum + Math.abs(guess / real - 1), 0) / among.length
      const total =
        estimates.reduce((sum, [guess]) => sum + guess, 0) / estimates.reduce((sum, [, real]) => sum + real, 0)
      return `${(mean * 100).toFixed(1)} % (${total >= 1 ? '+' : ''}${((total - 1) * 100).toFixed(1)} %)`
    })
    console.log(`| ${family} | ${cells.join(' | ')} |`)
  }
  console.log(
    `\nheld out: ${KINDS.map((kind) => `${kind} ${heldOut.filter((row) => row.kind === kind).length}`).join(', ')}`,
  )
}

function printSpeed(): void {
  const english = texts.find(({ kind, text }) => kind === 'English' && text.length === 1024)?.text ?? ''
  for (let round = 0; round < SPEED_ROUNDS; round += 1) counter.count(english)
  const before = process.cpuUsage()
  for (let round = 0; round < SPEED_ROUNDS; round += 1) counter.count(english)
  const { user, system } = process.cpuUsage(before)
  console.log(`1 KiB: ${((user + system) / SPEED_ROUNDS).toFixed(1)} us of CPU`)
}

function fileOf(): string {
  const lines = families.map(
    ({ family, weights }) => `  ${family}: [${weights.map((weight) => Number(weight.toFixed(4))).join(', ')}],`,
  )
  return `// Tokens that each feature of a text costs (features.ts, in its order), by family of tokenizers. Fitted by
// test/bench/tokens/calibrate.ts to the tokenizers that others published; docs/tokens.md has the errors.
export const WEIGHTS = {
${lines.join('\n')}
}
`
}
