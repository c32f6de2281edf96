// Whole answers and errors: every string of any dialect, JSON in strings, inputs of tools, what is signed, bodies that
// are no JSON at all.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { restoreDocument } from '../../../../proxy/redact/restore/document-restorer.ts'
import { restoringOf, tokenOf } from '../restoring.ts'

const EMAIL = { word: 'EMAIL', value: 'zoë.o"neil@example.com' }
const PERSON = { word: 'PERSON', value: '张伟' }
const PHONE = { word: 'PHONE', value: '13812345678', kind: 'number' as const }
const [email, person, phone] = [tokenOf(EMAIL), tokenOf(PERSON), tokenOf(PHONE)]

function restore(text: string, isJsonOutput = false): string {
  return restoreDocument(Buffer.from(text), { restoring: restoringOf(EMAIL, PERSON, PHONE), isJsonOutput }).toString(
    'utf8',
  )
}

const through = (value: object, isJsonOutput = false): unknown =>
  JSON.parse(restore(JSON.stringify(value), isJsonOutput))

describe('answers', () => {
  test('of every dialect', () => {
    const call = JSON.stringify({ to: email, n: phone })
    const masked = {
      chat: { choices: [{ message: { content: `to ${email}`, tool_calls: [{ function: { arguments: call } }] } }] },
      responses: {
        output: [{ type: 'message', content: [{ type: 'output_text', text: person }] }, { arguments: call }],
      },
      anthropic: { content: [{ type: 'tool_use', input: { to: [email], n: phone, [person]: { deep: person } } }] },
      gemini: { candidates: [{ content: { parts: [{ text: email }, { functionCall: { args: { n: phone } } }] } }] },
      ollama: { message: { content: email, tool_calls: [{ function: { arguments: { n: phone, to: email } } }] } },
      error: { error: { message: `${email} is not allowed` } },
    }
    const clear = JSON.stringify({ to: EMAIL.value, n: 13812345678 })
    expect(through(masked)).toEqual({
      chat: {
        choices: [{ message: { content: `to ${EMAIL.value}`, tool_calls: [{ function: { arguments: clear } }] } }],
      },
      responses: {
        output: [{ type: 'message', content: [{ type: 'output_text', text: PERSON.value }] }, { arguments: clear }],
      },
      anthropic: {
        content: [
          { type: 'tool_use', input: { to: [EMAIL.value], n: 13812345678, [PERSON.value]: { deep: PERSON.value } } },
        ],
      },
      gemini: {
        candidates: [{ content: { parts: [{ text: EMAIL.value }, { functionCall: { args: { n: 13812345678 } } }] } }],
      },
      ollama: {
        message: {
          content: EMAIL.value,
          tool_calls: [{ function: { arguments: { n: 13812345678, to: EMAIL.value } } }],
        },
      },
      error: { error: { message: `${EMAIL.value} is not allowed` } },
    })
  })

  test('whose text is JSON itself stay valid JSON', () => {
    const masked = { choices: [{ message: { content: JSON.stringify({ mail: email, n: phone }) } }] }
    const { choices } = through(masked, true) as typeof masked
    expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual({ mail: EMAIL.value, n: '13812345678' })
  })

  test('keep every other byte, escapes and spacing included', () => {
    expect(restore(`{ "a" : "\\u00e4 ${person}",\n "n":1.0e0 , "b":"\\/" }`)).toBe(
      `{ "a" : "ä 张伟",\n "n":1.0e0 , "b":"\\/" }`,
    )
  })

  test('that are no JSON are texts', () => {
    expect(restore(`<h1>${person} not found</h1>`)).toBe('<h1>张伟 not found</h1>')
    expect(restore('')).toBe('')
  })
})

describe('what is signed', () => {
  test('blocks of thinking and thoughts stay as the provider wrote them', () => {
    const signed = {
      content: [
        { type: 'thinking', thinking: email, signature: 'x' },
        { type: 'redacted_thinking', data: email },
      ],
      candidates: [{ content: { parts: [{ thought: true, text: person }] } }],
      choices: [{ message: { reasoning_details: [{ text: email, signature: 'x' }] } }],
    }
    expect(through(signed)).toEqual(signed)
  })

  test('signed calls get back only what masks to the same bytes again', () => {
    const parts = (args: object) => ({ parts: [{ functionCall: { args }, thoughtSignature: 'x' }] })
    expect(through(parts({ a: email, b: email.toLowerCase(), n: phone }))).toEqual(
      parts({ a: EMAIL.value, b: email.toLowerCase(), n: 13812345678 }),
    )
  })
})

test('whatever bytes come, they come out, and what is deep keeps its placeholders', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    'null',
    '1e5',
    email,
    `"${email}"`,
    '"content":',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
      expect(typeof restore(parts.join(''))).toBe('string')
    }),
  )
  const deep = `${'['.repeat(100_000)}"${email}"${']'.repeat(100_000)}`
  expect(restore(deep)).toBe(deep)
})
