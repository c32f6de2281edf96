// A provider with batches, as OpenAI and Anthropic document theirs: files and orders, or orders alone, that end when
// the test says so, with answers in another order than the calls came in, calls that fail, and calls that were never made.
// Ordinary calls are answered too.
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { completion } from './upstream.ts'

export interface AskedBatch {
  readonly id: string
  readonly calls: readonly AskedCall[]
  readonly endpoint: string
  status: string
  /** By what the user said: what became of the call; absent: it is answered. */
  fates: Readonly<Record<string, 'fails' | 'is never made'>>
}

interface AskedCall {
  readonly custom_id: string
  readonly body: { readonly model: string; readonly messages: readonly { readonly content: string }[] }
}

type Json = Readonly<Record<string, unknown>>

export class BatchProvider {
  readonly batches: AskedBatch[] = []
  /** Ordinary calls, by what the user said. */
  readonly calls: string[] = []
  readonly headers: IncomingHttpHeaders[] = []
  readonly cancelled: string[] = []
  /** Paths below /v1. */
  readonly deleted: string[] = []
  /** Of everything that makes a batch; null: as usual. */
  refusal: number | null = null
  /** Of ordinary calls, one after the other. */
  readonly callStatuses: number[] = []
  readonly #files = new Map<string, string>()
  readonly #server = createServer((request, response) => void this.#serve(request, response))

  static async start(): Promise<BatchProvider> {
    const provider = new BatchProvider()
    provider.#server.listen(0, '127.0.0.1')
    await once(provider.#server, 'listening')
    return provider
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    this.headers.push(request.headers)
    const path = (request.url ?? '').replace('/v1', '')
    const [status, body] = this.#answer(`${request.method} ${path}`, Buffer.concat(chunks).toString('utf8'))
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

  #answer(what: string, body: string): readonly [number, Json | string] {
    const [, id = ''] = /\/((?:batch|msgbatch|file)[\w-]*_[\w-]+)/.exec(what) ?? []
    if (what.startsWith('DELETE ')) {
      this.deleted.push(what.slice('DELETE '.length))
      return [200, { id, deleted: true }]
    }
    const makesBatch = ['POST /files', 'POST /batches', 'POST /messages/batches'].includes(what)
    if (makesBatch && this.refusal !== null) return [this.refusal, { error: { message: 'no batches here' } }]
    if (what === 'POST /files') return this.#upload(body)
    if (what === 'POST /batches') return this.#order(JSON.parse(body) as Json)
    if (what === 'POST /messages/batches') return this.#orderMessages(JSON.parse(body) as Json)
    if (what.startsWith('GET /files/')) return [200, this.#files.get(id) ?? '']
    if (what.endsWith('/cancel')) return this.#cancel(id)
    if (what.endsWith('/results')) return [200, this.#messageLines(id)]
    if (what.startsWith('GET /')) return this.#look(id)
    return this.#call(JSON.parse(body) as AskedCall['body'])
  }

  #upload(body: string): readonly [number, Json] {
    const id = `file-in_${this.#files.size}`
    const [, purpose] = /name="purpose"\r\n\r\n(\w+)\r\n/.exec(body) ?? []
    if (purpose !== 'batch') return [400, { error: { message: 'purpose' } }]
    this.#files.set(id, body.slice(body.indexOf('jsonl\r\n\r\n') + 9, body.lastIndexOf('\r\n--')))
    return [200, { id, object: 'file', purpose }]
  }

  #order({ input_file_id, endpoint, completion_window }: Json): readonly [number, Json] {
    const lines = this.#files.get(String(input_file_id))?.split('\n').filter(Boolean) ?? []
    if (completion_window !== '24h') return [400, { error: { message: 'completion_window' } }]
    const calls = lines.map((line) => JSON.parse(line) as AskedCall)
    return this.#added({
      id: `batch_${this.batches.length}`,
      calls,
      endpoint: String(endpoint),
      status: 'in_progress',
      fates: {},
    })
  }

  #orderMessages({ requests }: Json): readonly [number, Json] {
    const calls = (requests as { custom_id: string; params: AskedCall['body'] }[]).map(
      ({ custom_id, params: body }) => ({
        custom_id,
        body,
      }),
    )
    return this.#added({
      id: `msgbatch_${this.batches.length}`,
      calls,
      endpoint: 'messages',
      status: 'in_progress',
      fates: {},
    })
  }

  #added(batch: AskedBatch): readonly [number, Json] {
    this.batches.push(batch)
    return [200, { id: batch.id, status: 'validating', processing_status: 'in_progress' }]
  }

  #cancel(id: string): readonly [number, Json] {
    this.cancelled.push(id)
    return [200, { id, status: 'cancelling', processing_status: 'canceling' }]
  }

  #look(id: string): readonly [number, Json] {
    const batch = this.batches.find((each) => each.id === id)
    if (batch === undefined) return [404, { error: { message: 'no such batch' } }]
    const { status, calls } = batch
    if (status === 'in_progress') return [200, { id, status, processing_status: 'in_progress' }]
    // Answers come in any order.
    const answered = calls.toReversed().filter((call) => fateOf(batch, call) === undefined)
    const others = calls.filter((call) => fateOf(batch, call) !== undefined)
    this.#files.set(
      `file-out_${id}`,
      answered.map((call) => line(call, 200, completion(`about ${said(call)}`))).join(''),
    )
    this.#files.set(`file-err_${id}`, others.map((call) => errorLine(call, fateOf(batch, call))).join(''))
    return [
      200,
      {
        id,
        status,
        input_file_id: 'file-in_0',
        processing_status: 'ended',
        output_file_id: `file-out_${id}`,
        error_file_id: `file-err_${id}`,
      },
    ]
  }

  #messageLines(id: string): string {
    const batch = this.batches.find((each) => each.id === id)
    const lines = batch?.calls.toReversed().map((call) => {
      const fate = fateOf(batch, call)
      return { custom_id: call.custom_id, result: fate === undefined ? succeeded(call) : notSucceeded(fate) }
    })
    return lines?.map((each) => `${JSON.stringify(each)}\n`).join('') ?? ''
  }

  #call(body: AskedCall['body']): readonly [number, Json] {
    const text = said({ custom_id: '', body })
    this.calls.push(text)
    const status = this.callStatuses.shift() ?? 200
    return [status, status === 200 ? completion(`at once about ${text}`) : { error: { message: 'down' } }]
  }
}

function said({ body }: AskedCall): string {
  return body.messages.at(-1)?.content ?? ''
}

function fateOf({ fates }: AskedBatch, call: AskedCall) {
  return fates[said(call)]
}

function line({ custom_id }: AskedCall, status_code: number, body: object): string {
  return `${JSON.stringify({ id: 'r', custom_id, response: { status_code, request_id: 'q', body }, error: null })}\n`
}

function errorLine(call: AskedCall, fate: string | undefined): string {
  if (fate === 'fails') return line(call, 400, { error: { message: `no ${said(call)}` } })
  const error = {
    code: 'batch_expired',
    message: 'This request could not be executed before the completion window expired.',
  }
  return `${JSON.stringify({ id: 'r', custom_id: call.custom_id, response: null, error })}\n`
}

function succeeded(call: AskedCall): Json {
  const content = [{ type: 'text', text: `about ${said(call)}` }]
  return {
    type: 'succeeded',
    message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content, stop_reason: 'end_turn' },
  }
}

function notSucceeded(fate: string): Json {
  if (fate !== 'fails') return { type: 'expired' }
  return { type: 'errored', error: { type: 'error', error: { type: 'invalid_request_error', message: 'no' } } }
}
