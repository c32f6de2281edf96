// Finds secrets that show nothing of what they are, by the label in front and by how random they look.
//
//   a word with digits in it -> value it starts -> label before it -> strong label + random value
//                                                                   | weak label + very random value
//                                                                   | vendor's name + vendor's exact form
//
// Passwords, which need not look random, are passwords.ts's.

import type { Detection } from '../detection.ts'
import { LABELLED_SECRET } from './names.ts'
import type { KnownWords, Label } from './labels.ts'
import { readLabel } from './labels.ts'
import type { Measure } from './measure.ts'
import { looksRandom, measure } from './measure.ts'
import { isStandIn } from './placeholders.ts'
import type { VendorIndex } from './vendor-index.ts'
import { isVendorsForm } from './vendor-index.ts'
import { readValue } from './values.ts'
import type { Value } from './values.ts'
import type { Units } from '../text/units.ts'

const LEAST = 8
const LEAST_STRONG = 10
const LEAST_WEAK = 16
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Dates, versions, addresses, numbers with units, paths, addresses of pages and mail. */
const PLAIN_THING =
  /^(?:\d{4}-\d\d-\d\d|v?\d{1,4}(?:\.\d{1,6}){1,4}(?:[-+]|$)|\d{1,3}(?:\.\d{1,3}){3}|[\d.,:]{1,14}[a-z%]{0,3}$|[\d.,:]*[.,:][\d.,:]*$|\.{0,2}\/|[a-z]+:\/\/|[\w.+-]{1,64}@[\w-]+\.|sha(?:1|256|384|512)[-:]|[\w-]{1,40}\.(?:js|ts|py|json|html?|css|png|jpe?g|gif|svg|ya?ml|md|txt|log|zip|gz|go|rs|java|sh)\b)/i
const MEMBER_OF_CODE = /^[A-Za-z_$][\w$]{0,40}(?:\.[A-Za-z_$][\w$]{0,60}){1,8}$/

/** What is known before the text, and what has been learnt of it. */
export interface Knowledge {
  readonly vendors: VendorIndex
  readonly known: KnownWords
}

/** The secret that starts at `start`, where a word with a digit starts; null when nothing says it is one. */
export function readLabelled(text: Units, start: number, { vendors, known }: Knowledge): Detection | null {
  const label = readLabel(text, start, known)
  if (label === null) return null
  if (label.strength === 'none' && label.join === 'spoken') return null
  const value = readValue(text, start)
  if (value === null || value.end - value.start < LEAST) return null
  const traits = measure(text, value.start, value.end)
  const written = text.slice(value.start, value.end)
  if (!couldBeSecret(traits, written)) return null
  if (!isSecret({ text, value, written, traits, label, vendors })) return null
  return { start: value.start, end: value.end, type: LABELLED_SECRET, evidence: 'label before' }
}

function couldBeSecret(traits: Measure, written: string): boolean {
  const hasSigns = traits.symbols > 0 || traits.seen < traits.length
  if (!looksRandom(traits) && !(hasSigns && (UUID.test(written) || PAIR.test(written)))) return false
  if (isStandIn(written, hasSigns) || HEX_NUMBER.test(written)) return false
  return !hasSigns || (!PLAIN_THING.test(written) && !MEMBER_OF_CODE.test(written))
}

const HEX_NUMBER = /^0x[0-9a-f]+$/i

/** Two short hexadecimal words, as package servers hand out. */
const PAIR = /^[0-9a-f]{8}:[0-9a-f]{8}$/i

interface Case {
  readonly text: Units
  readonly value: Value
  readonly written: string
  readonly traits: Measure
  readonly label: Label
  readonly vendors: VendorIndex
}

function isSecret(found: Case): boolean {
  const { traits, label, value } = found
  if (!value.isQuoted && isNameOfCode(found.written, label)) return false
  if (label.strength === 'strong' && isLongEnough(found, LEAST_STRONG)) return true
  if (isVendorsForm({ text: found.text, start: value.start, end: value.end, label, vendors: found.vendors }))
    return true
  if (label.strength !== 'weak' || UUID.test(found.written)) return false
  return label.join !== 'spoken' && traits.letters > 0 && isLongEnough(found, LEAST_WEAK)
}

/** `cachedToken: CachedX509Token`: words with capitals, or the label once more. */
function isNameOfCode(written: string, label: Label): boolean {
  if (written.length <= label.word.length + 4 && label.word.endsWith(written.toLowerCase().replaceAll(/[_.-]/g, ''))) {
    return true
  }
  return HUMPS.test(written) && written.replaceAll(/[^a-z]/g, '').length * 5 >= written.length * 3
}

const HUMPS = /^[a-z]{0,20}(?:[A-Z](?:[a-z]{2,})?|\d)+$/

/** A label that only a space joins to its value needs more of the value. */
function isLongEnough({ traits, label }: Case, least: number): boolean {
  if (label.join !== 'spoken') return traits.length >= least
  return traits.length >= Math.max(least, 12) && (traits.letters > 0 || traits.digits >= 16)
}
