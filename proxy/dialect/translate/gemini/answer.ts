// A Gemini GenerateContentResponse <-> the neutral answer, its usage included, which counts thoughts on their own.
// Source: the REST reference of GenerateContentResponse.
import { Reading, type Field } from '../../neutral/field.ts'
import type { AnswerContext } from '../../neutral/format.ts'
import { argumentsObject } from '../../neutral/json-text.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { AnswerPart, ChatAnswer, Signature, StopReason, Usage } from '../../neutral/chat.ts'
import { showSignature, signed } from '../../neutral/signature.ts'
import { READ_STOPS, WRITTEN_STOPS } from './names.ts'

export function readAnswer(body: JsonObject, context: AnswerContext): ChatAnswer | null {
  const root = new Reading().root(body)
  const candidate = root.member('candidates').items()[0]
  const stop = readStop(root)
  if (candidate === undefined && stop === null) return null
  const parts = readParts(candidate?.member('content').member('parts').items() ?? [], context)
  const hasCalls = parts.some(({ kind }) => kind === 'toolCall')
  return {
    id: root.member('responseId').text() ?? null,
    model: root.member('modelVersion').text() ?? null,
    parts,
    stop: settleStop(stop, hasCalls),
    stopSequence: null,
    usage: readUsage(root.member('usageMetadata')),
  }
}

/** A prompt that was blocked has no candidates but a reason. Null: not finished yet. */
export function readStop(response: Field): StopReason | null {
  if (response.member('promptFeedback').member('blockReason').text() !== undefined) return 'contentFilter'
  const reason = response.member('candidates').items()[0]?.member('finishReason').text()
  if (reason === undefined || reason === 'FINISH_REASON_UNSPECIFIED') return null
  return READ_STOPS[reason] ?? 'other'
}

/** Gemini has no reason of its own for calls; beside calls, one that nobody knows (FUNCTION_CALL) means them too. */
export function settleStop(stop: StopReason | null, hasCalls: boolean): StopReason {
  const isOpen = stop === null || stop === 'end' || stop === 'other'
  return hasCalls && isOpen ? 'toolUse' : (stop ?? 'end')
}

/** Neighbouring pieces of one kind are one part, as they are when the same answer is streamed. */
function readParts(fields: readonly Field[], context: AnswerContext): readonly AnswerPart[] {
  const parts: AnswerPart[] = []
  for (const field of fields) {
    const call = field.member('functionCall')
    if (call.isPresent) parts.push(readCall(field, context))
    else addText(parts, field)
  }
  return parts
}

export function readCall(part: Field, context: AnswerContext): Extract<AnswerPart, { kind: 'toolCall' }> {
  const call = part.member('functionCall')
  const signature = signatureOf(part)
  return {
    kind: 'toolCall',
    id: call.member('id').text() || context.newId('call_'),
    name: call.member('name').text() ?? '',
    argumentsText: JSON.stringify(call.member('args').object() ?? {}),
    ...(signature !== undefined && { signature }),
  }
}

function addText(parts: AnswerPart[], field: Field): void {
  const kind = kindOfText(field)
  const text = field.member('text').text() ?? ''
  const signature = signatureOf(field)
  const last = parts.at(-1)
  if (text !== '' && last?.kind !== kind) parts.push({ kind, text })
  else if (text !== '' && last?.kind === kind) parts[parts.length - 1] = { ...last, text: last.text + text }
  if (signature !== undefined) sign(parts, signature)
}

function sign(parts: AnswerPart[], signature: Signature): void {
  const last = parts.at(-1)
  if (last?.kind === 'text' || last?.kind === 'reasoning') parts[parts.length - 1] = { ...last, signature }
  else parts.push({ kind: 'reasoning', text: '', signature })
}

export function kindOfText(part: Field): 'reasoning' | 'text' {
  return part.member('thought').boolean() === true ? 'reasoning' : 'text'
}

export function signatureOf(part: Field): Signature | undefined {
  const value = part.member('thoughtSignature').text()
  return signed(value, { of: 'Gemini' }).signature
}

/** Thoughts are counted beside the candidates, and the prompts of Google's own tools beside the prompt. */
export function readUsage(usage: Field): Usage | null {
  const prompt = usage.member('promptTokenCount').number()
  const candidates = usage.member('candidatesTokenCount').number()
  if (prompt === undefined && candidates === undefined) return null
  const thoughts = usage.member('thoughtsTokenCount').number()
  const cached = usage.member('cachedContentTokenCount').number()
  return {
    inputTokens: (prompt ?? 0) + (usage.member('toolUsePromptTokenCount').number() ?? 0),
    outputTokens: (candidates ?? 0) + (thoughts ?? 0),
    ...(cached !== undefined && { cachedInputTokens: cached }),
    ...(thoughts !== undefined && { reasoningTokens: thoughts }),
  }
}

export function writeUsage({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens }: Usage): JsonObject {
  return {
    promptTokenCount: inputTokens,
    // Some servers count reasoning beside the output, not in it.
    candidatesTokenCount: Math.max(0, outputTokens - (reasoningTokens ?? 0)),
    ...(cachedInputTokens !== undefined && { cachedContentTokenCount: cachedInputTokens }),
    ...(reasoningTokens !== undefined && { thoughtsTokenCount: reasoningTokens }),
    totalTokenCount: inputTokens + outputTokens,
  }
}

export function writeAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject {
  const { usage, parts } = answer
  return {
    candidates: [
      {
        content: { role: 'model', parts: parts.length === 0 ? [{ text: '' }] : parts.map(writePart) },
        finishReason: WRITTEN_STOPS[answer.stop],
        index: 0,
      },
    ],
    ...(usage !== null && { usageMetadata: writeUsage(usage) }),
    modelVersion: answer.model ?? context.model,
    responseId: answer.id ?? context.newId(''),
  }
}

export function writePart(part: AnswerPart): JsonObject {
  if (part.kind === 'refusal') return { text: part.text }
  const by = part.signature === undefined ? {} : { thoughtSignature: showSignature(part.signature, 'Gemini') }
  switch (part.kind) {
    case 'text':
      return { text: part.text, ...by }
    case 'reasoning':
      return { text: part.text, thought: true, ...by }
    case 'toolCall':
      return { functionCall: { id: part.id, name: part.name, args: argumentsObject(part.argumentsText) }, ...by }
  }
}
