// The values of a Kubernetes Secret manifest, YAML or JSON: everything under `data:` and `stringData:`.
//
//   `kind: Secret` -> the document round it -> its data blocks -> each value
//
// Bounded: at most MAX_MANIFEST characters before and behind the kind. A document is read once.

import type { Detection } from '../detection.ts'
import { KUBERNETES_SECRET } from './names.ts'
import type { Units } from '../text/units.ts'

const MAX_MANIFEST = 65_536
const MAX_VALUES = 256

export interface Manifest {
  readonly end: number
  readonly findings: readonly Detection[]
}

export interface Kind {
  readonly start: number
  readonly end: number
  /** Nothing before this belongs to the document. */
  readonly floor: number
}

/** Null when the word from `start` to `end` is not the kind of a manifest. */
export function readKubernetesSecret(text: Units, { start, end, floor }: Kind): Manifest | null {
  if (
    !/(?:^|[\s{,\\n])\\?["']?kind\\?["']?[ \t]{0,4}:[ \t]{0,4}\\?["']?$/.test(
      text.slice(Math.max(0, start - 24), start),
    )
  )
    return null
  const from = documentStart(text, Math.max(floor, start - MAX_MANIFEST), start)
  const to = documentEnd(text, end)
  const findings: Detection[] = []
  const lines = text.slice(from, to)
  for (const block of lines.matchAll(BLOCK)) {
    const at = from + block.index + block[0].length
    if (block[1] === '{') readObject({ text, at, to, findings })
    else readLines({ text, at, to, findings })
    if (findings.length >= MAX_VALUES) break
  }
  return { end: to, findings }
}

const BLOCK = /(?:^[ \t]{0,40}|[{,][ \t]{0,8})["']?(?:data|stringData)["']?[ \t]{0,4}:[ \t]{0,4}(\{)?/gm

function documentStart(text: Units, floor: number, before: number): number {
  const at = text.lastIndexOf('\n---', before)
  return Math.max(floor, at < 0 ? 0 : at)
}

function documentEnd(text: Units, from: number): number {
  const limit = Math.min(text.length, from + MAX_MANIFEST)
  const at = text.slice(from, limit).indexOf('\n---')
  return at < 0 ? limit : from + at
}

interface Block {
  readonly text: Units
  readonly at: number
  readonly to: number
  readonly findings: Detection[]
}

const LINE = /\r?\n([ \t]{1,40})["']?[\w.-]{1,253}["']?[ \t]{0,4}:[ \t]{0,4}(["']?)([^\s"']{1,8192})\2/y

/** `  key: value` lines of one indent; the block ends where no such line follows. */
function readLines({ text, at, to, findings }: Block): void {
  LINE.lastIndex = at
  let indent = ''
  while (LINE.lastIndex < to && findings.length < MAX_VALUES) {
    const line = LINE.exec(text.text)
    if (line === null || (indent !== '' && line[1] !== indent)) return
    indent = line[1] ?? ''
    const [whole = '', , quote = '', value = ''] = line
    const end = line.index + whole.length - quote.length
    if (!/^[|>]/.test(value)) push(findings, end - value.length, end)
  }
}

const MEMBER = /[\s,]{0,200}"[\w.-]{1,253}"[ \t]{0,4}:\s{0,8}"([^"\\\s]{1,8192})"/y

function readObject({ text, at, to, findings }: Block): void {
  MEMBER.lastIndex = at
  while (MEMBER.lastIndex < to && findings.length < MAX_VALUES) {
    const member = MEMBER.exec(text.text)
    if (member === null) return
    const end = member.index + member[0].length - 1
    push(findings, end - (member[1] ?? '').length, end)
  }
}

function push(findings: Detection[], start: number, end: number): void {
  findings.push({ start, end, type: KUBERNETES_SECRET, evidence: 'data of a Secret' })
}
