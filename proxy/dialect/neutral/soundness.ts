// Looks through JSON from outside for what could not be written again faithfully or safely: strings that are no Unicode
// text, and nesting that the writing of JSON could not follow. Without recursion, so that depth cannot hurt it.
import { isExactNumber, type JsonValue } from './json.ts'

export interface JsonFault {
  readonly kind: 'fault'
  /** Where in the text's value, as `messages[0].content`; empty for the whole. */
  readonly path: string
  readonly sentence: string
}

/** Deeper nesting is refused; tool schemas in the wild stay below 40. */
export const MAX_DEPTH = 256

/** A path as a chain towards the root: text is made of it only for a fault. */
interface Path {
  readonly parent: Path | null
  readonly step: string | number
}

interface Visit {
  readonly value: JsonValue
  readonly path: Path | null
  readonly depth: number
}

export interface SoundnessCheck {
  /** Whether strings must be Unicode text. */
  readonly isTextChecked: boolean
}

export function findUnsound(root: JsonValue, { isTextChecked }: SoundnessCheck): JsonFault | null {
  const visits: Visit[] = [{ value: root, path: null, depth: 0 }]
  for (let visit = visits.pop(); visit !== undefined; visit = visits.pop()) {
    const sentence = depthFault(visit) ?? (isTextChecked ? textFault(visit) : null)
    if (sentence !== null) return { kind: 'fault', path: pathText(visit.path), sentence }
    addChildren(visit, visits)
  }
  return null
}

function depthFault({ value, depth }: Visit): string | null {
  return typeof value === 'object' && depth >= MAX_DEPTH ? `is nested deeper than ${MAX_DEPTH} levels` : null
}

function textFault({ value, path }: Visit): string | null {
  if (typeof value === 'string' && !value.isWellFormed()) return 'holds half of a character (a lone surrogate)'
  return typeof path?.step === 'string' && !path.step.isWellFormed() ? 'has half of a character in its name' : null
}

function addChildren({ value, path, depth }: Visit, visits: Visit[]): void {
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return
  const add = (child: JsonValue | undefined, step: string | number) => {
    const isPlain = child === undefined || child === null || typeof child === 'number' || typeof child === 'boolean'
    const isUsualName = typeof step === 'number' || step.isWellFormed()
    if (!isPlain || !isUsualName) visits.push({ value: child ?? null, path: { parent: path, step }, depth: depth + 1 })
  }
  if (Array.isArray(value)) value.forEach((child: JsonValue, index) => add(child, index))
  else for (const [name, child] of Object.entries(value)) add(child as JsonValue, name)
}

function pathText(path: Path | null): string {
  const steps: string[] = []
  for (let at = path; at !== null; at = at.parent) {
    steps.push(typeof at.step === 'number' ? `[${at.step}]` : `.${at.step}`)
  }
  return shownPath(steps.reverse().slice(0, 12).join(''))
}

/** Names come from outside: a path is shown in sentences and headers, so anything unusual in it is blanked. */
export function shownPath(path: string): string {
  return path
    .replace(/^\./, '')
    .replace(/[^\w.[\]-]/g, '?')
    .slice(0, 120)
}
