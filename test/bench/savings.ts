// What the cache and the batches save: a generated workload through the real proxy, with them and without.
//
//   node test/bench/savings.ts [--quick] [--docs]     --docs writes the figures into docs/savings.md
import { parseArgs } from 'node:util'
import { measureMerged, measureRepeats, measureVectors, startBench, stopBench } from './savings/experiments.ts'
import { print, writePage, type Figures } from './savings/page.ts'

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, docs: { type: 'boolean' } } })
const scale = values.quick === true ? 0.1 : 1

const bench = await startBench()
try {
  const repeats = await measureRepeats(bench, 6000 * scale)
  const vectors = []
  for (const callers of [128, 32, 8, 2]) vectors.push(await measureVectors(bench, 4096 * scale, { callers }))
  for (const perSecond of [500, 100]) vectors.push(await measureVectors(bench, perSecond * 20 * scale, { perSecond }))
  const merged = []
  for (const [instructionTokens, mistakeShare] of [
    [600, 0],
    [600, 0.1],
    [600, 0.5],
    [200, 0.1],
    [50, 0.1],
  ] as const) {
    merged.push(await measureMerged(bench, { questions: 2048 * scale, instructionTokens, mistakeShare }))
  }
  const figures: Figures = { repeats, vectors, merged }
  const text = print(figures)
  if (values.docs === true) writePage(text)
  process.stdout.write(`${text}\n`)
} finally {
  await stopBench(bench)
}
