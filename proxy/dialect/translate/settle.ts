// Decides, by the table of carries.ts, what becomes of each feature of a request at its target, before anything is
// written. What is refused ends the translation, naming the caller's field; what is dropped is removed where the writer
// could write it, and named. After this a writer meets nothing that its dialect cannot express.
import { fateOf } from '../neutral/carries.ts'
import type { Feature } from '../neutral/features.ts'
import { FEATURES } from '../neutral/features.ts'
import type { FieldFault } from '../neutral/field.ts'
import type { ChatRequest, FormatName, Part, Signature, Turn } from '../neutral/chat.ts'
import { vendorOf } from '../neutral/signature.ts'
import { calledNames } from '../neutral/turns.ts'

export type Settled =
  | { readonly kind: 'settled'; readonly request: ChatRequest; readonly dropped: readonly string[] }
  | { readonly kind: 'refused'; readonly faults: readonly FieldFault[] }

/** Where the turns of a conversation stand in a caller's request. */
const TURNS_FIELD: Readonly<Record<FormatName, string>> = {
  OpenAIChat: 'messages',
  OpenAIResponses: 'input',
  Anthropic: 'messages',
  Gemini: 'contents',
  Ollama: 'messages',
  Prompt: 'prompt',
}

export interface Pair {
  readonly from: FormatName
  readonly to: FormatName
}

export function settle(request: ChatRequest, { from, to }: Pair): Settled {
  const found = featuresOf(request, from)
  const faults = [...refusals(found, to), ...lonelyResults(request, from)]
  if (faults.length > 0) return { kind: 'refused', faults }
  const { turns, hasRemoved } = withoutForeignReasoning(request.turns, to)
  const isDropped = ([feature]: readonly [Feature, string]) =>
    feature === 'reasoningHistory' ? hasRemoved : fateOf(feature, to) === 'dropped'
  const dropped = [...found].filter(isDropped).map(([, field]) => field)
  const unknown = request.unknown.length > 0 && fateOf('extras', to) === 'dropped' ? request.unknown : []
  return { kind: 'settled', request: { ...withoutUncallable(request, to), turns }, dropped: [...dropped, ...unknown] }
}

/** Everything that the request asks for, with the caller's field. */
export function featuresOf(request: ChatRequest, from: FormatName): ReadonlyMap<Feature, string> {
  const found = new Map(request.found)
  for (const feature of impliedBy(request)) if (!found.has(feature)) found.set(feature, TURNS_FIELD[from])
  return found
}

function refusals(found: ReadonlyMap<Feature, string>, to: FormatName): readonly FieldFault[] {
  return [...found].flatMap(([feature, path]) => {
    if (fateOf(feature, to) !== 'refused') return []
    return [{ path, sentence: `asks for what the provider of the dialect ${to} cannot do: ${FEATURES[feature]}` }]
  })
}

/** What no single field asks for. */
function impliedBy({ turns }: ChatRequest): readonly Feature[] {
  const isSystem = ({ role }: Turn) => role === 'system' || role === 'developer'
  const features: Feature[] = []
  if (turns.some(isSystem)) features.push('systemText')
  const firstOther = turns.findIndex((turn) => !isSystem(turn))
  if (firstOther !== -1 && turns.slice(firstOther).some(isSystem)) features.push('laterSystemText')
  if (turns.filter((turn) => !isSystem(turn)).length > 1) features.push('multiTurn')
  const last = turns.at(-1)
  if (last?.role === 'assistant' && last.parts.every(({ kind }) => kind !== 'toolCall')) features.push('prefill')
  return features
}

/** Results must belong to a call of an earlier turn: some dialects need the call's name to send them. */
function lonelyResults({ turns }: ChatRequest, from: FormatName): readonly FieldFault[] {
  const names = calledNames(turns)
  const isLonely = (part: Part) => part.kind === 'toolResult' && part.name === undefined && !names.has(part.callId)
  if (!turns.some(({ parts }) => parts.some(isLonely))) return []
  return [{ path: TURNS_FIELD[from], sentence: 'holds a tool result without the call that it answers' }]
}

/**
 * Reasoning goes back only to the vendor that signed it, and whole blocks or nothing: an edited or foreign block makes
 * the vendor refuse the request. Plain reasoning text is nobody's and goes nowhere.
 */
function withoutForeignReasoning(
  turns: readonly Turn[],
  to: FormatName,
): { turns: readonly Turn[]; hasRemoved: boolean } {
  const vendor = vendorOf(to)
  let hasRemoved = false
  const kept = turns.map((turn): Turn => {
    if (!turn.parts.some((part) => part.kind === 'reasoning' || signatureOf(part) !== undefined)) return turn
    const parts = turn.parts.flatMap((part): readonly Part[] => {
      const signature = signatureOf(part)
      if (signature !== undefined && signature.vendor === vendor) return [part]
      if (part.kind !== 'reasoning' && signature === undefined) return [part]
      hasRemoved = true
      return part.kind === 'reasoning' ? [] : [unsigned(part)]
    })
    return { ...turn, parts }
  })
  return { turns: kept, hasRemoved }
}

function signatureOf(part: Part): Signature | undefined {
  return part.kind === 'reasoning' || part.kind === 'text' || part.kind === 'toolCall' ? part.signature : undefined
}

function unsigned(part: Part): Part {
  if (part.kind === 'text') return { kind: 'text', text: part.text }
  if (part.kind !== 'toolCall') return part
  const { kind, id, name, argumentsText } = part
  return { kind, id, name, argumentsText }
}

/** Where no choice among tools can be expressed, tools that must not be called are not sent. */
function withoutUncallable(request: ChatRequest, to: FormatName): ChatRequest {
  const isUncallable = request.toolChoice?.kind === 'none' && (to === 'Ollama' || to === 'Prompt')
  return isUncallable ? { ...request, tools: [] } : request
}
