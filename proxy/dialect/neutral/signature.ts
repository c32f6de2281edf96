// Signatures of reasoning on their way through a foreign dialect. A vendor's own come and go as they are. Another
// vendor's are shown to the caller in a wrapping that says whose they are, so that they find home with the next turn,
// and so that nobody sends them to a vendor who would refuse the whole request because of them.
//
//   Gemini answers an Anthropic caller:  thoughtSignature X  ->  thinking.signature wrap(Gemini, X)
//   the caller's next turn:              wrap(Gemini, X)     ->  to Gemini as X; to Anthropic the block is dropped
import { Buffer } from 'node:buffer'
import type { FormatName, Signature } from './chat.ts'

type Vendor = Signature['vendor']

/**
 * Fifteen bytes, so that all wrapped signatures begin with the same twenty base64 characters; the first of them is one
 * that text seldom has, which makes the search for them ten times as fast.
 */
const MARK = 'from-modelroute'

/** A body that holds this holds reasoning of another vendor than its dialect's: see foreign-reasoning.ts. */
export const WRAPPED_MARK = Buffer.from(MARK).toString('base64')

/** For reasoning that nobody signed, in dialects where it must have a signature. */
export const UNSIGNED: Signature = { vendor: 'Other', value: '' }

export function vendorOf(format: FormatName): Vendor | null {
  if (format === 'Anthropic' || format === 'Gemini') return format
  return format === 'OpenAIResponses' ? 'OpenAI' : null
}

/** Base64 whole, since Gemini's clients decode the field. */
export function showSignature({ vendor, value, id }: Signature, shownTo: Vendor): string {
  if (vendor === shownTo) return value
  return Buffer.from(MARK + JSON.stringify([vendor, value, ...(id === undefined ? [] : [id])])).toString('base64')
}

interface SignedField {
  readonly of: Vendor
  readonly id?: string | undefined
}

/** The signature in a dialect's field, for a part to take in; none where it is empty or says that nobody signed. */
export function signed(text: string | undefined, { of, id }: SignedField): { readonly signature?: Signature } {
  if (text === undefined || text === '') return {}
  const signature = unwrap(text) ?? { vendor: of, value: text, ...(id !== undefined && { id }) }
  return signature.vendor === 'Other' ? {} : { signature }
}

function unwrap(text: string): Signature | null {
  if (!text.startsWith(WRAPPED_MARK)) return null
  try {
    const [vendor, value, id] = JSON.parse(Buffer.from(text, 'base64').toString().slice(MARK.length)) as unknown[]
    if (vendor !== 'Anthropic' && vendor !== 'Gemini' && vendor !== 'OpenAI' && vendor !== 'Other') return null
    if (typeof value !== 'string') return null
    return { vendor, value, ...(typeof id === 'string' && { id }) }
  } catch {
    // Somebody else's text that happens to begin like ours: then it is the vendor's own.
    return null
  }
}
