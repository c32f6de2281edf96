// Sends calls through the proxy, so many at a time or so many a second, and tells what came back. Knows nothing of what
// they ask.
import { Agent, request } from 'node:http'

export interface Sent {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export class Client {
  readonly #origin: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 })

  constructor(origin: string) {
    this.#origin = origin
  }

  send(path: string, body: string): Promise<Sent> {
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', agent: this.#agent, headers: { 'content-type': 'application/json' } }
      const call = request(this.#origin + path, options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: response.statusCode ?? 0, text, headers: response.headers })
        })
        response.on('error', reject)
      })
      call.on('error', reject)
      call.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** In their order, `width` at a time: each of so many workers takes the next call when it has its answer. */
export async function inTurn<Item, Result>(
  items: readonly Item[],
  width: number,
  run: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      const item = items[index]
      if (item !== undefined) results[index] = await run(item, index)
    }
  }
  await Promise.all(Array.from({ length: width }, work))
  return results
}

/** Callers who do not wait for one another: arrivals at random, so many a second on average. */
export async function atRate<Item, Result>(
  items: readonly Item[],
  { perSecond, random }: { readonly perSecond: number; readonly random: () => number },
  run: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const under: Promise<Result>[] = []
  const startMs = performance.now()
  let dueMs = 0
  for (const item of items) {
    dueMs += (-Math.log(1 - random()) * 1000) / perSecond
    const waitMs = dueMs - (performance.now() - startMs)
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    under.push(run(item))
  }
  return Promise.all(under)
}
