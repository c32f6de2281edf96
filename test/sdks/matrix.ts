// The matrix of SDKs: one SDK against providers of all dialects, through the real proxy. Each SDK's own test file calls
// `describeSdk`; what is asserted is what the SDK hands to the application, and what the provider was sent.
import { beforeAll, describe, expect, test } from 'vitest'
import type { DialectName } from '../../proxy/table/schema.ts'
import type { SdkKind } from './client.ts'
import { BASE_PATHS, failureOf, type Line, PROVIDER_KEY, useLine } from './line.ts'
import { AFTER_TOOLS, ASK, CALLS, REFUSAL, TEXT, USAGE } from './upstreams.ts'
import { describeVendorStreams } from './vendor-matrix.ts'

/** One red pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='

const TARGETS = Object.keys(BASE_PATHS) as DialectName[]
const CHATS = TARGETS.filter((dialect) => dialect !== 'Prompt')
/** aimock says neither for Ollama, and the prompt dialect has no place for them. */
const COUNTS_TOKENS: readonly DialectName[] = ['OpenAI', 'Anthropic', 'Gemini']
const TELLS_LENGTH = COUNTS_TOKENS
const WAYS = ['ask', 'stream'] as const

export function describeSdk(kind: SdkKind): void {
  describe(`the SDK ${kind.name}`, () => {
    const line = useLine(kind)
    describeVendorStreams(kind, line)
    describePackagedProvider(kind, line)
  })
}

function describePackagedProvider(kind: SdkKind, line: Line): void {
  describe.each(TARGETS)('to a provider that speaks %s', (dialect) => {
    beforeAll(() => line.aimAt(dialect))
    const usage = expectedUsage(kind, dialect)

    test('a plain answer', async () => {
      const answer = await line.sdk.ask({ text: ASK.plain })
      expect(answer).toMatchObject({ text: TEXT, calls: [], finish: kind.finish.stop, usage: usage.ask })
      expect(line.lastBody()).toContain(ASK.plain)
      expect(JSON.stringify(line.seen().at(-1))).toContain(PROVIDER_KEY)
      expect(JSON.stringify(line.seen())).not.toContain('placeholder')
    })

    test('a streamed answer', async () => {
      const { pieces, ...answer } = await line.sdk.stream({ text: ASK.plain })
      expect(answer).toMatchObject({ text: TEXT, calls: [], finish: kind.finish.stop })
      expect(answer.usage).toEqual(usage.stream)
      expect(pieces.length).toBeGreaterThan(1)
      expect(pieces.join('')).toBe(TEXT)
    })

    // OpenAI's responses are kept by the provider unless the caller says otherwise, and so are never in the cache.
    test.each(kind.isUnlikeVendor ? [] : ['plain'])('the same answer from the cache, %s', async () => {
      line.aimAt(dialect, { cache: { sampled: 'Store' } })
      const before = line.seen().length
      const first = await line.sdk.ask({ text: ASK.plain })
      expect(await line.sdk.ask({ text: ASK.plain })).toEqual(first)
      expect(line.seen().length - before).toBe(dialect === 'Prompt' ? 2 : 1)
      line.aimAt(dialect)
    })

    test.each([
      ['badRequest', 400, REFUSAL],
      ['rateLimit', 429, /rate limited|refused for a test/],
    ] as const)('the error %s', async (name, status, message) => {
      for (const way of WAYS) {
        const before = line.seen().length
        const error = await failureOf(kind, () => line.sdk[way]({ text: ASK[name] }))
        expect(error).toEqual({ name: kind.errors[name], status, message: expect.stringMatching(message) })
        expect(line.seen().length - before).toBe(1)
      }
    })
  })

  describe.each(CHATS)('to a provider that speaks %s', (dialect) => {
    beforeAll(() => line.aimAt(dialect))
    const usage = expectedUsage(kind, dialect)

    test.each(WAYS)('tools, their results and an answer after them (%s)', async (way) => {
      const question = { text: ASK.tools, hasTools: true } as const
      const first = await line.sdk[way](question)
      expect(first.calls.map(({ name, input }) => ({ name, input }))).toEqual(CALLS)
      expect(first).toMatchObject({ text: '', finish: kind.finish.tools })
      expect(first.usage).toEqual(usage[way])
      expect(line.lastBody()).toContain('The weather of a city')
      const results = ['rain, 14 degrees', '{"sky":"sun"}']
      const second = await line.sdk[way]({ ...question, round: { calls: first.calls, results } })
      expect(second).toMatchObject({ text: AFTER_TOOLS, calls: [], finish: kind.finish.stop })
      expect(line.lastBody()).toContain('rain, 14 degrees')
      expect(line.lastBody()).toContain('東京')
    })

    test.each(WAYS)('an image (%s)', async (way) => {
      const answer = await line.sdk[way]({ text: ASK.image, image: PIXEL })
      expect(answer).toMatchObject({ text: TEXT, finish: kind.finish.stop })
      expect(line.lastBody()).toContain(PIXEL)
    })
  })

  describe.each(TELLS_LENGTH)('to a provider that speaks %s', (dialect) => {
    beforeAll(() => line.aimAt(dialect))

    test.each(WAYS)('an answer that was cut at the limit of tokens (%s)', async (way) => {
      expect(await line.sdk[way]({ text: ASK.tooLong })).toMatchObject({ text: TEXT, finish: kind.finish.length })
    })
  })

  describe('to a provider that speaks Prompt', () => {
    beforeAll(() => line.aimAt('Prompt'))

    test.each([
      ['tools', { text: ASK.tools, hasTools: true }, /tools/],
      ['an image', { text: ASK.image, image: PIXEL }, /image/i],
    ] as const)('is refused %s by name, which are never sent', async (_what, question, message) => {
      const before = line.seen().length
      for (const way of WAYS) {
        const error = await failureOf(kind, () => line.sdk[way](question))
        expect(error).toMatchObject({ status: 400, message: expect.stringMatching(message) })
      }
      expect(line.seen().length).toBe(before)
    })
  })
}

function expectedUsage({ isStreamUsageLoose }: SdkKind, dialect: DialectName): { ask: unknown; stream: unknown } {
  const anything: unknown = expect.anything()
  const ask = COUNTS_TOKENS.includes(dialect) ? USAGE : anything
  return { ask, stream: isStreamUsageLoose ? anything : ask }
}
