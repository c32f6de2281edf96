// The body of an answer, whole or line by line, within bounds: a list that grows without end or a line that never
// ends must cost an error and not the operator's memory.

/** A page of a list is the largest thing that is ever read whole. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024
/** One object and its envelope; etcd takes 1.5 MiB, which JSON may double. */
export const MAX_WATCH_LINE_BYTES = 8 * 1024 * 1024

export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of body) {
    sizeBytes += chunk.length
    if (sizeBytes > MAX_BODY_BYTES) throw new Error(`the answer is larger than ${MAX_BODY_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Lines without their newline; what follows the last newline when the body ends is half a line and is an error. */
export async function* decodeLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of body) {
    let start = 0
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      // Cut at newlines, which no UTF-8 sequence contains, so that no character is split.
      yield Buffer.concat([...parts, chunk.subarray(start, end)]).toString('utf8')
      parts = []
      sizeBytes = 0
      start = end + 1
    }
    if (start === chunk.length) continue
    parts.push(chunk.subarray(start))
    sizeBytes += chunk.length - start
    if (sizeBytes > MAX_WATCH_LINE_BYTES) throw new Error(`a line is longer than ${MAX_WATCH_LINE_BYTES} bytes`)
  }
  if (sizeBytes > 0) throw new Error('the stream ended within a line')
}
