// The matrix of SDKs: one SDK against providers of all dialects, through the real proxy. Each SDK's own test file calls
// `describeSdk`; what is asserted is what the SDK hands to the application, and what the provider was sent.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { DialectName } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import type { Sdk, SdkKind } from './client.ts'
import { BASE_PATHS, failureOf, injectedVariables } from './pair.ts'
import {
  AFTER_TOOLS,
  ASK,
  CALLS,
  type MatrixUpstream,
  REFUSAL,
  startPackagedUpstream,
  startPromptUpstream,
  TEXT,
  USAGE,
} from './upstreams.ts'
import { describeVendorStreams } from './vendor-matrix.ts'

/** One red pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
const PROVIDER_KEY = 'sk-of-the-provider'

const TARGETS = Object.keys(BASE_PATHS) as DialectName[]
const CHATS = TARGETS.filter((dialect) => dialect !== 'Prompt')
/** aimock says neither for Ollama, and the prompt dialect has no place for them. */
const COUNTS_TOKENS: readonly DialectName[] = ['OpenAI', 'Anthropic', 'Gemini']
const TELLS_LENGTH = COUNTS_TOKENS
const WAYS = ['ask', 'stream'] as const

export function describeSdk(kind: SdkKind): void {
  describeVendorStreams(kind)

  describe.each(TARGETS)(`${kind.name} to a provider that speaks %s`, (dialect) => {
    const pair = usePair(kind, dialect)
    const usage = expectedUsage(kind, dialect)

    test('a plain answer', async () => {
      const answer = await pair.sdk.ask({ text: ASK.plain })
      expect(answer).toMatchObject({ text: TEXT, calls: [], finish: kind.finish.stop, usage: usage.ask })
      expect(pair.lastBody()).toContain(ASK.plain)
      expect(JSON.stringify(pair.upstream.seen)).toContain(PROVIDER_KEY)
      expect(JSON.stringify(pair.upstream.seen)).not.toContain('placeholder')
    })

    test('a streamed answer', async () => {
      const { pieces, ...answer } = await pair.sdk.stream({ text: ASK.plain })
      expect(answer).toMatchObject({ text: TEXT, calls: [], finish: kind.finish.stop })
      expect(answer.usage).toEqual(usage.stream)
      expect(pieces.length).toBeGreaterThan(1)
      expect(pieces.join('')).toBe(TEXT)
    })

    test.each([
      ['badRequest', 400, REFUSAL],
      ['rateLimit', 429, /rate limited|refused for a test/],
    ] as const)('the error %s', async (name, status, message) => {
      for (const way of WAYS) {
        const before = pair.upstream.seen.length
        const error = await failureOf(kind, () => pair.sdk[way]({ text: ASK[name] }))
        expect(error).toEqual({ name: kind.errors[name], status, message: expect.stringMatching(message) })
        expect(pair.upstream.seen.length - before).toBe(1)
      }
    })
  })

  describe.each(CHATS)(`${kind.name} to a provider that speaks %s`, (dialect) => {
    const pair = usePair(kind, dialect)
    const usage = expectedUsage(kind, dialect)

    test.each(WAYS)('tools, their results and an answer after them (%s)', async (way) => {
      const question = { text: ASK.tools, hasTools: true } as const
      const first = await pair.sdk[way](question)
      expect(first.calls.map(({ name, input }) => ({ name, input }))).toEqual(CALLS)
      expect(first).toMatchObject({ text: '', finish: kind.finish.tools })
      expect(first.usage).toEqual(usage[way])
      expect(pair.lastBody()).toContain('The weather of a city')
      const results = ['rain, 14 degrees', '{"sky":"sun"}']
      const second = await pair.sdk[way]({ ...question, round: { calls: first.calls, results } })
      expect(second).toMatchObject({ text: AFTER_TOOLS, calls: [], finish: kind.finish.stop })
      expect(pair.lastBody()).toContain('rain, 14 degrees')
      expect(pair.lastBody()).toContain('東京')
    })

    test.each(WAYS)('an image (%s)', async (way) => {
      const answer = await pair.sdk[way]({ text: ASK.image, image: PIXEL })
      expect(answer).toMatchObject({ text: TEXT, finish: kind.finish.stop })
      expect(pair.lastBody()).toContain(PIXEL)
    })
  })

  describe.each(TELLS_LENGTH)(`${kind.name} to a provider that speaks %s`, (dialect) => {
    const pair = usePair(kind, dialect)

    test.each(WAYS)('an answer that was cut at the limit of tokens (%s)', async (way) => {
      expect(await pair.sdk[way]({ text: ASK.tooLong })).toMatchObject({ text: TEXT, finish: kind.finish.length })
    })
  })

  describe(`${kind.name} to a provider that speaks Prompt`, () => {
    const pair = usePair(kind, 'Prompt')

    test.each([
      ['tools', { text: ASK.tools, hasTools: true }, /tools/],
      ['an image', { text: ASK.image, image: PIXEL }, /image/i],
    ] as const)('is refused %s by name, which are never sent', async (_what, question, message) => {
      for (const way of WAYS) {
        const error = await failureOf(kind, () => pair.sdk[way](question))
        expect(error).toMatchObject({ status: 400, message: expect.stringMatching(message) })
      }
      expect(pair.upstream.seen).toEqual([])
    })
  })
}

function expectedUsage({ isStreamUsageLoose }: SdkKind, dialect: DialectName): { ask: unknown; stream: unknown } {
  const anything: unknown = expect.anything()
  const ask = COUNTS_TOKENS.includes(dialect) ? USAGE : anything
  return { ask, stream: isStreamUsageLoose ? anything : ask }
}

interface Pair {
  readonly upstream: MatrixUpstream
  readonly sdk: Sdk
  readonly lastBody: () => string
}

/** A provider, a proxy in front of it and the SDK in front of both, as long as the tests of a describe run. */
function usePair(kind: SdkKind, dialect: DialectName): Pair {
  let upstream: MatrixUpstream
  let rig: ProxyRig
  let sdk: Sdk

  beforeAll(async () => {
    upstream = dialect === 'Prompt' ? await startPromptUpstream() : await startPackagedUpstream()
    const target = { dialect, url: upstream.url + BASE_PATHS[dialect], credential: 'ns/key', model: 'of-the-rule' }
    const routes = [{ backends: ['only'], failover: { attempts: 1 } }]
    rig = await startProxy({
      table: makeTable({ targets: { only: target }, routes }),
      keys: { 'ns/key': PROVIDER_KEY },
    })
    sdk = kind.connect(injectedVariables(rig.port))
  })

  afterAll(async () => {
    vi.unstubAllEnvs()
    await rig.stop()
    await upstream.stop()
  })

  return {
    get upstream() {
      return upstream
    },
    get sdk() {
      return sdk
    },
    lastBody: () => upstream.seen.at(-1)?.body ?? '',
  }
}
