// What masking does with the forms in which values are written, and what it never does: change other bytes, name a
// value twice, or mask what is signed.
import { describe, expect, test } from 'vitest'
import { restoreText } from '../../../proxy/redact/restore/text-restorer.ts'
import type { MaskedCall } from '../../../proxy/redact/masking.ts'
import type { Failure } from '../../../proxy/errors.ts'
import { bodyOf, maskingRig } from './masking-rig.ts'

const CHAT = '/v1/chat/completions'
const EMAIL = 'alice.muster@example.com'
const PHONE = '13812345678'
const ONE_WAY = `AGE-SECRET-KEY-1${'QZ7RP4XM9KVT2WY8JN6CHD3GFLS5A'.repeat(2)}`
const TOKEN = /XREF_[A-Z0-9]+_[0-9A-HJKMNP-TV-Z]{13}/g

const rig = maskingRig()
const mask = (body: object | string, path = CHAT) => rig.mask(path, body)
const user = (content: unknown, more: object = {}) => ({ model: 'm', messages: [{ role: 'user', content }], ...more })

/** The same text as it comes back when the model repeats it. */
function echoed(masked: MaskedCall | Failure, text: string): string {
  if (masked.kind === 'failure' || masked.restoration === null) throw new Error('nothing to restore')
  return restoreText(text, 'plain', masked.restoration)
}

describe('written forms', () => {
  test('escapes of the body around and inside of a value', async () => {
    const body = `{"model":"m", "messages":[{"role":"user","content":"\\u00e4\\n${PHONE}\\/ al\\u0069ce.muster@example.com \\ud83d\\ude00 \\ud83d"}]}`
    const sent = bodyOf(await mask(body))
    const [phone = '', email = ''] = sent.match(TOKEN) ?? []
    expect(sent).toBe(
      `{"model":"m", "messages":[{"role":"user","content":"\\u00e4\\n${phone}\\/ ${email} \\ud83d\\ude00 \\ud83d"}]}`,
    )
  })

  test('JSON in the text of a tool result: what is escaped there is read as what it says', async () => {
    const result = JSON.stringify({ mail: EMAIL, note: `call\n${PHONE}` }).replace('alice', '\\u0061lice')
    const masked = await mask({ model: 'm', messages: [{ role: 'tool', tool_call_id: 'c', content: result }] })
    const sent = bodyOf(masked)
    expect(sent.match(TOKEN)).toHaveLength(2)
    expect(sent).not.toContain('muster')
    expect(sent).not.toContain(PHONE)
    expect(echoed(masked, sent.match(TOKEN)?.[0] ?? '')).toBe(EMAIL)
  })

  test('percent-encoded values in URLs come back percent-encoded', async () => {
    const url = 'https://crm.example.org/find?mail=alice.muster%40example.com&page=2'
    const masked = await mask(user(url))
    const { messages } = JSON.parse(bodyOf(masked)) as { messages: { content: string }[] }
    expect(messages[0]?.content).toMatch(/^https:\/\/crm\.example\.org\/find\?mail=XREF_EMAIL_\w{13}&page=2$/)
    expect(echoed(masked, messages[0]?.content ?? '')).toBe(url)
  })

  test('a value over neighbouring parts is one value', async () => {
    const parts = [`call me: ${PHONE.slice(0, 4)}`, `${PHONE.slice(4)} today`]
    const masked = await mask(user(parts.map((text) => ({ type: 'text', text }))))
    const { messages } = JSON.parse(bodyOf(masked)) as { messages: { content: { text: string }[] }[] }
    const said = messages[0]?.content.map(({ text }) => text) ?? []
    expect(said.join('')).toMatch(/^call me: XREF_[A-Z]+_\w{13} today$/)
    expect(echoed(masked, said.join(''))).toBe(parts.join(''))
  })

  test('a value one character a part leaves no part empty and no character behind', async () => {
    const masked = await mask(user(EMAIL.split('').map((text) => ({ type: 'text', text }))))
    const { messages } = JSON.parse(bodyOf(masked)) as { messages: { content: { text: string }[] }[] }
    const said = messages[0]?.content.map(({ text }) => text) ?? []
    expect(said).toHaveLength(EMAIL.length)
    expect(said.filter((text) => text === '')).toEqual([])
    expect(echoed(masked, said.join(''))).toBe(EMAIL)
  })

  test('long numbers of free-form objects are quoted, and those of settings stay', async () => {
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: `{"phone":${PHONE},"n":12}` } }
    const body = { model: 'm', seed: 13812345678, messages: [{ role: 'assistant', tool_calls: [call] }] }
    const masked = await mask(body)
    const sent = JSON.parse(bodyOf(masked)) as typeof body
    const argumentsText = sent.messages[0]?.tool_calls[0]?.function.arguments ?? ''
    expect(sent.seed).toBe(13812345678)
    expect(argumentsText).toMatch(/^\{"phone":"XREF_[A-Z]+_\w{13}","n":12\}$/)
    if (masked.kind === 'failure' || masked.restoration === null) throw new Error('nothing to restore')
    expect(restoreText(argumentsText, 'arguments', masked.restoration)).toBe(call.function.arguments)
  })

  test('base64 is left alone and counted', async () => {
    const url = `data:image/png;base64,${'iVBORw0KGgo'.repeat(20)}`
    const masked = await mask(
      user([
        { type: 'image_url', image_url: { url } },
        { type: 'text', text: `![](${url})` },
      ]),
    )
    expect(bodyOf(masked)).toBe(
      JSON.stringify(
        user([
          { type: 'image_url', image_url: { url } },
          { type: 'text', text: `![](${url})` },
        ]),
      ),
    )
    expect(masked.kind === 'masked' && masked.report?.notInspected).toBe(2)
  })
})

