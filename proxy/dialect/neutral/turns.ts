// Turns of a conversation, put into the shapes that targets want: one system text, no two turns of the same role in a
// row, media out of tool results.
import type { MediaPart, Part, TextPart, ToolResultPart, Turn } from './chat.ts'

/** System and developer text of the whole conversation in order, and the turns without it. */
export function splitSystem(turns: readonly Turn[]): {
  readonly system: readonly TextPart[]
  readonly turns: readonly Turn[]
} {
  const isSystem = ({ role }: Turn) => role === 'system' || role === 'developer'
  const system = turns.filter(isSystem).flatMap(({ parts }) => parts.filter((part) => part.kind === 'text'))
  return { system, turns: turns.filter((turn) => !isSystem(turn)) }
}

export function mergeTurns(turns: readonly Turn[]): readonly Turn[] {
  const merged: { role: Turn['role']; parts: Part[] }[] = []
  for (const { role, parts } of turns) {
    const last = merged.at(-1)
    if (last?.role === role) last.parts.push(...parts)
    else merged.push({ role, parts: [...parts] })
  }
  return merged.filter(({ parts }) => parts.length > 0)
}

/** For targets that refuse text without a character; what is signed stays, for it was the target that wrote it. */
export function withoutEmptyText(turns: readonly Turn[]): readonly Turn[] {
  const isSaid = (part: Part) => part.kind !== 'text' || part.text !== '' || part.signature !== undefined
  return turns.flatMap((turn) => {
    const parts = turn.parts.filter(isSaid)
    return parts.length === 0 ? [] : [{ ...turn, parts }]
  })
}

/** Tool results with their text only, followed by the media they had, as content of the user. */
export function mediaOutOfResults(parts: readonly Part[]): readonly Part[] {
  const media: MediaPart[] = []
  const kept = parts.map((part): Part => {
    if (part.kind !== 'toolResult') return part
    const own = part.parts.filter((inner) => inner.kind !== 'text')
    if (own.length === 0) return part
    media.push(...own)
    return { ...part, parts: part.parts.filter((inner) => inner.kind === 'text') }
  })
  const results = kept.filter(({ kind }) => kind === 'toolResult')
  return [...results, ...media, ...kept.filter(({ kind }) => kind !== 'toolResult')]
}

/** Results first, as every dialect wants them directly after the calls. */
export function splitResults(parts: readonly Part[]): {
  readonly results: readonly ToolResultPart[]
  readonly rest: readonly Part[]
} {
  return {
    results: parts.filter((part) => part.kind === 'toolResult'),
    rest: parts.filter((part) => part.kind !== 'toolResult'),
  }
}

/** What a model said: its pieces belong together as they are. */
export function textOf(parts: readonly Part[]): string {
  return textsOf(parts).join('')
}

/** What a person or a tool said, for targets that take one string: pieces are lines, so that no words grow together. */
export function linesOf(parts: readonly Part[]): string {
  return textsOf(parts).join('\n')
}

/** System text, for targets that take one string. */
export function paragraphs(parts: readonly Part[]): string {
  return textsOf(parts).join('\n\n')
}

function textsOf(parts: readonly Part[]): readonly string[] {
  return parts.flatMap((part) => (part.kind === 'text' || part.kind === 'refusal' ? [part.text] : []))
}

/** The names of the tools that earlier turns called, by the call's id. */
export function calledNames(turns: readonly Turn[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { parts } of turns) for (const part of parts) if (part.kind === 'toolCall') names.set(part.id, part.name)
  return names
}
