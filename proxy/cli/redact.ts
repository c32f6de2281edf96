// `modelroute redact`: what a rule would mask in a text, without a cluster and without a call. Pure but for the reader
// it is given.
//
//   text -> detect, as the proxy does -> the masked text | with --explain a line for each finding
//
// It reads text and not calls: a file of JSON is one text here, its keys and numbers included.
import { redactionFaults } from '../redact/detectors/faults.ts'
import { detect } from '../redact/detectors/detect.ts'
import type { Detection } from '../redact/detectors/detection.ts'
import { compilePolicy } from '../redact/detectors/policy.ts'
import { DETECTORS_BY_NAME } from '../redact/detectors/table.ts'
import type { Said } from './said.ts'
import { REDACTION_PROFILES, type Redaction, type RedactionProfile } from '../table/schema.ts'

export const REDACT_USAGE = `usage: modelroute redact [options] < file
  --explain         one line for each finding: where, what, why
  --profile NAME    ${REDACTION_PROFILES.join(', ')} (Standard unless given)
  --add NAME        a detector beside the profile's; repeat it for more
  --remove NAME     a detector of the profile that is off; repeat it for more
  --word TEXT       a word of the company; repeat it for more
  --json            the findings as JSON lines`

export const REDACT_OPTIONS = {
  explain: { type: 'boolean' },
  json: { type: 'boolean' },
  profile: { type: 'string' },
  add: { type: 'string', multiple: true },
  remove: { type: 'string', multiple: true },
  word: { type: 'string', multiple: true },
} as const

export interface RedactWish {
  readonly explain?: boolean
  readonly json?: boolean
  readonly profile?: string
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
  readonly word?: readonly string[]
}

export function redactCommand(wish: RedactWish, readInput: () => string): Said {
  const profile = REDACTION_PROFILES.find((name) => name === (wish.profile ?? 'Standard'))
  if (profile === undefined) return { kind: 'fault', message: `--profile is one of ${REDACTION_PROFILES.join(', ')}` }
  const redaction = toRedaction(profile, wish)
  const [fault] = Object.values(redactionFaults(redaction)).flat()
  if (fault) return { kind: 'fault', message: `--${fault.path}: ${fault.message}` }
  const text = readInput()
  const found = detect(text, compilePolicy({ redaction, wordLists: new Map() }))
  if (wish.json) return { kind: 'text', text: found.map((finding) => `${JSON.stringify(finding)}\n`).join('') }
  return { kind: 'text', text: wish.explain ? explain(text, found) : masked(text, found) }
}

function toRedaction(profile: RedactionProfile, { add = [], remove = [], word = [] }: RedactWish): Redaction {
  return { profile, add, remove, mode: 'Enforce', onFailure: 'Refuse', words: word }
}

/** The type's word in place of each value: placeholders need the key of a namespace. */
function masked(text: string, found: readonly Detection[]): string {
  let read = 0
  const parts = found.map(({ start, end, type }) => {
    const part = `${text.slice(read, start)}<${DETECTORS_BY_NAME.get(type)?.placeholderWord ?? type}>`
    read = end
    return part
  })
  return parts.join('') + text.slice(read)
}

/** `line:column  Type  "value"  evidence`, then how many of each. */
function explain(text: string, found: readonly Detection[]): string {
  const lines = found.map(placeOf(text)).map(({ place, finding: { start, end, type, evidence } }) => {
    const value = JSON.stringify(text.slice(start, end))
    return `${place.padEnd(10)} ${type.padEnd(24)} ${value}  (${evidence})`
  })
  const counts = new Map<string, number>()
  for (const { type } of found) counts.set(type, (counts.get(type) ?? 0) + 1)
  const totals = [...counts].map(([type, count]) => `${count} ${type}`).join(', ')
  return [...lines, found.length === 0 ? 'nothing would be masked' : `would be masked: ${totals}`, ''].join('\n')
}

/** Line and column from 1, counted onwards from the finding before: findings come in order. */
function placeOf(text: string): (finding: Detection) => { readonly place: string; readonly finding: Detection } {
  let line = 1
  let lineStart = 0
  let read = 0
  return (finding) => {
    for (let at = text.indexOf('\n', read); at !== -1 && at < finding.start; at = text.indexOf('\n', at + 1)) {
      line += 1
      lineStart = at + 1
    }
    read = Math.max(finding.start, lineStart)
    return { place: `${line}:${finding.start - lineStart + 1}`, finding }
  }
}
