// A Buffer is often a slice of a larger one: kept, it would keep all of that; sent to another thread, it would take all
// of that along.

export function ownBytes(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength === bytes.length) return bytes
  const own = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(own)
  return own
}
