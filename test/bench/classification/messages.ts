// The translated messages of a compiled gettext catalogue (GNU gettext manual, "The Format of GNU MO Files"): sentences
// of user interfaces in every language that programs speak.

const LITTLE_ENDIAN = 0x950412de
const SHORTEST_SENTENCE = 40

/** Those long enough to be sentences and free of markup, a line each; empty: not a catalogue. */
export function messagesOf(bytes: Buffer): string {
  if (bytes.length < 20 || bytes.readUInt32LE(0) !== LITTLE_ENDIAN) return ''
  const count = bytes.readUInt32LE(8)
  const table = bytes.readUInt32LE(16)
  const sentences: string[] = []
  for (let index = 1; index < count; index += 1) {
    const length = bytes.readUInt32LE(table + 8 * index)
    const start = bytes.readUInt32LE(table + 8 * index + 4)
    const text = bytes.toString('utf8', start, start + length).replaceAll('\0', ' ')
    if (text.length > SHORTEST_SENTENCE && !/%[a-z]{2,}|<[a-z]/.test(text)) sentences.push(text)
  }
  return sentences.join('\n')
}
