// Lists the texts, data and media of one value in a request's body, by the table of its places. Builds nothing but
// offsets; texts are decoded by whoever wants them (texts.ts). Bounded: a body of a million parts is read in part.
import type { Buffer } from 'node:buffer'
import type { Span } from '../../exchange.ts'
import { readString, scanElements, scanMembers } from '../../json/scan.ts'
import type { PlaceUse, TextPlaces } from './text-places.ts'

/** Of one call; what comes after them is judged by its size. */
export const MAX_PIECES = 4096
/** A body's own nesting has a bound already; the tables have no more levels than this. */
const MAX_LEVELS = 16
const QUOTE = 0x22
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b

export type MediaKind = 'image' | 'audio' | 'document'

export interface Piece {
  readonly use: PlaceUse
  /** A string with its quotes, or a whole value of data. */
  readonly span: Span
  /** The name of the member whose value it is; null: none has a name here. */
  readonly label: string | null
  /** Of media alone. */
  readonly media: MediaKind | null
  /** What a tool has said, although it stands in a turn of the user. */
  readonly isTools: boolean
}

export interface Surroundings {
  readonly label: string | null
  /** What the nearest part says it is: `image_url`. */
  readonly tag: string | null
  readonly mime: string | null
}

export const NOWHERE: Surroundings = { label: null, tag: null, mime: null }

const MIME_NAMES = ['mimeType', 'mime_type', 'media_type', 'format'] as const
/** Kinds and names that say what stands inside them. */
const TELLING = /image|audio|video|document|file|tool_result|_output$|^function_?[rR]esponse$/
const TOOL_PLACE = /tool_result|_output$|^function_?[rR]esponse$/

export class PieceReader {
  readonly #bytes: Buffer
  readonly pieces: Piece[] = []

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isFull(): boolean {
    return this.pieces.length >= MAX_PIECES
  }

  read(span: Span, places: TextPlaces, around: Surroundings = NOWHERE, level = 0): void {
    if (this.isFull || level > MAX_LEVELS) return
    const byte = this.#bytes[span.start]
    if (places.use === 'data') this.#add(span, 'data', around)
    else if (byte === QUOTE) this.#string(span, places, around)
    else if (byte === OPEN_BRACKET) this.#list(span, places, { around, level })
    else if (byte === OPEN_BRACE) this.#object(span, places, { around, level })
  }

  #string(span: Span, { use }: TextPlaces, around: Surroundings): void {
    if (use !== null && span.end - span.start > 2) this.#add(span, use, around)
  }

  #list(span: Span, places: TextPlaces, { around, level }: Where): void {
    const items = places.items ?? (places.use === null ? null : places)
    if (items === null) return
    for (const element of scanElements(this.#bytes, span)) {
      this.read(element, items, around, level + 1)
      if (this.isFull) return
    }
  }

  #object(span: Span, places: TextPlaces, { around, level }: Where): void {
    const told = this.#kindOf(span, places)
    const { names, members } = told.places
    if (names.length === 0) return
    const hasMedia = members.some(({ use }) => use === 'media')
    const spans = scanMembers(this.#bytes, span, hasMedia ? [...names, ...MIME_NAMES] : names) ?? []
    const mime = hasMedia ? this.#mimeAmong(spans.slice(names.length)) : around.mime
    const tag = told.tag !== null && (around.tag === null || TELLING.test(told.tag)) ? told.tag : around.tag
    for (let index = 0; index < names.length; index += 1) {
      const [member, inner, label = null] = [spans[index], members[index], names[index]]
      if (member === undefined || inner === undefined) continue
      const isTelling = label !== null && TELLING.test(label)
      this.read(member, inner, { label, tag: isTelling ? (tag ?? label) : tag, mime }, level + 1)
    }
  }

  #kindOf(span: Span, places: TextPlaces): { readonly places: TextPlaces; readonly tag: string | null } {
    const { kinds } = places
    if (kinds === null) return { places, tag: null }
    const tagSpan = scanMembers(this.#bytes, span, [kinds.tag])?.[0]
    const tag = tagSpan === undefined ? null : readString(this.#bytes, tagSpan)
    const known = tag === null ? kinds.untagged : kinds.places.get(tag)
    return { places: known ?? kinds.untagged ?? places, tag }
  }

  #mimeAmong(spans: readonly (Span | undefined)[]): string | null {
    const span = spans.find((each) => each !== undefined)
    return span === undefined ? null : readString(this.#bytes, span)
  }

  #add(span: Span, use: PlaceUse, around: Surroundings): void {
    const isTools = TOOL_PLACE.test(around.tag ?? '')
    const media = use === 'media' ? mediaKindOf(this.#headOf(span), around) : null
    this.pieces.push({ use, span, label: around.label, media, isTools })
  }

  #headOf({ start, end }: Span): string {
    return this.#bytes.toString('latin1', start + 1, Math.min(end - 1, start + HEAD_BYTES))
  }
}

interface Where {
  readonly around: Surroundings
  readonly level: number
}

const HEAD_BYTES = 48
const AUDIO_FORMAT = /^(?:audio\/.*|wav|mp3|flac|opus|ogg|pcm16|aac|m4a)$/i

/** By what the data says of itself, then by what its part says, then by the name of its place. */
function mediaKindOf(head: string, { label, tag, mime }: Surroundings): MediaKind {
  const told = /^data:([a-z]+)\\?\//i.exec(head)?.[1]?.toLowerCase() ?? mime?.toLowerCase() ?? ''
  if (told.startsWith('image') || told.startsWith('video')) return 'image'
  if (AUDIO_FORMAT.test(told) || told === 'audio') return 'audio'
  if (told !== '') return 'document'
  const place = `${tag ?? ''} ${label ?? ''}`
  if (/audio/.test(place)) return 'audio'
  return /image|video/.test(place) ? 'image' : 'document'
}
