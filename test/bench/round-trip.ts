// The full product of the round trip, outside of CI: every record of the corpora that are named, in every place where
// text hides and in every stream format at random cuts; one record of each type at every cut. Prints the failures by
// place and format without the records' text, and ends with 1 when there is one.
//
//   node test/bench/round-trip.ts FILE.jsonl...   records: {"text", "spans": [{"start", "end", "type"}]}
import { readFileSync } from 'node:fs'
import { POSITIONS } from '../proxy/redact/bodies.ts'
import { maskingRig } from '../proxy/redact/masking-rig.ts'
import { TEXT_CASES } from '../proxy/redact/restore/stream-cases.ts'
import { cutAt, maskText, repeated, throughPlace } from '../proxy/redact/round-trip.ts'

interface CorpusRecord {
  readonly text: string
  readonly spans: readonly { readonly type: string }[]
}

const RANDOM_CUTS = 3
const rig = maskingRig({ isReal: true })
const failures = new Map<string, number>()
const seenTypes = new Set<string>()
let trips = 0
let seed = 1

/** Repeatable (Park and Miller, 1988). */
function random(below: number): number {
  seed = (seed * 48_271) % 2_147_483_647
  return seed % below
}

function fail(where: string, example: string): void {
  const count = failures.get(where) ?? 0
  failures.set(where, count + 1)
  if (count === 0) process.stderr.write(`${where}: ${example}\n`)
}

async function run(file: string): Promise<void> {
  const records = readFileSync(file, 'utf8').trim().split('\n')
  for (const [number, line] of records.entries()) {
    const record = JSON.parse(line) as CorpusRecord
    await trip(record, `${file}:${number + 1}`)
  }
}

async function trip({ text, spans }: CorpusRecord, at: string): Promise<void> {
  for (const position of POSITIONS) {
    const { comesBack } = await throughPlace(rig, text, position)
    trips += 1
    if (!comesBack) fail(position.name, at)
  }
  const masked = await maskText(rig, text)
  const isNew = spans.some(({ type }) => !seenTypes.has(type))
  for (const { type } of spans) seenTypes.add(type)
  const whole = repeated(masked, [masked.sent], TEXT_CASES[0] ?? failNoCase())
  // What never comes back leaves its placeholder.
  if (whole !== text && !whole.includes('XREF_')) fail('whole text', at)
  for (const streamCase of TEXT_CASES) {
    const { length } = masked.sent
    const cuts = isNew
      ? Array.from({ length }, (_, cut) => [cut])
      : [Array.from({ length: RANDOM_CUTS }, () => random(length + 1))]
    for (const places of cuts) {
      trips += 1
      if (repeated(masked, cutAt(masked.sent, places), streamCase) !== whole)
        fail(streamCase.name, `${at} cut at ${places.join()}`)
    }
  }
}

function failNoCase(): never {
  throw new Error('no stream format')
}

const startMs = performance.now()
for (const file of process.argv.slice(2)) await run(file)
const seconds = Math.round((performance.now() - startMs) / 1000)
process.stdout.write(
  `${trips} round trips, ${seenTypes.size} types, ${seconds} s; failures: ${JSON.stringify([...failures])}\n`,
)
if (failures.size > 0) process.exitCode = 1
