// Applications that hang up, in each of the four phases of a call, many at a time, over raw sockets: how long the
// provider goes on working after that, from the moment in which the application closes its connection to the one in
// which the provider sees its own closed.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'

export const PHASES = ['uploading', 'before headers', 'before first token', 'in mid-stream'] as const
export type Phase = (typeof PHASES)[number]

/** Who hangs up says by this header which call it is. */
const ID_HEADER = 'x-soak-call'
const ROLE = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'
const CHUNK = 'data: {"choices":[{"index":0,"delta":{"content":"some"}}]}\n\n'
const BODY = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'x'.repeat(900) }] })

interface Waiting {
  readonly phase: Phase
  /** The provider has done what the phase needs. */
  readonly onReached: () => void
  readonly onClosed: () => void
}

/** A provider that answers as far as each call's phase says and then goes on for ever. */
export class EndlessProvider {
  readonly #server: Server
  readonly #waiting = new Map<string, Waiting>()
  #requests = 0

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<EndlessProvider> {
    const provider = new EndlessProvider(createServer({ keepAlive: true }))
    provider.#server.on('request', (request, response) => provider.#serve(request, response))
    provider.#server.listen(0, '127.0.0.1')
    await once(provider.#server, 'listening')
    return provider
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`
  }

  get requests(): number {
    return this.#requests
  }

  expect(id: string, waiting: Waiting): void {
    this.#waiting.set(id, waiting)
  }

  async openConnections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
    })
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.#requests += 1
    const id = String(request.headers[ID_HEADER])
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (waiting === undefined) return void response.destroy()
    request.socket.once('close', waiting.onClosed)
    request.resume()
    if (waiting.phase === 'before headers') return waiting.onReached()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const text = waiting.phase === 'before first token' ? ROLE : CHUNK
    response.write(text, () => waiting.phase === 'before first token' && waiting.onReached())
  }
}

export interface Soak {
  readonly provider: EndlessProvider
  readonly proxyPort: number
  readonly phase: Phase
  readonly streams: number
  readonly atOnce: number
}

/** Milliseconds from each hang-up to the provider's closed connection, sorted; of uploads, to the end of the socket. */
export async function abortMany({ streams, atOnce, ...soak }: Soak): Promise<readonly number[]> {
  const tookMs: number[] = []
  let started = 0
  const work = async () => {
    while (started < streams) {
      started += 1
      tookMs.push(await abortOne(`${soak.phase}-${started}`, soak))
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, streams) }, work))
  return tookMs.toSorted((one, other) => one - other)
}

async function abortOne(id: string, { provider, proxyPort, phase }: Pick<Soak, 'provider' | 'proxyPort' | 'phase'>) {
  const reached = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const socket = connect(proxyPort, '127.0.0.1')
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n${ID_HEADER}: ${id}\r\n`
  if (phase === 'uploading') {
    socket.write(`${head}content-length: ${BODY.length * 2}\r\n\r\n${BODY}`, () => reached.resolve())
    socket.once('close', () => closed.resolve())
  } else {
    provider.expect(id, { phase, onReached: reached.resolve, onClosed: closed.resolve })
    socket.write(`${head}content-length: ${BODY.length}\r\n\r\n${BODY}`)
    if (phase === 'in mid-stream') socket.once('data', () => reached.resolve())
  }
  await reached.promise
  return leave(socket, closed.promise)
}

async function leave(socket: Socket, closed: Promise<void>): Promise<number> {
  const leftMs = performance.now()
  socket.destroy()
  await closed
  return performance.now() - leftMs
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
