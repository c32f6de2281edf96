// Text from outside -> JSON and back: parsed once, with every number exact, and checked for what could not be written
// again faithfully or safely. Nothing here throws because of the text.
//
//   bytes -> parseJson() -> JsonValue -> (readers, writers) -> writeJson() -> bytes
import { Buffer, isUtf8 } from 'node:buffer'
import { isObject, type ExactNumber, type JsonObject, type JsonValue } from './json.ts'
import { findUnsound, MAX_DEPTH, type JsonFault, type SoundnessCheck } from './soundness.ts'

export type ParsedJson = { readonly kind: 'json'; readonly value: JsonValue } | JsonFault

interface ExactJson {
  parse(
    text: string,
    reviver: (name: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown
  rawJSON(text: string): ExactNumber
}

// The language's newest edition has these two; the compiler's library does not yet.
const exact = JSON as unknown as ExactJson

/** Sixteen digits, or an exponent, where a number can stand: only then can it be out of a double's reach. */
const PERHAPS_INEXACT = /[:,[\s]-?(?:\d[\d.]{15}|[\d.]{1,15}[eE])/

/** Of a caller: half characters are refused, since no provider could take them. */
export function parseJson(bytes: Buffer): ParsedJson {
  return parse(bytes, { isTextChecked: true })
}

/** Of a provider: some cut a stream's text in the middle of a character, and its reader joins the halves again. */
export function parseReply(bytes: Buffer): ParsedJson {
  return parse(bytes, { isTextChecked: false })
}

function parse(bytes: Buffer, check: SoundnessCheck): ParsedJson {
  // What is not text would be replaced on the way, and the caller never hear of it.
  if (check.isTextChecked && !isUtf8(bytes)) return { kind: 'fault', path: '', sentence: 'is not valid UTF-8' }
  const text = bytes.toString('utf8')
  let value: JsonValue
  try {
    value = (PERHAPS_INEXACT.test(text) ? exact.parse(text, keepExact) : JSON.parse(text)) as JsonValue
  } catch (error) {
    const isTooDeep = error instanceof RangeError
    return {
      kind: 'fault',
      path: '',
      sentence: isTooDeep ? `is nested deeper than ${MAX_DEPTH} levels` : 'is not valid JSON',
    }
  }
  // Text this short cannot be nested too deep: the many small events of a stream need no second look.
  const isHarmless = !check.isTextChecked && bytes.length <= MAX_DEPTH
  return (isHarmless ? null : findUnsound(value, check)) ?? { kind: 'json', value }
}

export function writeJson(value: JsonValue): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function keepExact(_name: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined || sameNumber(source, value)) return value
  return exact.rawJSON(source)
}

/** Whether the double says what the text says, digit for digit. */
function sameNumber(source: string, value: number): boolean {
  return Number.isFinite(value) && digitsOf(source) === digitsOf(String(value))
}

/** Significant digits and the power of ten of the first, so that `1e3`, `1000` and `1000.0` are the same. */
function digitsOf(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = whole + fraction
  const firstAt = digits.search(/[1-9]/)
  if (firstAt === -1) return '0'
  const power = whole.length - firstAt + Number(exponent)
  return `${digits.slice(firstAt).replace(/0+$/, '')}e${power}`
}

/** A text that holds one JSON object, as tool arguments are sent by some dialects. Null: it is none. */
export function parseObject(text: string): JsonObject | null {
  const parsed = parseReply(Buffer.from(text))
  return parsed.kind === 'json' && isObject(parsed.value) ? parsed.value : null
}

/** Arguments of a call for dialects that want an object. Text that is none goes along as it is, under a name. */
export function argumentsObject(text: string): JsonObject {
  return text.trim() === '' ? {} : (parseObject(text) ?? { arguments: text })
}
