// The language that a rule wants answers in: a parameter where the dialect has one, elsewhere a sentence at the end of
// the system text. What the application says there stays as it is.
import type { Buffer } from 'node:buffer'
import type { Span } from '../exchange.ts'
import { scanMembers } from '../json/scan.ts'
import type { Edit } from '../json/splice.ts'
import type { DialectName } from '../table/schema.ts'
import { insertMembers, membersOfBody, replace, wholeObject } from './write.ts'

/**
 * value     the member is the language itself
 * text      a text, or a list of blocks of text
 * content   an object with parts
 * messages  a message of the system before all others
 */
type Form = 'value' | 'text' | 'content' | 'messages'

interface LanguagePlace {
  readonly form: Form
  /** All that count; the first is written where there is none. */
  readonly names: readonly string[]
}

const PLACES: Readonly<Record<DialectName, Readonly<Record<string, LanguagePlace>>>> = {
  OpenAI: {
    Chat: { form: 'messages', names: ['messages'] },
    Response: { form: 'text', names: ['instructions'] },
  },
  Anthropic: { Chat: { form: 'text', names: ['system'] } },
  Gemini: { Chat: { form: 'content', names: ['systemInstruction', 'system_instruction'] } },
  Ollama: { Chat: { form: 'messages', names: ['messages'] }, Completion: { form: 'text', names: ['system'] } },
  Prompt: { Chat: { form: 'value', names: ['language'] } },
}

const QUOTE = 0x22
const OPEN_BRACKET = 0x5b
const NOTHING = { edits: [], notes: [] } as const

export interface Said {
  readonly dialect: DialectName
  readonly operation: string | null
  readonly language: string
}

export function languageChanges(body: Buffer, { dialect, operation, language }: Said) {
  const byOperation = PLACES[dialect]
  const place = operation !== null && Object.hasOwn(byOperation, operation) ? byOperation[operation] : undefined
  if (place === undefined) return NOTHING
  const spans = membersOfBody(body, place.names)
  const index = Math.max(
    0,
    spans.findIndex((span) => span !== undefined),
  )
  const name = place.names[index] ?? ''
  const edit = editOf(body, { form: place.form, span: spans[index], name, language })
  return edit === null ? NOTHING : { edits: [edit], notes: [`language=${language}`] }
}

interface Place {
  readonly form: Form
  readonly span: Span | undefined
  readonly name: string
  readonly language: string
}

/** Null: what stands there is of no form that is known. */
function editOf(body: Buffer, { form, span, name, language }: Place): Edit | null {
  const sentence = `Answer in ${language}.`
  const isAbsent = span === undefined || body.toString('latin1', span.start, span.end) === 'null'
  switch (form) {
    case 'value':
      return written(body, { span, name }, JSON.stringify(language))
    case 'text':
      if (isAbsent) return written(body, { span, name }, JSON.stringify(sentence))
      return body[span.start] === QUOTE ? appended(span, sentence) : lastOf(body, span, textBlock(sentence))
    case 'content': {
      if (isAbsent) return written(body, { span, name }, `{"parts":[${textPart(sentence)}]}`)
      const parts = scanMembers(body, span, ['parts'])?.[0]
      return parts === undefined ? null : lastOf(body, parts, textPart(sentence))
    }
    case 'messages':
      return span === undefined ? null : firstOf(body, span, `{"role":"system","content":${JSON.stringify(sentence)}}`)
  }
}

function textBlock(sentence: string): string {
  return `{"type":"text","text":${JSON.stringify(sentence)}}`
}

function textPart(sentence: string): string {
  return `{"text":${JSON.stringify(sentence)}}`
}

function written(body: Buffer, { span, name }: Pick<Place, 'span' | 'name'>, value: string): Edit | null {
  if (span !== undefined) return replace(span, value)
  return insertMembers(body, wholeObject(body), [{ name, value }])[0] ?? null
}

/** Within the quotes of the text. */
function appended({ end }: Span, sentence: string): Edit {
  const text = JSON.stringify(`\n\n${sentence}`).slice(1, -1)
  return replace({ start: end - 1, end: end - 1 }, text)
}

function lastOf(body: Buffer, span: Span, element: string): Edit | null {
  if (body[span.start] !== OPEN_BRACKET) return null
  const isEmpty = body.toString('latin1', span.start + 1, span.end - 1).trim() === ''
  return replace({ start: span.end - 1, end: span.end - 1 }, isEmpty ? element : `,${element}`)
}

function firstOf(body: Buffer, span: Span, element: string): Edit | null {
  if (body[span.start] !== OPEN_BRACKET) return null
  const isEmpty = body
    .toString('latin1', span.start + 1, Math.min(span.end, span.start + 64))
    .trimStart()
    .startsWith(']')
  return replace({ start: span.start + 1, end: span.start + 1 }, isEmpty ? element : `${element},`)
}
