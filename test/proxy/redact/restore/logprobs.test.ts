// Log probabilities of an answer whose text had placeholders, in the forms of every vendor, whole and event by event:
// however the model cut the text into tokens, the tokens put together are the text that the caller gets, no piece of a
// placeholder is left, and entries of other tokens stay as they came.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openAiChatStream } from '../../../../proxy/dialect/openai-chat.ts'
import { openAiResponsesStream } from '../../../../proxy/dialect/openai-responses.ts'
import { restoreDocument } from '../../../../proxy/redact/restore/document-restorer.ts'
import { restoreEvents } from '../../../../proxy/redact/restore/restoring-stream.ts'
import { restoringOf, tokenOf } from '../restoring.ts'

const EMAIL = { word: 'EMAIL', value: 'zoë.o"neil@example.com' }
const PERSON = { word: 'PERSON', value: '张伟' }
const MASKED = `Ask ${tokenOf(PERSON)} at ${tokenOf(EMAIL)}, and that is all of it.`
const CLEAR = `Ask ${PERSON.value} at ${EMAIL.value}, and that is all of it.`

interface Entry {
  readonly token: string
  readonly logprob: number
  readonly bytes?: readonly number[]
  readonly top_logprobs?: readonly object[]
}

const entryOf = (token: string): Entry => ({
  token,
  logprob: -0.5,
  bytes: [...Buffer.from(token)],
  top_logprobs: [{ token, logprob: -0.5 }],
})
const joined = (entries: readonly Entry[]) => entries.map(({ token }) => token).join('')
const total = (entries: readonly Entry[]) => entries.reduce((sum, { logprob }) => sum + logprob, 0)
const restored = (body: object): unknown =>
  JSON.parse(
    restoreDocument(Buffer.from(JSON.stringify(body)), {
      restoring: restoringOf(EMAIL, PERSON),
      isJsonOutput: false,
    }).toString('utf8'),
  )

const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 60, maxLength: 100 })

function cut(text: string, sizes: readonly number[]): readonly string[] {
  const pieces: string[] = []
  let at = 0
  for (const size of sizes) {
    if (at < text.length) pieces.push(text.slice(at, at + size))
    at += size
  }
  return at < text.length ? [...pieces, text.slice(at)] : pieces
}

test('a chat: tokens of placeholders become one entry, the others stay', () => {
  fc.assert(
    fc.property(cuts, (sizes) => {
      const entries = cut(MASKED, sizes).map(entryOf)
      const answer = { choices: [{ message: { content: MASKED }, logprobs: { content: entries, refusal: null } }] }
      const { choices } = restored(answer) as typeof answer
      const told = choices[0]?.logprobs.content ?? []
      expect(choices[0]?.message.content).toBe(CLEAR)
      expect(joined(told)).toBe(CLEAR)
      expect(total(told)).toBeCloseTo(total(entries))
      for (const one of told) {
        expect(Buffer.from(one.bytes ?? []).toString('utf8')).toBe(one.token)
      }
    }),
    { numRuns: 200 },
  )
})

