// Contents of Gemini requests -> neutral turns. Calls have no ids here unless the caller sets them: a call is known by
// its place in the conversation, and a response belongs to the first call of its name that has none yet.
import type { Field } from '../../neutral/field.ts'
import { kindOf, readBase64, readUrl } from '../../neutral/media.ts'
import type {
  MediaPart,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  Turn,
} from '../../neutral/chat.ts'
import { signed } from '../../neutral/signature.ts'
import { idByPlace } from '../../neutral/tool-ids.ts'
import { bothNames, either } from './names.ts'

const PART_MEMBERS = bothNames([
  'text',
  'thought',
  'thoughtSignature',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
])

const HOSTED = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'] as const

interface OpenCall {
  readonly id: string
  readonly name: string
}

/** Reads the contents of one conversation in order. */
export class ContentReader {
  #turn = -1
  #open: OpenCall[] = []

  read(content: Field): Turn {
    this.#turn += 1
    content.noteMembers(['role', 'parts'])
    const role = content.member('role').word(['user', 'model', 'function', 'tool']) === 'model' ? 'assistant' : 'user'
    if (role === 'assistant') this.#open = []
    const parts = content
      .member('parts')
      .items()
      .flatMap((part) => this.#readPart(part))
    return { role, parts: joinReasoning(parts) }
  }

  #readPart(part: Field): readonly Part[] {
    part.noteMembers(PART_MEMBERS, {
      videoMetadata: 'documentDetails',
      video_metadata: 'documentDetails',
      mediaResolution: 'imageDetail',
    })
    for (const name of HOSTED) either(part, name).noteIfPresent('hostedTool')
    const call = either(part, 'functionCall')
    if (call.isPresent) return [this.#readCall(part, call)]
    const response = either(part, 'functionResponse')
    if (response.isPresent) return [this.#readResponse(response)]
    const inline = either(part, 'inlineData')
    if (inline.isPresent) return readInline(inline)
    const file = either(part, 'fileData')
    if (file.isPresent) return readFile(file)
    return part.member('text').isPresent || either(part, 'thoughtSignature').isPresent ? [readText(part)] : []
  }

  #readCall(part: Field, call: Field): ToolCallPart {
    call.note('toolHistory')
    const name = call.member('name').requiredText()
    const id = call.member('id').text() ?? idByPlace(this.#turn, this.#open.length)
    this.#open.push({ id, name })
    const signature = either(part, 'thoughtSignature')
    const value = signature.text()
    if (value !== undefined) signature.note('reasoningHistory')
    return {
      kind: 'toolCall',
      id,
      name,
      argumentsText: JSON.stringify(call.member('args').object() ?? {}),
      ...signed(value, { of: 'Gemini' }),
    }
  }

  #readResponse(response: Field): ToolResultPart {
    response.note('toolHistory')
    const name = response.member('name').requiredText()
    const wantedId = response.member('id').text()
    const at = this.#open.findIndex((call) => (wantedId === undefined ? call.name === name : call.id === wantedId))
    const [call] = at === -1 ? [] : this.#open.splice(at, 1)
    const { text, isError } = readResponseText(response.member('response'))
    if (isError) response.member('response').note('toolResultError')
    const media = response
      .member('parts')
      .items()
      .flatMap((inner) => readInline(either(inner, 'inlineData')))
    if (media.length > 0) response.member('parts').note('toolResultMedia')
    return {
      kind: 'toolResult',
      callId: call?.id ?? wantedId ?? idByPlace(this.#turn, at),
      name,
      parts: [{ kind: 'text', text }, ...media],
      ...(isError && { isError }),
    }
  }
}

/** By the documentation `output` holds a result and `error` an error; without them the whole object is the result. */
function readResponseText(response: Field): { readonly text: string; readonly isError: boolean } {
  const object = response.object() ?? {}
  const [name, ...others] = Object.keys(object)
  const only = others.length === 0 && name !== undefined ? object[name] : undefined
  const isError = name === 'error' && only !== undefined
  if ((name === 'output' || isError) && typeof only === 'string') return { text: only, isError }
  return { text: JSON.stringify(isError ? only : object), isError }
}

function readText(part: Field): TextPart | ReasoningPart {
  const text = part.member('text').text() ?? ''
  const signature = either(part, 'thoughtSignature')
  const value = signature.text()
  const isThought = part.member('thought').boolean() === true
  if (isThought || value !== undefined) (isThought ? part.member('thought') : signature).note('reasoningHistory')
  const by = signed(value, { of: 'Gemini' })
  return isThought ? { kind: 'reasoning', text, ...by } : { kind: 'text', text, ...by }
}

/** Streamed reasoning comes back in pieces, its signature in the last one. */
function joinReasoning(parts: readonly Part[]): readonly Part[] {
  const joined: Part[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    const goesOn = part.kind === 'reasoning' && last?.kind === 'reasoning' && last.signature === undefined
    if (goesOn) joined[joined.length - 1] = { ...part, text: last.text + part.text }
    else joined.push(part)
  }
  return joined
}

function readInline(inline: Field): readonly MediaPart[] {
  const mediaType = either(inline, 'mimeType').text()
  const source = readBase64(inline.member('data'), mediaType)
  const kind = source?.mediaType === undefined ? null : kindOf(source.mediaType)
  if (source !== undefined && kind === null) either(inline, 'mimeType').fault('is a type that cannot be translated')
  if (source === undefined || kind === null) return []
  inline.note(kind === 'image' ? 'imageData' : kind === 'audio' ? 'audioData' : 'documentData')
  return [{ kind, source }]
}

/** URLs of other hosts are fetched by any provider; Google's own file names only by Google. */
function readFile(file: Field): readonly MediaPart[] {
  const uri = either(file, 'fileUri')
  const text = uri.text() ?? ''
  if (!/^https?:\/\//i.test(text) || /^https:\/\/generativelanguage\.googleapis\.com\//i.test(text)) {
    uri.note('storedFile')
    return []
  }
  const source = readUrl(uri)
  const mediaType = either(file, 'mimeType').text() ?? source?.mediaType
  const kind = mediaType === undefined ? 'image' : kindOf(mediaType)
  if (source?.kind !== 'url' || kind === null || kind === 'audio') {
    uri.fault('is media that cannot be translated')
    return []
  }
  uri.note(kind === 'image' ? 'imageUrl' : 'documentUrl')
  return [{ kind, source: { ...source, ...(mediaType !== undefined && { mediaType }) } }]
}
