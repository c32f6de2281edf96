// One SDK against the hard streams of each vendor, through the real proxy: what the application sees of text, calls,
// the reason of the end, the tokens, and an error in the middle.
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import type { SdkKind, StreamedAnswer, TokenTotals } from './client.ts'
import { failureOf, type Line } from './line.ts'
import { CALLS } from './upstreams.ts'
import { cutUp, FAULT, SAID, TOTALS, type Vendor, VENDOR_STREAMS } from './vendor-streams.ts'

const VENDORS = Object.keys(VENDOR_STREAMS) as Vendor[]
const isFiltering = (vendor: Vendor): boolean => VENDOR_STREAMS[vendor].filtered !== null
/** What a vendor counts among the rest. */
const UNTOLD: Readonly<Partial<Record<Vendor, Partial<TokenTotals>>>> = {
  Anthropic: { reasoning: 0 },
  Ollama: { cached: 0, reasoning: 0 },
}

export function describeVendorStreams(kind: SdkKind, line: Line): void {
  const vendors = VENDORS.filter((vendor) => !(kind.isUnlikeVendor && vendor === kind.dialect))

  test.each(vendors)('a stream of %s with reasoning, text, two calls at once and usage', async (vendor) => {
    answerAs(line, vendor, VENDOR_STREAMS[vendor].hard)
    const { pieces, calls, ...answer } = await line.sdk.stream({ text: 'hi', hasTools: true })
    expect(answer).toMatchObject({ text: SAID, finish: kind.finish.tools })
    expect(calls.map(({ name, input }) => ({ name, input }))).toEqual(CALLS)
    expect(pieces.join('')).toBe(SAID)
    expect(answer.usage).toEqual(expectedUsage(kind, vendor))
  })

  // Responses are kept by their provider unless the application says otherwise, and these do not say it.
  test.each(kind.isUnlikeVendor ? [] : vendors)('a stream of %s once more, from the cache', async (vendor) => {
    let calls = 0
    const once = (response: ServerResponse) => {
      calls += 1
      void writeStream(response, vendor, VENDOR_STREAMS[vendor].hard)
    }
    line.answerAs(vendor, once, { cache: { sampled: 'Store' } })
    const first = await line.sdk.stream({ text: 'hi', hasTools: true })
    const second = await line.sdk.stream({ text: 'hi', hasTools: true })
    expect(withoutIds(second)).toEqual(withoutIds(first))
    expect(second).toMatchObject({ text: SAID, finish: kind.finish.tools })
    expect(calls).toBe(1)
  })

  test.each(kind.missesFaults ? [] : vendors)('a stream of %s that ends in an error', async (vendor) => {
    answerAs(line, vendor, VENDOR_STREAMS[vendor].broken)
    const error = await failureOf(kind, () => line.sdk.stream({ text: 'hi' }))
    expect(error.message).toContain(FAULT)
  })

  test.each(vendors.filter(isFiltering))('a stream of %s that a filter ended', async (vendor) => {
    answerAs(line, vendor, VENDOR_STREAMS[vendor].filtered ?? '')
    expect(await line.sdk.stream({ text: 'hi' })).toMatchObject({ text: SAID, finish: kind.finish.filter })
  })
}

/** Some libraries make ids of their own for calls of tools. */
function withoutIds(answer: StreamedAnswer): unknown {
  return { ...answer, calls: answer.calls.map(({ name, input }) => ({ name, input })) }
}

function answerAs(line: Line, vendor: Vendor, stream: string): void {
  line.answerAs(vendor, (response) => void writeStream(response, vendor, stream))
}

function expectedUsage({ countsOf, isStreamUsageLoose }: SdkKind, vendor: Vendor): unknown {
  const anything: unknown = expect.anything()
  if (isStreamUsageLoose) return anything
  const totals = { ...TOTALS, ...UNTOLD[vendor] }
  return countsOf?.(totals) ?? { input: totals.input, output: totals.output }
}

async function writeStream(response: ServerResponse, vendor: Vendor, stream: string): Promise<void> {
  response.writeHead(200, { 'content-type': VENDOR_STREAMS[vendor].type })
  for (const part of cutUp(stream)) {
    response.write(part)
    await new Promise(setImmediate)
  }
  response.end()
}
