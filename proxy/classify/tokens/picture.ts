// The size of a picture in pixels, from the first bytes of its base64, for formats that say it there: PNG, JPEG, GIF
// and WebP. A picture behind a link, or in another format, has none here.
import { Buffer } from 'node:buffer'
import type { Span } from '../../exchange.ts'

export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** Where JPEG says its size depends on what cameras put before it. */
const HEAD_CHARACTERS = 48 * 1024
const PAYLOAD = /^data:[^,]{0,160};base64,/i
const PREFIX_CHARACTERS = 200

/** `span`: of the string with its quotes. */
export function sizeOfPicture(body: Buffer, { start, end }: Span): PictureSize | null {
  const prefix = PAYLOAD.exec(body.toString('latin1', start + 1, Math.min(end, start + PREFIX_CHARACTERS)))?.[0] ?? ''
  const from = start + 1 + prefix.length
  const head = body.toString('latin1', from, Math.min(end - 1, from + HEAD_CHARACTERS)).replaceAll('\\/', '/')
  return sizeIn(Buffer.from(head, 'base64'))
}

function sizeIn(bytes: Buffer): PictureSize | null {
  if (bytes.length >= 24 && bytes.readUInt32BE(0) === 0x89504e47) {
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
  }
  if (bytes.length >= 10 && bytes.toString('latin1', 0, 3) === 'GIF') {
    return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
  }
  if (bytes.length >= 30 && bytes.toString('latin1', 8, 12) === 'WEBP') return webpSize(bytes)
  return bytes.length >= 4 && bytes.readUInt16BE(0) === 0xffd8 ? jpegSize(bytes) : null
}

/** RFC 9649 section 2: lossy, lossless and extended files say it in three ways. */
function webpSize(bytes: Buffer): PictureSize | null {
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
    default:
      return null
  }
}

/** ITU-T T.81 annex B: segments one after another, up to a frame header. */
function jpegSize(bytes: Buffer): PictureSize | null {
  let at = 2
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return null
}
