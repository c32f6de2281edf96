// `node test/bench/detection.ts FOLDER`: how fast texts are read for what is private, on one core, warm. The folder holds
// labelled corpora (*.jsonl, a text each line); their texts are joined into documents of 64 KiB, in order and mixed.
// Prints MB (UTF-8) a CPU second for the credentials' profile and for Standard, the time of a request of 16 KiB, and
// the slowest of the hostile strings.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { detect } from '../../proxy/redact/detectors/detect.ts'
import { compilePolicy, type DetectionPolicy } from '../../proxy/redact/detectors/policy.ts'
import type { RedactionProfile } from '../../proxy/table/schema.ts'

const DOCUMENT_BYTES = 64 * 1024
const REQUEST_BYTES = 16 * 1024
/** So long the engine goes on compiling, and its threads count as CPU. */
const WARM_MS = 4_000
const MEASURE_MS = 1_500
const REQUESTS = 2_000
const LONGEST_PER_TEN_THOUSAND = [5_000, 9_900]

const HOSTILE = [
  'a',
  '1',
  ' ',
  '@',
  'a.',
  'a@',
  '1-',
  '+1 (1 ',
  'A1',
  'Aa ',
  '张',
  '1 ',
  'a:',
  '/',
  '_',
  'api_key=',
  'http://a',
  'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0',
  '-----BEGIN PRIVATE KEY-----\n',
  'eyJhbGciOi',
]

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: node test/bench/detection.ts FOLDER')
main(folder)

function main(corpora: string): void {
  const names = readdirSync(corpora).filter((name) => name.endsWith('.jsonl'))
  const texts = new Map(names.map((name) => [name.replace('.jsonl', ''), readTexts(join(corpora, name))]))
  const mixed = interleave([...texts.values()])
  for (const profile of ['Credentials', 'Standard'] as const) {
    const policy = policyOf(profile)
    for (const [name, lines] of [...texts, ['mixed', mixed] as const]) {
      const speed = throughput(documentsOf(lines, DOCUMENT_BYTES), policy)
      console.log(`${profile.padEnd(12)} ${name.padEnd(20)} ${speed.toFixed(1)} MB/s`)
    }
  }
  const [median, p99] = latencies(documentsOf(mixed, REQUEST_BYTES), policyOf('Standard'))
  console.log(`Standard     request of 16 KiB    p50 ${median?.toFixed(2)} ms, p99 ${p99?.toFixed(2)} ms`)
  const { unit, ms } = slowestHostile(policyOf('Standard'))
  console.log(`Standard     hostile 64 KiB       ${ms.toFixed(1)} ms at most: ${JSON.stringify(unit)} repeated`)
}

/** Each is read twice, and the second time counts: the process is warm, the string is not. */
function slowestHostile(policy: DetectionPolicy): { readonly unit: string; readonly ms: number } {
  const times = HOSTILE.map((unit) => {
    const text = unit.repeat(Math.ceil(DOCUMENT_BYTES / unit.length))
    detect(text, policy)
    const startMs = performance.now()
    detect(text, policy)
    return { unit, ms: performance.now() - startMs }
  })
  return times.reduce((slowest, one) => (one.ms > slowest.ms ? one : slowest))
}

function policyOf(profile: RedactionProfile): DetectionPolicy {
  const redaction = { profile, add: [], remove: [], mode: 'Enforce', onFailure: 'Refuse' } as const
  return compilePolicy({ redaction, wordLists: new Map() })
}

function readTexts(path: string): readonly string[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.map((line) => (JSON.parse(line) as { readonly text: string }).text)
}

function interleave(lists: readonly (readonly string[])[]): readonly string[] {
  const longest = Math.max(...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat()
}

function documentsOf(texts: readonly string[], sizeBytes: number): readonly string[] {
  const documents: string[] = []
  let document = ''
  for (const text of texts) {
    document += `${text}\n`
    if (Buffer.byteLength(document) < sizeBytes) continue
    documents.push(document)
    document = ''
  }
  return documents.length === 0 ? [document] : documents
}

function throughput(documents: readonly string[], policy: DetectionPolicy): number {
  const sizeBytes = documents.reduce((total, document) => total + Buffer.byteLength(document), 0)
  const readAll = () => documents.reduce((found, document) => found + detect(document, policy).length, 0)
  const warmUntilMs = performance.now() + WARM_MS
  while (performance.now() < warmUntilMs) readAll()
  const start = process.cpuUsage()
  let rounds = 0
  let cpuUs = 0
  for (; cpuUs < MEASURE_MS * 1000; rounds += 1) {
    readAll()
    cpuUs = process.cpuUsage(start).user
  }
  return (sizeBytes * rounds) / cpuUs
}

function latencies(documents: readonly string[], policy: DetectionPolicy): readonly (number | undefined)[] {
  const times = Array.from({ length: REQUESTS }, (_, index) => {
    const startMs = performance.now()
    detect(documents[index % documents.length] ?? '', policy)
    return performance.now() - startMs
  }).toSorted((one, other) => one - other)
  return LONGEST_PER_TEN_THOUSAND.map((share) => times[Math.floor((REQUESTS * share) / 10_000)])
}
