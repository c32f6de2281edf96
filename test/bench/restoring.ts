// What restoring costs: a stream of chat deltas through RawEvents and EventRestorer, with placeholders in it, against
// the same bytes cut into events alone. Prints microseconds of CPU a delta; ends with 1 above the limit.
//
//   node test/bench/restoring.ts
import { Buffer } from 'node:buffer'
import { openAiChatStream } from '../../proxy/dialect/openai-chat.ts'
import { SseReader } from '../../proxy/dialect/sse.ts'
import { EventRestorer } from '../../proxy/redact/restore/event-restorer.ts'
import { RawEvents } from '../../proxy/redact/restore/raw-events.ts'
import { restoringOf, tokenOf } from '../proxy/redact/restoring.ts'

const LIMIT_MICROSECONDS = 10
const DELTAS = 20_000
const ROUNDS = 7

const PEOPLE = Array.from({ length: 20 }, (_, index) => ({ word: 'EMAIL', value: `person${index}@example.com` }))
const words = 'The answer to your question is that we will write to them next week and extra text follows'.split(' ')

function deltas(): readonly Buffer[] {
  return Array.from({ length: DELTAS }, (_, index) => {
    const person = PEOPLE[index % PEOPLE.length]
    const token = person === undefined ? '' : tokenOf(person)
    // One placeholder in eight pieces in every hundred deltas.
    const place = index % 100
    const content =
      place < 8
        ? token.slice(place * 3, place === 7 ? undefined : place * 3 + 3)
        : ` ${words[index % words.length] ?? ''}`
    const event = {
      id: 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT',
      object: 'chat.completion.chunk',
      created: 1_741_569_952,
      model: 'gpt-5.4',
      service_tier: 'default',
      system_fingerprint: 'fp_44709d6fcb',
      choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }],
    }
    return Buffer.from(`data: ${JSON.stringify(event)}\n\n`)
  })
}

function microsecondsEach(run: (chunk: Buffer) => unknown, chunks: readonly Buffer[]): number {
  const { user, system } = process.cpuUsage()
  for (const chunk of chunks) run(chunk)
  const spent = process.cpuUsage({ user, system })
  return (spent.user + spent.system) / chunks.length
}

const chunks = deltas()
const read: number[] = []
const restored: number[] = []
for (let round = 0; round < ROUNDS; round += 1) {
  const reader = new SseReader()
  read.push(microsecondsEach((chunk) => reader.push(chunk), chunks))
  const raw = new RawEvents(openAiChatStream.framing)
  const events = new EventRestorer({ restoring: restoringOf(...PEOPLE), format: openAiChatStream, isJsonOutput: false })
  restored.push(microsecondsEach((chunk) => raw.push(chunk).flatMap((event) => events.push(event)), chunks))
}
const median = (numbers: readonly number[]) =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0
const extra = median(restored) - median(read)
process.stdout.write(
  `reading ${median(read).toFixed(2)} us, restoring ${median(restored).toFixed(2)} us: ${extra.toFixed(2)} us a delta\n`,
)
if (extra > LIMIT_MICROSECONDS) process.exitCode = 1
