// npm run fuzz [-- CASES [SEED]]: throws CASES (100,000 unless it is told) hostile inputs at the proxy's parsers and
// fails when one of them throws or breaks its promise. A seed that is printed brings the same cases again.
import { runFuzz } from './run.ts'

const DEFAULT_CASES = 100_000

function main(): void {
  const [casesText, seedText] = process.argv.slice(2)
  const cases = Number(casesText ?? DEFAULT_CASES)
  const seed = Number(seedText ?? Math.floor(Math.random() * 2 ** 31))
  const startedAt = process.hrtime.bigint()
  let total = 0
  let failed = 0
  for (const { name, cases: run, failure } of runFuzz({ cases, seed })) {
    total += run
    if (failure !== null) failed += 1
    process.stdout.write(`${failure === null ? 'ok  ' : 'FAIL'} ${name.padEnd(28)} ${run} cases\n${failure ?? ''}`)
  }
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9
  process.stdout.write(`${total} cases, ${failed} failed, seed ${seed}, ${seconds.toFixed(1)} s\n`)
  process.exitCode = failed === 0 ? 0 : 1
}

main()
