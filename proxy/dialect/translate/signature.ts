// Signatures of reasoning on their way through a foreign dialect. A vendor's own come and go as they are. Another
// vendor's are shown to the caller in a wrapping that says whose they are, so that they find home with the next turn,
// and so that nobody sends them to a vendor who would refuse the whole request because of them.
//
//   Gemini answers an Anthropic caller:  thoughtSignature X  ->  thinking.signature wrap(Gemini, X)
//   the caller's next turn:              wrap(Gemini, X)     ->  to Gemini as X; to Anthropic the block is dropped
import { Buffer } from 'node:buffer'
import type { FormatName, Signature } from './neutral.ts'

type Vendor = Signature['vendor']

/** Fifteen bytes, so that all wrapped signatures begin with the same twenty base64 characters. */
const MARK = 'modelroute-sig:'
const WRAPPED_MARK = Buffer.from(MARK).toString('base64')

export function vendorOf(format: FormatName): Vendor | null {
  if (format === 'Anthropic' || format === 'Gemini') return format
  return format === 'OpenAIResponses' ? 'OpenAI' : null
}

/** Base64 whole, since Gemini's clients decode the field. */
export function showSignature({ vendor, value, id }: Signature, shownTo: Vendor): string {
  if (vendor === shownTo) return value
  return Buffer.from(MARK + JSON.stringify([vendor, value, ...(id === undefined ? [] : [id])])).toString('base64')
}

export function readSignature(
  text: string,
  field: { readonly of: Vendor; readonly id?: string | undefined },
): Signature {
  return unwrap(text) ?? { vendor: field.of, value: text, ...(field.id !== undefined && { id: field.id }) }
}

function unwrap(text: string): Signature | null {
  if (!text.startsWith(WRAPPED_MARK)) return null
  try {
    const [vendor, value, id] = JSON.parse(Buffer.from(text, 'base64').toString().slice(MARK.length)) as unknown[]
    if (vendor !== 'Anthropic' && vendor !== 'Gemini' && vendor !== 'OpenAI') return null
    if (typeof value !== 'string') return null
    return { vendor, value, ...(typeof id === 'string' && { id }) }
  } catch {
    // Somebody else's text that happens to begin like ours: then it is the vendor's own.
    return null
  }
}