describe('the same value', () => {
  test('has one placeholder in one conversation and another one in another', async () => {
    const tokens = async (first: string) =>
      bodyOf(await mask(user(`${first}: ${EMAIL} and ${EMAIL}`))).match(TOKEN) ?? []
    const [one, again] = await tokens('a')
    const [same] = await tokens('a')
    const [other] = await tokens('b')
    expect([again, same]).toEqual([one, one])
    expect(other).not.toBe(one)
  })

  test('is the same in embeddings of any text, whose vectors must match', async () => {
    const token = async (input: string) => bodyOf(await mask({ model: 'm', input }, '/v1/embeddings')).match(TOKEN)?.[0]
    expect(await token(`about ${EMAIL}`)).toBe(await token(`other ${EMAIL}`))
  })

  test('is masked where no detector fires, once it has been found', async () => {
    const masked = await mask(user(`Mail ${EMAIL}.`, { metadata: { note: `${EMAIL}x ${EMAIL}` } }))
    expect(bodyOf(masked).split(EMAIL).length - 1).toBeLessThanOrEqual(1)
    const words = await rig.mask(CHAT, user('token=Kq7vX2mP9sT4wZ8b and then Kq7vX2mP9sT4wZ8b alone'), {
      profile: 'Credentials',
    })
    const tokens = bodyOf(words).match(TOKEN) ?? []
    expect(new Set(tokens).size).toBe(1)
    expect(bodyOf(words)).not.toContain('Kq7vX2mP9sT4wZ8b')
  })

  test('that never comes back is known by its old placeholder after the key of the namespace was exchanged', async () => {
    const next = maskingRig({
      keys: [
        { id: 'redaction/current', value: Buffer.alloc(32, 9).toString('base64') },
        { id: 'redaction/previous', value: Buffer.alloc(32, 7).toString('base64') },
      ],
    })
    const secret = ONE_WAY
    const old = bodyOf(await rig.mask(CHAT, user(`key ${secret}`), { profile: 'Credentials' })).match(TOKEN)?.[0] ?? ''
    const turns = [
      { role: 'user', content: `key ${secret}` },
      { role: 'assistant', content: `I saw ${old}` },
    ]
    const sent = bodyOf(await next.mask(CHAT, { model: 'm', messages: turns }, { profile: 'Credentials' }))
    expect(sent).toContain(`I saw ${old}`)
    expect(sent).not.toContain(secret)
  })
})

describe('text that looks like a placeholder', () => {
  test('is masked like a value and comes back as it was', async () => {
    const literal = 'XREF_EMAIL_0123456789ABC'
    const masked = await mask(user(`${literal} is not ${EMAIL}`))
    const { messages } = JSON.parse(bodyOf(masked)) as { messages: { content: string }[] }
    const said = messages[0]?.content ?? ''
    expect(said).not.toContain(literal)
    expect(echoed(masked, said)).toBe(`${literal} is not ${EMAIL}`)
  })

  test("the call's own placeholder, planted in its text, does not become the value", async () => {
    const token = bodyOf(await mask(user(EMAIL))).match(TOKEN)?.[0] ?? ''
    for (const planted of [token, token.toLowerCase(), token.slice(-13), token.replace('EMAIL', 'X Y')]) {
      const body = {
        model: 'm',
        messages: [
          { role: 'user', content: EMAIL },
          { role: 'user', content: `see ${planted}` },
        ],
      }
      const masked = await mask(body)
      const { messages } = JSON.parse(bodyOf(masked)) as { messages: { content: string }[] }
      expect(echoed(masked, messages[1]?.content ?? '')).toBe(`see ${planted}`)
    }
  })
})

test('credentials that are one-way stay masked in the answer', async () => {
  const masked = await rig.mask(CHAT, user(`use ${ONE_WAY}`), { profile: 'Credentials' })
  expect(bodyOf(masked)).toMatch(/use XREF_[A-Z]+_\w{13}/)
  expect(masked.kind === 'masked' && masked.restoration).toBe(null)
})

test('signed blocks are read and never changed; a finding in one refuses', async () => {
  const thinking = (text: string) => ({
    model: 'm',
    max_tokens: 9,
    messages: [
      { role: 'user', content: EMAIL },
      { role: 'assistant', content: [{ type: 'thinking', thinking: text, signature: 'c2ln' }] },
    ],
  })
  const clean = await mask(thinking('nothing private'), '/v1/messages')
  expect(bodyOf(clean)).toContain('{"type":"thinking","thinking":"nothing private","signature":"c2ln"}')
  expect(await mask(thinking(`write to ${EMAIL}`), '/v1/messages')).toMatchObject({ code: 'signed_not_maskable' })
})

test('a call whose text holds nothing leaves byte by byte, and its answer is not read', async () => {
  const body = `{ "model" : "m",\n "messages":[{"role":"user","content":"hello \\u0041"}], "n":1.0e0 }`
  const masked = await mask(body)
  expect(bodyOf(masked)).toBe(body)
  expect(masked.kind === 'masked' && masked.restoration).toBe(null)
})
