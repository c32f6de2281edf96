// Reads request bodies with two bounds: one body's size, and what all bodies that are being read hold together. The
// webhook is reachable from the whole cluster, so neither may depend on the caller's good will.
import type { IncomingMessage } from 'node:http'

/**
 * The API server takes objects of at most 3 MiB, and the review of an update holds two of them. A smaller bound would
 * refuse, under failurePolicy Fail, what the API server itself accepts.
 */
export const MAX_BODY_BYTES = 7 * 1024 * 1024
export const MAX_IN_FLIGHT_BYTES = 64 * 1024 * 1024

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
  readonly status: 413 | 429

  constructor(status: 413 | 429, message: string) {
    super(message)
    this.status = status
  }
}

export type ReadBody = (request: IncomingMessage) => Promise<Buffer>

export interface BodyBounds {
  readonly maxBytes: number
  readonly maxInFlightBytes: number
}

/** All bodies read by one reader share its bound in flight. */
export function createBodyReader(
  bounds: BodyBounds = { maxBytes: MAX_BODY_BYTES, maxInFlightBytes: MAX_IN_FLIGHT_BYTES },
): ReadBody {
  let inFlightBytes = 0
  return async (request) => {
    const parts: Buffer[] = []
    let sizeBytes = 0
    try {
      // Left open, so that the refusal can still be answered.
      const chunks: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false })
      for await (const part of chunks) {
        sizeBytes += part.length
        // A little more is read and thrown away: who is still writing would see a reset, not our sentence.
        if (sizeBytes > bounds.maxBytes * 2) break
        if (sizeBytes > bounds.maxBytes) continue
        inFlightBytes += part.length
        parts.push(part)
        if (inFlightBytes > bounds.maxInFlightBytes) throw tooMany(bounds)
      }
      if (sizeBytes > bounds.maxBytes) throw tooLarge(bounds)
      return Buffer.concat(parts, sizeBytes)
    } finally {
      inFlightBytes -= parts.reduce((sum, part) => sum + part.length, 0)
    }
  }
}

function tooMany({ maxInFlightBytes }: BodyBounds): BodyTooLarge {
  return new BodyTooLarge(429, `Reviews of more than ${maxInFlightBytes} bytes are being read at once.`)
}

function tooLarge({ maxBytes }: BodyBounds): BodyTooLarge {
  return new BodyTooLarge(413, `The admission review is larger than the ${maxBytes} bytes the webhook reads.`)
}
