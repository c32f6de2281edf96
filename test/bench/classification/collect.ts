// `node test/bench/classification/collect.ts SAMPLES.jsonl FOLDER...`: reads what the folders hold of code and prose
// into one file, for train.ts and judge.ts. Says how much there is of each source.
import { writeFileSync } from 'node:fs'
import { readCorpus } from './corpus.ts'

const [target, ...folders] = process.argv.slice(2)
if (target === undefined || folders.length === 0) throw new Error('usage: collect.ts SAMPLES.jsonl FOLDER...')
const samples = readCorpus(folders)
writeFileSync(target, samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''))
const counts = Map.groupBy(samples, ({ source }) => source)
console.log(
  [...counts]
    .map(([source, files]) => `${source} ${files.length}`)
    .toSorted()
    .join('\n'),
)
