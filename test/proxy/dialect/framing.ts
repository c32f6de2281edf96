// What the tests of the stream readers share: every way to cut a stream into chunks must give the same events.
import type { Buffer } from 'node:buffer'
import fc from 'fast-check'
import type { FramingReader } from '../../../proxy/dialect/framing.ts'

export interface ReadEvents {
  readonly events: readonly { readonly name: string | null; readonly text: string }[]
  readonly fault: string | null
}

export function readAll(reader: FramingReader, chunks: readonly Buffer[]): ReadEvents {
  const events = chunks.flatMap((chunk) =>
    reader.push(chunk).map(({ name, data }) => ({ name, text: data.toString() })),
  )
  events.push(...reader.end().map(({ name, data }) => ({ name, text: data.toString() })))
  return { events, fault: reader.fault?.code ?? null }
}

/** All cuts in two, all single bytes, and the whole. */
export function allSplits(bytes: Buffer): Buffer[][] {
  const cutsInTwo = Array.from({ length: bytes.length }, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)])
  const singles = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1))
  return [[bytes], singles, ...cutsInTwo]
}

export function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  chunks.push(bytes.subarray(at))
  return chunks
}

export const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 })
