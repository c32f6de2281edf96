// Neutral turns -> contents of Gemini requests. Responses stand in one content, in the order of the calls they answer,
// since names alone do not tell calls of the same tool apart. A signature goes on the part that followed it.
import { argumentsObject } from '../../neutral/json-text.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { MediaPart, Part, Signature, ToolCallPart, ToolResultPart, Turn } from '../../neutral/chat.ts'
import {
  calledNames,
  mediaOutOfResults,
  mergeTurns,
  linesOf,
  splitResults,
  withoutEmptyText,
} from '../../neutral/turns.ts'

/**
 * Gemini 3 refuses a call in its history without a signature. For calls that another model made, Google's guide on
 * thought signatures names this value, which turns the check off.
 */
export const UNCHECKED_SIGNATURE = 'skip_thought_signature_validator'

export interface ContentSettings {
  readonly isSignatureChecked: boolean
}

export function writeContents(turns: readonly Turn[], settings: ContentSettings): readonly JsonObject[] {
  const names = calledNames(turns)
  const order = [...names.keys()]
  return mergeTurns(withoutEmptyText(turns)).map(({ role, parts }) => {
    if (role === 'assistant') return { role: 'model', parts: writeModelParts(parts, settings) }
    const { results, rest } = splitResults(mediaOutOfResults(parts))
    const ordered = results.toSorted((left, right) => order.indexOf(left.callId) - order.indexOf(right.callId))
    const responses = ordered.map((result) => writeResponse(result, names.get(result.callId) ?? ''))
    return { role: 'user', parts: [...responses, ...rest.flatMap(writeUserPart)] }
  })
}

function writeResponse(result: ToolResultPart, name: string): JsonObject {
  const text = linesOf(result.parts)
  const response = result.isError === true ? { error: text } : { output: text }
  return { functionResponse: { name: result.name ?? name, response } }
}

function writeUserPart(part: Part): readonly JsonObject[] {
  if (part.kind === 'text' || part.kind === 'refusal') return [{ text: part.text }]
  return part.kind === 'image' || part.kind === 'audio' || part.kind === 'document' ? [writeMedia(part)] : []
}

function writeMedia({ source }: MediaPart): JsonObject {
  if (source.kind === 'base64') return { inlineData: { mimeType: source.mediaType, data: source.data } }
  return { fileData: { fileUri: source.url, mimeType: source.mediaType } }
}

function writeModelParts(parts: readonly Part[], settings: ContentSettings): readonly JsonObject[] {
  const written: JsonObject[] = []
  let pending: Signature | undefined
  let hasCall = false
  for (const part of parts) {
    if (part.kind === 'reasoning') {
      pending = part.signature ?? pending
    } else if (part.kind === 'toolCall') {
      // Of parallel calls only the first is signed.
      const unsigned = settings.isSignatureChecked && !hasCall ? UNCHECKED_SIGNATURE : undefined
      written.push(writeCall(part, part.signature?.value ?? pending?.value ?? unsigned))
      hasCall = true
      pending = undefined
    } else if (part.kind === 'text' || part.kind === 'refusal') {
      const signature = (part.kind === 'text' ? part.signature : undefined) ?? pending
      written.push({ text: part.text, ...(signature !== undefined && { thoughtSignature: signature.value }) })
      pending = undefined
    }
  }
  return written
}

function writeCall({ name, argumentsText }: ToolCallPart, signature: string | undefined): JsonObject {
  const call = { functionCall: { name, args: argumentsObject(argumentsText) } }
  return signature === undefined ? call : { ...call, thoughtSignature: signature }
}
