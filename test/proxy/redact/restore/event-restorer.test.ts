// Streams of every format: placeholders cut over events and events cut over chunks, at every place; several running
// texts side by side; what is signed; the tail at the end. Events are edited and never added.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anthropicStream } from '../../../../proxy/dialect/anthropic.ts'
import { openAiChatStream } from '../../../../proxy/dialect/openai-chat.ts'
import { openAiResponsesStream } from '../../../../proxy/dialect/openai-responses.ts'
import type { StreamFormat } from '../../../../proxy/dialect/stream-format.ts'
import { EventRestorer } from '../../../../proxy/redact/restore/event-restorer.ts'
import { RawEvents } from '../../../../proxy/redact/restore/raw-events.ts'
import { restoreEvents } from '../../../../proxy/redact/restore/restoring-stream.ts'
import { restoringOf, tokenOf } from '../restoring.ts'
import { ARGUMENT_CASES, TEXT_CASES } from './stream-cases.ts'

const EMAIL = { word: 'EMAIL', value: 'zoë.o"neil@example.com' }
const PERSON = { word: 'PERSON', value: '张伟' }
const PHONE = { word: 'PHONE', value: '13812345678', kind: 'number' as const }
const ALL = [EMAIL, PERSON, PHONE] as const

const optionsOf = (format: StreamFormat) => ({ restoring: restoringOf(...ALL), format, isJsonOutput: false })

/** The stream in chunks of bytes, cut before these offsets. */
function inChunks(stream: string, cuts: readonly number[], format: StreamFormat): string {
  const bytes = Buffer.from(stream)
  const raw = new RawEvents(format.framing)
  const events = new EventRestorer(optionsOf(format))
  const out: Buffer[] = []
  let from = 0
  for (const cut of [...cuts, bytes.length]) {
    out.push(...raw.push(bytes.subarray(from, cut)).flatMap((event) => events.push(event)))
    from = cut
  }
  out.push(...raw.end().flatMap((event) => events.push(event)), ...events.end())
  return Buffer.concat(out).toString('utf8')
}

const MASKED = `Ask ${tokenOf(PERSON)} at ${tokenOf(EMAIL)}.`
const CLEAR = `Ask ${PERSON.value} at ${EMAIL.value}.`

describe.each(TEXT_CASES)('$name', ({ format, write, read }) => {
  test('every cut of the text into events', () => {
    for (let size = 1; size <= MASKED.length; size += 1) {
      const pieces = MASKED.match(new RegExp(`.{1,${size}}`, 'gu')) ?? []
      const stream = write(pieces)
      const restored = restoreEvents(Buffer.from(stream), optionsOf(format)).toString('utf8')
      expect(read(restored)).toBe(CLEAR)
      expect(restored.split('\n').length).toBe(stream.split('\n').length)
    }
  })

  test('cuts of the bytes into chunks, inside of characters and line ends too', () => {
    const stream = write(MASKED.match(/.{1,5}/gu) ?? [])
    const length = Buffer.byteLength(stream)
    for (let cut = 0; cut <= length; cut += 7) expect(read(inChunks(stream, [cut], format))).toBe(CLEAR)
  })

  test('a text without placeholders passes byte by byte, in any chunks', () => {
    const stream = write(['Exactly what', ' was said: x', ' is ', '**E', ' and xr', 'ay"', 'end'])
    fc.assert(
      fc.property(fc.array(fc.nat(Buffer.byteLength(stream)), { maxLength: 20 }), (cuts) => {
        expect(
          inChunks(
            stream,
            cuts.toSorted((one, other) => one - other),
            format,
          ),
        ).toBe(stream)
      }),
    )
  })

  test('the tail of a stream that breaks off is what was sent', () => {
    const stream = write([`Ask ${tokenOf(PERSON).slice(0, 12)}`])
    expect(read(inChunks(stream, [], format))).toBe(`Ask ${tokenOf(PERSON).slice(0, 12)}`)
  })
})

