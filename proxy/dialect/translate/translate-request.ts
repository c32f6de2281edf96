// A chat request in the caller's dialect -> the same request in the target's dialect. Pure.
//
//   JSON -> read (faults) -> settle (refused, dropped) -> write (dropped for this model, adjusted)
import { Reading, type FieldFault } from '../neutral/field.ts'
import { formatOf } from './formats.ts'
import { isObject, type JsonObject, type JsonValue } from '../neutral/json.ts'
import type { ChatRequest, FormatName } from '../neutral/chat.ts'
import { settle, type Pair } from './settle.ts'

/** Names of dropped fields that are told to the caller; a longer list ends with how many more there are. */
export const MAX_DROPPED_NAMES = 24

export type TranslatedRequest =
  | {
      readonly kind: 'request'
      /** Below the target's version prefix, with its query. */
      readonly path: string
      readonly body: JsonObject
      /** Fields of the caller that have no counterpart at the target, each once, fit for a header. */
      readonly dropped: readonly string[]
      /** What was changed to fit the target, as `temperature=1`. */
      readonly adjusted: readonly string[]
      readonly wantsStreamUsage: boolean
    }
  | RefusedRequest

export interface RefusedRequest {
  readonly kind: 'refused'
  /** The first field at fault, as a path into the body. */
  readonly field: string
  /** All faults, as sentences that name their fields. */
  readonly sentence: string
}

export interface RequestSettings extends Pair {
  /** The target's name of the model. */
  readonly model: string
  /** Where the dialect does not say it in the body (Gemini says it in the path, prompt in a header). */
  readonly isStreaming?: boolean
}

export function translateRequest(body: JsonValue, settings: RequestSettings): TranslatedRequest {
  const read = readRequest(body, settings.from)
  if (read.kind === 'refused') return read
  const isStreaming = settings.isStreaming ?? read.request.isStreaming
  const settled = settle({ ...read.request, isStreaming }, settings)
  if (settled.kind === 'refused') return refused(settled.faults)
  const written = formatOf(settings.to).writeRequest(settled.request, { model: settings.model })
  const droppedHere = (written.dropped ?? []).map((feature) => settled.request.found.get(feature) ?? feature)
  return {
    kind: 'request',
    path: written.path,
    body: written.body,
    dropped: bounded([...new Set([...settled.dropped, ...droppedHere])]),
    adjusted: written.adjusted ?? [],
    wantsStreamUsage: read.request.wantsStreamUsage,
  }
}

export type ReadResult = { readonly kind: 'read'; readonly request: ChatRequest } | RefusedRequest

export function readRequest(body: JsonValue, from: FormatName): ReadResult {
  if (!isObject(body)) return refused([{ path: '', sentence: 'must be a JSON object' }])
  const reading = new Reading()
  const request = formatOf(from).readRequest(reading.root(body))
  if (reading.faults.length > 0) return refused(reading.faults)
  return { kind: 'read', request: { ...request, found: reading.found, unknown: [...reading.unknown] } }
}

export function refused(faults: readonly FieldFault[]): RefusedRequest {
  const sentence = faults
    .map(({ path, sentence: what }) => `${path === '' ? 'The body' : `\`${path}\``} ${what}.`)
    .join(' ')
  return { kind: 'refused', field: faults[0]?.path ?? '', sentence }
}

function bounded(names: readonly string[]): readonly string[] {
  if (names.length <= MAX_DROPPED_NAMES) return names
  return [...names.slice(0, MAX_DROPPED_NAMES), `${names.length - MAX_DROPPED_NAMES}-more`]
}
