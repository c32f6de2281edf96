// One text there and back: masked in one place of one request with the proxy's own detection, repeated by a model in
// one stream format with its text cut at given places, and restored. Used by round-trip.test.ts with a sample of each
// type and by test/bench/round-trip.ts with whole corpora.
import { Buffer } from 'node:buffer'
import { isDeepStrictEqual } from 'node:util'
import type { Redaction } from '../../../proxy/table/schema.ts'
import { compilePolicy } from '../../../proxy/redact/detectors/policy.ts'
import { silentDetectors } from '../../../proxy/redact/work/self-test.ts'
import type { Restoration } from '../../../proxy/redact/masking.ts'
import { restoreDocument } from '../../../proxy/redact/restore/document-restorer.ts'
import { restoreEvents } from '../../../proxy/redact/restore/restoring-stream.ts'
import { bodyOf, type MaskingRig } from './masking-rig.ts'
import type { Position } from './bodies.ts'
import type { StreamCase } from './restore/stream-cases.ts'

/** Everything but what Strict adds by refusing, and detectors that are proven elsewhere to be out of order. */
const ALL: Redaction = {
  profile: 'Standard',
  add: ['Date', 'LongNumber'],
  remove: [],
  mode: 'Enforce',
  onFailure: 'Refuse',
}
const remove = silentDetectors(compilePolicy({ redaction: ALL, wordLists: new Map() }))
const REDACTION: Redaction = { ...ALL, remove }

export interface MaskedText {
  /** The text as the model sees it. */
  readonly sent: string
  /** Null: nothing was masked, or nothing that comes back. */
  readonly restoration: Restoration | null
}

export async function maskText(rig: MaskingRig, text: string): Promise<MaskedText> {
  const body = { model: 'm', messages: [{ role: 'user', content: text }] }
  const masked = await rig.mask('/v1/chat/completions', body, REDACTION)
  const { messages } = JSON.parse(bodyOf(masked)) as typeof body
  if (masked.kind === 'failure') throw new Error(masked.code)
  return { sent: messages[0]?.content ?? '', restoration: masked.restoration }
}

/** What the caller reads when the model repeats the text in these pieces. */
export function repeated(
  { restoration }: MaskedText,
  pieces: readonly string[],
  { format, write, read }: StreamCase,
): string {
  const stream = Buffer.from(write(pieces))
  if (restoration === null) return read(stream.toString('utf8'))
  const { isJsonOutput, ...restoring } = restoration
  return read(restoreEvents(stream, { restoring, format, isJsonOutput }).toString('utf8'))
}

export function cutAt(text: string, cuts: readonly number[]): readonly string[] {
  const inside = cuts.filter((cut) => cut > 0 && cut < text.length && !isInsidePair(text, cut))
  const places = [...new Set([0, ...inside, text.length])].toSorted((one, other) => one - other)
  return places.slice(1).map((end, index) => text.slice(places[index], end))
}

/** No provider cuts a character in two. */
function isInsidePair(text: string, at: number): boolean {
  return /[\ud800-\udbff]/.test(text.charAt(at - 1))
}

export interface PlaceOutcome {
  /** The masked request, restored as if it were an answer, is the request. */
  readonly comesBack: boolean
  readonly sent: string
}

/** `isOneWay`: the text holds what never comes back, and the rest is not looked at. */
export async function throughPlace(rig: MaskingRig, text: string, { path, body }: Position): Promise<PlaceOutcome> {
  const given = body(text)
  const masked = await rig.mask(path, given, REDACTION)
  if (masked.kind === 'failure') return { comesBack: false, sent: masked.code }
  const sent = bodyOf(masked)
  if (masked.restoration === null) return { comesBack: true, sent }
  const { isJsonOutput, ...restoring } = masked.restoration
  const back: unknown = JSON.parse(restoreDocument(Buffer.from(sent), { restoring, isJsonOutput }).toString('utf8'))
  return { comesBack: isDeepStrictEqual(back, JSON.parse(JSON.stringify(given))), sent }
}