test('completions, responses, Gemini and Ollama', () => {
  const tokens = cut(
    MASKED,
    Array.from({ length: 60 }, () => 4),
  )
  const entries = tokens.map(entryOf)
  const offsets = tokens.map((_, index) => index * 4)
  const old = { tokens, token_logprobs: tokens.map(() => -1), top_logprobs: tokens.map(() => ({ x: -1 })) }
  const completion = { choices: [{ text: MASKED, logprobs: { ...old, text_offset: offsets } }] }
  const [choice] = (restored(completion) as typeof completion).choices
  expect(choice?.logprobs.tokens.join('')).toBe(CLEAR)
  expect(choice?.logprobs.token_logprobs).toHaveLength(choice?.logprobs.tokens.length ?? 0)
  choice?.logprobs.text_offset.forEach((at, index) => {
    const token = choice.logprobs.tokens[index] ?? ''
    expect(CLEAR.slice(at, at + token.length)).toBe(token)
  })

  const responses = { output: [{ content: [{ type: 'output_text', text: MASKED, logprobs: entries }] }] }
  const parts = (restored(responses) as typeof responses).output[0]?.content[0]?.logprobs ?? []
  expect(joined(parts)).toBe(CLEAR)
  expect(parts[0]).toEqual(entries[0])
  expect(parts[1]).toMatchObject({ token: expect.stringContaining(PERSON.value) as string, top_logprobs: [] })
  expect(parts.at(-1)).toEqual(entries.at(-1))
  const ollama = { message: { content: MASKED }, logprobs: entries }
  expect(joined((restored(ollama) as typeof ollama).logprobs)).toBe(CLEAR)

  const chosenCandidates = tokens.map((token) => ({ token, tokenId: 7, logProbability: -1 }))
  const topCandidates = tokens.map((token) => ({ candidates: [{ token, logProbability: -1 }] }))
  const candidate = { content: { parts: [{ text: MASKED }] }, avgLogprobs: -1 }
  const gemini = { candidates: [{ ...candidate, logprobsResult: { chosenCandidates, topCandidates } }] }
  const [told] = (restored(gemini) as typeof gemini).candidates
  expect(told?.logprobsResult.chosenCandidates.map(({ token }) => token).join('')).toBe(CLEAR)
  expect(told?.logprobsResult.topCandidates).toHaveLength(told?.logprobsResult.chosenCandidates.length ?? 0)
  expect(JSON.stringify(told)).not.toMatch(/EF_EM|_PERSO/)
})

const linesOf = (stream: string) =>
  stream
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line): unknown => JSON.parse(line.slice(6)))

test('event by event: the entries of each event are its text, and probabilities of held tokens come with the value', () => {
  fc.assert(
    fc.property(cuts, (sizes) => {
      const options = { restoring: restoringOf(EMAIL, PERSON), isJsonOutput: false }
      const pieces = cut(MASKED, sizes)
      const chat = pieces.map((content) => ({
        choices: [{ index: 0, delta: { content }, logprobs: { content: [entryOf(content)] } }],
      }))
      const stream = (events: readonly object[]) =>
        Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''))
      const out = linesOf(restoreEvents(stream(chat), { ...options, format: openAiChatStream }).toString('utf8'))
      const told = out.flatMap((event) => (event as (typeof chat)[0]).choices)
      expect(told.map(({ delta }) => delta.content).join('')).toBe(CLEAR)
      for (const { delta, logprobs } of told) expect(joined(logprobs.content)).toBe(delta.content)
      expect(total(told.flatMap(({ logprobs }) => logprobs.content))).toBeCloseTo(-0.5 * pieces.length)

      const type = 'response.output_text.delta'
      const deltas = pieces.map((delta) => ({ type, item_id: 'i', delta, logprobs: [entryOf(delta)] }))
      const done = { type: 'response.output_text.done', item_id: 'i', text: MASKED, logprobs: pieces.map(entryOf) }
      const format = openAiResponsesStream
      const events = linesOf(restoreEvents(stream([...deltas, done]), { ...options, format }).toString('utf8'))
      for (const event of events) {
        const { delta, text, logprobs } = event as { delta?: string; text?: string; logprobs: Entry[] }
        expect(joined(logprobs)).toBe(delta ?? text)
      }
    }),
    { numRuns: 100 },
  )
})

test.each([
  ['null', null],
  ['a number', 7],
  ['lists of nothing', { content: null, refusal: [] }],
  ['entries that are none', { content: [1, null, 'x', { token: 5 }] }],
  ['lists of different lengths', { tokens: [MASKED], token_logprobs: [], text_offset: 'x' }],
])('%s in place of log probabilities breaks nothing', (_, logprobs) => {
  const answer = { choices: [{ message: { content: MASKED }, logprobs }] }
  expect((restored(answer) as typeof answer).choices[0]?.message.content).toBe(CLEAR)
})