describe.each(ARGUMENT_CASES)('arguments of tools: $name', ({ format, write, read }) => {
  const masked = JSON.stringify({ who: tokenOf(PERSON), mail: `<${tokenOf(EMAIL)}>`, phone: tokenOf(PHONE) })
  const clear = { who: PERSON.value, mail: `<${EMAIL.value}>`, phone: 13812345678 }

  test('are valid JSON with the values in it at every cut', () => {
    for (let size = 1; size <= masked.length; size += 1) {
      const pieces = masked.match(new RegExp(`.{1,${size}}`, 'gu')) ?? []
      expect(JSON.parse(read(restoreEvents(Buffer.from(write(pieces)), optionsOf(format)).toString('utf8')))).toEqual(
        clear,
      )
    }
  })
})

test('choices side by side are each restored, in the order of their events', () => {
  const event = (index: number, content: string) =>
    `data: {"choices":[{"index":${index},"delta":{"content":${JSON.stringify(content)}}}]}\n\n`
  const [email, person] = [tokenOf(EMAIL), tokenOf(PERSON)]
  const pieces = Array.from(
    { length: 8 },
    (_, at) => event(0, email.slice(3 * at, 3 * at + 3)) + event(1, person.slice(4 * at, 4 * at + 4)),
  )
  const restored = restoreEvents(
    Buffer.from(`${pieces.join('')}data: [DONE]\n\n`),
    optionsOf(openAiChatStream),
  ).toString('utf8')
  const said = ['', '']
  const order: number[] = []
  for (const [, json = ''] of restored.matchAll(/data: (\{.*\})/g)) {
    const [choice] = (JSON.parse(json) as { choices: { index: number; delta: { content: string } }[] }).choices
    if (choice === undefined) continue
    said[choice.index] += choice.delta.content
    order.push(choice.index)
  }
  expect(said).toEqual([EMAIL.value, PERSON.value])
  expect(order).toEqual(Array.from({ length: 16 }, (_, at) => at % 2))
})

test('thinking is signed and stays as it is', () => {
  const thinking = `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"${tokenOf(EMAIL)}"}}\n\n`
  expect(inChunks(thinking, [], anthropicStream)).toBe(thinking)
})

test('the events that repeat the whole text are restored too', () => {
  const email = tokenOf(EMAIL)
  const done = { type: 'response.output_text.done', item_id: 'i', text: `to ${email}` }
  const call = {
    type: 'function_call',
    call_id: 'c',
    name: 'f',
    arguments: `{"to":"${email}","n":"${tokenOf(PHONE)}"}`,
  }
  const message = { type: 'message', content: [{ type: 'output_text', text: email }] }
  const completed = { type: 'response.completed', response: { output: [message, call] } }
  const stream = [done, completed].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
  const restored = inChunks(stream, [], openAiResponsesStream)
  const [, last = ''] = [...restored.matchAll(/data: (.*)/g)].map(([, json]) => json)
  const { response } = JSON.parse(last) as { response: { output: [typeof message, typeof call] } }
  expect(restored).toContain(`"to ${JSON.stringify(EMAIL.value).slice(1, -1)}"`)
  expect(response.output[0].content[0]?.text).toBe(EMAIL.value)
  expect(JSON.parse(response.output[1].arguments)).toEqual({ to: EMAIL.value, n: 13812345678 })
})

test('an event without end of the provider is passed on when it is too many', () => {
  const restorer = new EventRestorer(optionsOf(openAiChatStream))
  const raw = new RawEvents(openAiChatStream.framing)
  const open = `data: {"choices":[{"index":0,"delta":{"content":"XREF_EM"}}]}\n\n`
  const other = `data: {"choices":[{"index":1,"delta":{"content":"a"}}]}\n\n`
  const out = raw.push(Buffer.from(open + other.repeat(400))).flatMap((event) => restorer.push(event))
  expect(Buffer.concat(out).toString()).toBe(open + other.repeat(400))
})
