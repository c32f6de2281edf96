// Images, audio and documents inside of requests: data URLs, file endings and media types. Pure text work; nothing is
// fetched or decoded.
import type { Field } from './field.ts'
import type { MediaSource } from './chat.ts'

const MEDIA_TYPE = /^[a-z]+\/[a-z0-9.+-]{1,80}$/

const BY_ENDING: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  heic: 'image/heic',
  pdf: 'application/pdf',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
}

/** A source from a URL that may hold the data itself. Undefined: a fault was noted. */
export function readUrl(field: Field): MediaSource | undefined {
  const url = field.requiredText()
  if (/^https?:\/\//i.test(url)) {
    const mediaType = mediaTypeOf(url)
    return { kind: 'url', url, ...(mediaType !== undefined && { mediaType }) }
  }
  const comma = url.indexOf(',')
  const [mediaType = '', ...parameters] = url.slice('data:'.length, Math.max(comma, 0)).toLowerCase().split(';')
  if (!url.startsWith('data:') || parameters.at(-1) !== 'base64' || !MEDIA_TYPE.test(mediaType)) {
    field.fault('must be an http(s) URL or a data URL with base64')
    return undefined
  }
  return { kind: 'base64', mediaType: registered(mediaType), data: url.slice(comma + 1) }
}

export function readBase64(data: Field, mediaType: string | undefined): MediaSource | undefined {
  const text = data.requiredText()
  if (mediaType === undefined || !MEDIA_TYPE.test(mediaType.toLowerCase())) {
    data.fault('needs a media type beside it')
    return undefined
  }
  return { kind: 'base64', mediaType: registered(mediaType.toLowerCase()), data: text }
}

/** Names that people write and some providers take, by the registered ones that all take. */
const REGISTERED: Readonly<Record<string, string>> = { 'image/jpg': 'image/jpeg', 'audio/mp3': 'audio/mpeg' }

function registered(mediaType: string): string {
  return Object.hasOwn(REGISTERED, mediaType) ? (REGISTERED[mediaType] ?? mediaType) : mediaType
}

export function toUrl(source: MediaSource): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`
}

function mediaTypeOf(url: string): string | undefined {
  const ending = /\.([a-z0-9]{3,4})(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase()
  return ending === undefined || !Object.hasOwn(BY_ENDING, ending) ? undefined : BY_ENDING[ending]
}

/** What kind of content a media type is; text files count as documents. */
export function kindOf(mediaType: string): 'image' | 'audio' | 'document' | null {
  if (mediaType.startsWith('image/')) return 'image'
  if (mediaType.startsWith('audio/')) return 'audio'
  return mediaType.startsWith('video/') ? null : 'document'
}

/** Images in base64 tell their format by their first bytes, for dialects that send them without a media type. */
export function sniffImage(data: string): string {
  if (data.startsWith('iVBORw0KGgo')) return 'image/png'
  if (data.startsWith('R0lGOD')) return 'image/gif'
  if (data.startsWith('UklGR')) return 'image/webp'
  return 'image/jpeg'
}
