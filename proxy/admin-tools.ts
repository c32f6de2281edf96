// What a part of the proxy can be asked on the admin port, beside its health: explain, purge, statistics. Each part
// makes its own tools; admin.ts serves them, on loopback alone, and wiring.ts brings the two together.
import { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'

export interface Reply {
  readonly status: number
  readonly type: string
  readonly text: string
}

export interface ToolRequest {
  readonly query: URLSearchParams
  /** The body, as text. */
  readonly text: string
  /** For people to read and not for programs: `accept: text/plain`. */
  readonly wantsText: boolean
}

export interface AdminTool {
  readonly method: 'GET' | 'POST'
  readonly path: `/${string}`
  readonly maxBodyBytes: number
  answer(request: ToolRequest): Reply | Promise<Reply>
}

export function plain(status: number, text: string): Reply {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` }
}

export function json(status: number, value: unknown): Reply {
  return { status, type: 'application/json', text: `${JSON.stringify(value, null, 2)}\n` }
}

/** Null: it is longer than allowed. */
export async function readText(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes <= maxBytes) chunks.push(chunk)
  }
  return sizeBytes > maxBytes ? null : Buffer.concat(chunks, sizeBytes).toString('utf8')
}
