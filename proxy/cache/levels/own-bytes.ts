// A Buffer is often a slice of a larger one: kept, it would keep all of that; sent to another thread, it would take all
// of that along.

/** The same bytes, alone in their memory. */
export function ownBytes(bytes: Uint8Array): Buffer<ArrayBuffer> {
  if (isAlone(bytes)) return Buffer.from(bytes.buffer)
  const own = Buffer.allocUnsafeSlow(bytes.length)
  own.set(bytes)
  return own
}

function isAlone(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.buffer.byteLength === bytes.length
}
