// The whole check of explanations: 10^4 calls made at random unless told otherwise; fails when one did not come true.
//
//   node test/soak/explain.ts [CALLS [SEED]]
import { checkExplanations } from './explanations.ts'

const [callsText = '10000', seedText] = process.argv.slice(2)
const seed = Number(seedText ?? Math.floor(Math.random() * 2 ** 31))
const { calls, mismatches, outcomes } = await checkExplanations({ calls: Number(callsText), seed })
const byName = Object.entries(outcomes).toSorted(([one], [other]) => (one < other ? -1 : 1))
for (const [outcome, count] of byName) process.stdout.write(`${count}\t${outcome}\n`)
for (const mismatch of mismatches) process.stdout.write(`WRONG ${mismatch}\n`)
process.stdout.write(`${calls} calls, ${mismatches.length} did not come true, seed ${seed}\n`)
// A watch over uploads that nobody makes would keep the process for half a minute.
process.exit(mismatches.length === 0 ? 0 : 1)
