// `node test/bench/classification/judge.ts SAMPLES.jsonl`: how often the classifier is right about whole calls that
// carry texts it was not trained on, and what a call costs. Prints the tables of docs/classification.md.
import { createClassifier } from '../../../proxy/classify/classifier.ts'
import type { Classification } from '../../../proxy/classify/classify.ts'
import { callOf } from './call.ts'
import { isHeldOut, samplesIn, type Sample } from './corpus.ts'
import { chunkOf, createRandom } from './random.ts'

const QUESTION_CHARACTERS = 600
const QUOTE_CHARACTERS = 120
const COST_ROUNDS = 3000

const [from] = process.argv.slice(2)
if (from === undefined) throw new Error('usage: judge.ts SAMPLES.jsonl')
const samples = samplesIn(from).filter(isHeldOut)
const code = samples.filter(({ kind }) => kind === 'code')
const prose = samples.filter(({ kind }) => kind === 'prose')
const random = createRandom(11)
const classifier = createClassifier()

console.log(`${code.length} files of code in ${new Set(code.map(({ source }) => source)).size} languages,`)
console.log(`${prose.length} texts of prose from ${new Set(prose.map(({ source }) => source)).size} sources\n`)
judgeKinds()
judgeLanguages()
measureCost()

function classificationOf(text: string): Classification | null {
  const call = callOf(text)
  const reading = classifier.read(call)
  return reading === null ? null : classifier.classify(call, reading)
}

interface Task {
  readonly name: string
  readonly of: Sample['kind']
  readonly isCode: boolean
  readonly textOf: (sample: Sample) => string
}

function judgeKinds(): void {
  const snippet = (sample: Sample) => chunkOf(sample.text, 200, random)
  const question = (text: string) => chunkOf(text, QUESTION_CHARACTERS, random)
  const quote = () => chunkOf(pick(code).text, QUOTE_CHARACTERS, random)
  const tasks: readonly Task[] = [
    { name: 'code, whole', of: 'code', isCode: true, textOf: ({ text }) => text },
    { name: 'prose, whole', of: 'prose', isCode: false, textOf: ({ text }) => text },
    { name: 'code, 200 characters', of: 'code', isCode: true, textOf: snippet },
    { name: 'prose, 200 characters', of: 'prose', isCode: false, textOf: snippet },
    {
      name: 'a question that quotes a line of code, fenced',
      of: 'prose',
      isCode: false,
      textOf: ({ text }) => `${question(text)}\n\`\`\`\n${quote()}\n\`\`\`\n`,
    },
    {
      name: 'a question that quotes a line of code, unfenced',
      of: 'prose',
      isCode: false,
      textOf: ({ text }) => `${question(text)}\n\n${quote()}\n`,
    },
    {
      name: 'code with a sentence that asks',
      of: 'code',
      isCode: true,
      textOf: ({ text }) => `Please find out why this fails and mend it:\n\n${chunkOf(text, 1000, random)}`,
    },
  ]
  console.log('| texts | judged Code | judged Text | right |\n|---|---|---|---|')
  for (const task of tasks) {
    const among = task.of === 'code' ? code : prose
    const asCode = among.filter((sample) => classificationOf(task.textOf(sample))?.content === 'Code').length
    const right = task.isCode ? asCode : among.length - asCode
    console.log(`| ${task.name} | ${asCode} | ${among.length - asCode} | ${percent(right, among.length)} |`)
  }
}

function pick(among: readonly Sample[]): Sample {
  const sample = among[Math.floor(random() * among.length)]
  if (sample === undefined) throw new Error('no samples')
  return sample
}

function judgeLanguages(): void {
  console.log('\n| programming language | files | as Code, whole | as Code, 200 characters | language told, whole |')
  console.log('|---|---|---|---|---|')
  for (const [source, files] of Map.groupBy(code, (sample) => sample.source)) {
    const whole = files.map(({ text }) => classificationOf(text))
    const short = files.map(({ text }) => classificationOf(chunkOf(text, 200, random)))
    const asCode = (list: readonly (Classification | null)[]) =>
      percent(list.filter((each) => each?.content === 'Code').length, files.length)
    const told = whole.filter((each) => each?.programmingLanguage === source).length
    console.log(
      `| ${source} | ${files.length} | ${asCode(whole)} | ${asCode(short)} | ${percent(told, files.length)} |`,
    )
  }
}

function measureCost(): void {
  console.log('\n| size of the text | read and classified |\n|---|---|')
  for (const sizeBytes of [256, 1024, 16_384, 1_048_576, 10_485_760]) {
    const text = prose
      .map((sample) => sample.text)
      .join('\n')
      .repeat(2)
      .slice(0, sizeBytes)
    const call = callOf(text)
    const rounds = Math.max(5, Math.min(COST_ROUNDS, Math.floor(30_000_000 / sizeBytes)))
    const run = () => {
      const reading = classifier.read(call)
      if (reading !== null) classifier.classify(call, reading)
    }
    for (let round = 0; round < rounds; round += 1) run()
    const startMs = performance.now()
    for (let round = 0; round < rounds; round += 1) run()
    console.log(`| ${sizeBytes} B | ${(((performance.now() - startMs) * 1000) / rounds).toFixed(0)} us |`)
  }
}

function percent(part: number, whole: number): string {
  return `${((part / Math.max(1, whole)) * 100).toFixed(1)} %`
}
