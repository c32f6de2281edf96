// The bare hop of bare-hop.ts, as a program: usage: node bare-hop-server.ts PORT PLAIN_PORT STREAM_PORT
// It collects the request's body, sends it on with all headers, and writes the answer's bytes as they come.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import process from 'node:process'
import { Pool } from 'undici'
import type { Dispatcher } from 'undici'

const [port, plainPort, streamPort] = process.argv.slice(2).map(Number)
const plain = new Pool(`http://127.0.0.1:${plainPort}`, { connections: 64 })
const stream = new Pool(`http://127.0.0.1:${streamPort}`, { connections: 64 })
const STREAM_PREFIX = '/stream'

createServer((request, answer) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => send(request, answer, chunks))
}).listen(port, '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))

function send(request: IncomingMessage, answer: ServerResponse, chunks: readonly Buffer[]): void {
  const url = request.url ?? '/'
  if (request.method === 'GET') return void answer.end()
  const isStream = url.startsWith(STREAM_PREFIX)
  const body = chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks)
  const headers = withoutHopHeaders(request.rawHeaders)
  const path = isStream ? url.slice(STREAM_PREFIX.length) : url
  const pool = isStream ? stream : plain
  pool.dispatch({ path, method: 'POST', headers, body }, new PassOn(answer))
}

function withoutHopHeaders(rawHeaders: readonly string[]): string[] {
  const kept: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (/^(?:host|connection|content-length)$/i.test(name)) continue
    kept.push(name, rawHeaders[at + 1] ?? '')
  }
  return kept
}

class PassOn implements Dispatcher.DispatchHandler {
  readonly #answer: ServerResponse

  constructor(answer: ServerResponse) {
    this.#answer = answer
  }

  onRequestStart() {}

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[]>,
  ) {
    for (const name in headers) {
      if (name === 'connection' || name === 'keep-alive' || name === 'transfer-encoding') continue
      this.#answer.setHeader(name, headers[name] ?? '')
    }
    this.#answer.writeHead(status)
  }

  onResponseData(_controller: Dispatcher.DispatchController, bytes: Buffer) {
    this.#answer.write(bytes)
  }

  onResponseEnd() {
    this.#answer.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error) {
    this.#answer.destroy(cause)
  }
}
