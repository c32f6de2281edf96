// The provider of the replay: answers chats in four dialects and embeddings, and keeps the bill. What it charges for is
// what it was sent, counted from the bytes, so that no part of the proxy's own accounting is in the figures.
import type { ServerResponse } from 'node:http'
import { embeds, itemsOf } from '../../support/embedding-models.ts'
import { countTokens, repliesTo, type QuestionModel } from '../../support/question-models.ts'
import { Upstream, type SeenRequest } from '../../support/upstream.ts'
import { answerIn } from './dialects.ts'
import { answerOf } from './workload.ts'

/** In millionths of a currency unit for a token, as vendors write them for a million. */
export interface Prices {
  readonly input: number
  readonly output: number
  readonly embedding: number
}

/** Of a small model of a large vendor, and of its small embeddings. */
export const PRICES: Prices = { input: 0.25, output: 2, embedding: 0.02 }

export interface Bill {
  calls: number
  inputTokens: number
  outputTokens: number
  embeddingTokens: number
}

export function costOf({ inputTokens, outputTokens, embeddingTokens }: Bill, prices: Prices): number {
  return (inputTokens * prices.input + outputTokens * prices.output + embeddingTokens * prices.embedding) / 1_000_000
}

export class Provider {
  readonly #upstream: Upstream
  bill: Bill = { calls: 0, inputTokens: 0, outputTokens: 0, embeddingTokens: 0 }
  /** How it answers questions in OpenAI's chats; null: as it answers every other chat. */
  #questions: ReturnType<typeof repliesTo> | null = null

  private constructor(upstream: Upstream) {
    this.#upstream = upstream
    upstream.usual = (response, request) => this.#answer(response, request)
  }

  static async start(): Promise<Provider> {
    return new Provider(await Upstream.start())
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#upstream.port}`
  }

  /** A new bill, and nothing remembered of the requests before. */
  begin(model: QuestionModel | null = null): void {
    this.bill = { calls: 0, inputTokens: 0, outputTokens: 0, embeddingTokens: 0 }
    this.#upstream.requests.length = 0
    this.#questions = model === null ? null : repliesTo(model)
  }

  stop(): Promise<void> {
    return this.#upstream.stop()
  }

  #answer(response: ServerResponse, request: SeenRequest): void {
    this.bill.calls += 1
    if (request.url.endsWith('/embeddings')) {
      this.bill.embeddingTokens += itemsOf(request).reduce((sum: number, item) => sum + countTokens(String(item)), 0)
      return embeds({ dimensions: 256 })(response, request)
    }
    const texts = textsOf(JSON.parse(request.body))
    const asked = texts.join('\n')
    this.bill.inputTokens += countTokens(asked)
    if (this.#questions !== null) return this.#questions(counting(response, this.bill), request)
    const text = this.#reply(texts)
    this.bill.outputTokens += countTokens(text)
    const said = { text, inputTokens: countTokens(asked), outputTokens: countTokens(text) }
    const isStreaming = /"stream"\s*:\s*true/.test(request.body) || request.url.includes('streamGenerate')
    answerIn(request.url.split('?')[0] ?? '', isStreaming, said)(response, request)
  }

  /** To the last thing that was said, with the address in it that the caller wants it sent to. */
  #reply(texts: readonly string[]): string {
    const last = texts.at(-1) ?? ''
    const address = /Answer to (\S+), please/.exec(last)?.[1]
    return answerOf(last.replace(address ?? '', '')) + (address === undefined ? '' : ` (to ${address})`)
  }
}

/** Every text of a chat in order, whatever its dialect; instructions first. */
function textsOf(body: unknown): readonly string[] {
  const { system, systemInstruction, messages, contents } = body as {
    system?: string
    systemInstruction?: { parts: { text: string }[] }
    messages?: { content: string }[]
    contents?: { parts: { text: string }[] }[]
  }
  const instructions = system ?? systemInstruction?.parts[0]?.text
  const said = messages?.map(({ content }) => content) ?? contents?.map(({ parts }) => parts[0]?.text ?? '') ?? []
  return instructions === undefined ? said : [instructions, ...said]
}

/** Counts what the model answers as it is sent. */
function counting(response: ServerResponse, bill: Bill): ServerResponse {
  const end = response.end.bind(response) as (text: string) => ServerResponse
  response.end = ((text: string) => {
    const { choices } = JSON.parse(text) as { choices: { message: { content: string } }[] }
    bill.outputTokens += countTokens(choices[0]?.message.content ?? '')
    return end(text)
  }) as typeof response.end
  return response
}
