// Everything that keeps a request from being masked: each ends as its rule says, refused with a code of its own or
// passed and told, and never half masked. Hostile and broken bodies, broken detectors, what the tables do not know.
import { describe, expect, test } from 'vitest'
import { bodyOf, CURRENT, maskingRig, type MaskingRigOptions } from './masking-rig.ts'

const EMAIL = 'alice.muster@example.com'
const user = (content: unknown, more: object = {}) => ({ model: 'm', messages: [{ role: 'user', content }], ...more })
const CHAT = '/v1/chat/completions'
const RESPONSES = '/v1/responses'
const MESSAGES = '/v1/messages'
const block = (part: object) => ({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: [part] }] })
const input = (item: object) => ({ model: 'm', input: [item] })
const part = (one: object) => ({ contents: [{ parts: [one] }] })

interface Fault {
  readonly name: string
  readonly path: string
  readonly body: object | string | Buffer
  readonly code: string
  readonly options?: MaskingRigOptions
  readonly profile?: 'Strict'
}

const state = (path: string, body: object, name: string): Fault => ({ name, path, body, code: 'state_not_maskable' })
const unknownPart = (path: string, body: object, name: string): Fault => ({
  name,
  path,
  body,
  code: 'part_not_maskable',
})
const throwing: MaskingRigOptions = {
  detect: (text) => {
    throw new Error(`cannot read ${text}`)
  },
}

const FAULTS: readonly Fault[] = [
  state(RESPONSES, { model: 'm', input: EMAIL, previous_response_id: 'resp_1' }, 'an earlier response'),
  state(RESPONSES, { model: 'm', input: EMAIL, conversation: 'conv_1' }, 'a conversation'),
  state(RESPONSES, { model: 'm', input: EMAIL, background: true }, 'work in the background'),
  state(RESPONSES, input({ type: 'item_reference', id: 'x' }), 'an item of the provider'),
  state(RESPONSES, input({ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }), 'a file of the provider'),
  state(CHAT, user([{ type: 'file', file: { file_id: 'f' } }]), 'a file in a chat'),
  state(MESSAGES, block({ type: 'document', source: { type: 'file', file_id: 'f' } }), "a file of Anthropic's"),
  state(MESSAGES, { ...block({ type: 'text', text: EMAIL }), container: 'c' }, 'a container'),
  state('/v1beta/models/m:generateContent', { ...part({ text: EMAIL }), cachedContent: 'c/1' }, 'a cached content'),
  state(
    '/v1beta/models/m:generateContent',
    part({ fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc' } }),
    "a file of Gemini's",
  ),
  unknownPart(CHAT, user([{ type: 'hologram', data: EMAIL }]), 'a kind of part that nobody knows'),
  unknownPart(CHAT, user([{ text: EMAIL }]), 'a part without a kind'),
  unknownPart(RESPONSES, input({ type: 'dance', steps: EMAIL }), 'a kind of item'),
  unknownPart(MESSAGES, block({ type: 'smell', of: EMAIL }), 'a kind of block'),
  unknownPart(
    MESSAGES,
    block({ type: 'tool_result', tool_use_id: 't', content: [{ type: 'smell' }] }),
    'a block in a result',
  ),
  unknownPart('/v1beta/models/m:generateContent', part({ smell: EMAIL }), "a member of Gemini's part"),
  unknownPart('/v1/embeddings', { model: 'm', input: [[15_339, 2_311]] }, 'token numbers'),
  unknownPart('/v1/completions', { model: 'm', prompt: [1, 2] }, 'token numbers in a prompt'),
  unknownPart('/api/generate', { model: 'm', prompt: 'x', context: [1, 2] }, "token numbers of Ollama's"),
  unknownPart('/api/generate', { model: 'm', prompt: 'x', Context: [1, 2] }, 'token numbers under another name'),
  {
    name: 'a member twice',
    path: CHAT,
    body: `{"model":"m","messages":[],"metadata":{"a":"x","a":"${EMAIL}"}}`,
    code: 'body_not_maskable',
  },
  {
    name: 'a member twice, deep',
    path: CHAT,
    body: `{"model":"m","messages":[{"role":"user","content":"x","content":"y"}]}`,
    code: 'body_not_maskable',
  },
  {
    name: 'a member twice, escaped',
    path: CHAT,
    body: `{"model":"m","messages":[],"metadata":{"user":"x","us\\u0065r":"y"}}`,
    code: 'body_not_maskable',
  },
  {
    name: 'a bad escape',
    path: CHAT,
    body: `{"model":"m","messages":[{"role":"user","content":"\\q"}]}`,
    code: 'body_not_maskable',
  },
  {
    name: 'invalid UTF-8',
    path: CHAT,
    body: Buffer.concat([Buffer.from('{"model":"m","messages":["'), Buffer.from([0xc3, 0x28]), Buffer.from('"]}')]),
    code: 'body_not_maskable',
  },
  { name: 'a detector that throws', path: CHAT, body: user(EMAIL), code: 'masking_failed', options: throwing },
  { name: 'no key', path: CHAT, body: user(EMAIL), code: 'masking_not_ready', options: { keys: [] } },
  {
    name: 'a short key',
    path: CHAT,
    body: user(EMAIL),
    code: 'masking_not_ready',
    options: { keys: [{ ...CURRENT, value: 'AAAA' }] },
  },
  {
    name: 'an image under Strict',
    path: CHAT,
    body: user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }]),
    code: 'content_not_inspected',
    profile: 'Strict',
  },
]

describe.each(FAULTS)('$name', ({ path, body, code, options, profile }) => {
  const redact = { profile: profile ?? 'Standard' } as const

  test(`is refused as ${code}, and the sentence holds nothing of the body`, async () => {
    const refused = await maskingRig(options).mask(path, body, redact)
    expect(refused).toMatchObject({ kind: 'failure', code })
    expect(JSON.stringify(refused)).not.toContain('muster')
  })

  test('is passed as it came where the rule says so, and told', async () => {
    const rig = maskingRig(options)
    const passed = await rig.mask(path, body, { ...redact, onFailure: 'Pass' })
    expect(Buffer.from(bodyOf(passed))).toEqual(Buffer.from(Buffer.from(toBytes(body)).toString('utf8')))
    expect(passed).toMatchObject({ restoration: null, report: { outcome: 'passed', reason: code, masked: {} } })
    expect(JSON.stringify(rig.log)).not.toContain('muster')
  })

  test('does not keep a dry run from passing the call', async () => {
    const passed = await maskingRig(options).mask(path, body, { ...redact, mode: 'DryRun' })
    expect(passed).toMatchObject({ restoration: null, report: { outcome: 'dryRun', reason: code } })
  })
})

function toBytes(body: object | string | Buffer): Buffer {
  if (Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

test('a dry run counts and changes nothing', async () => {
  const body = user(`mail ${EMAIL}`)
  const counted = await maskingRig().mask(CHAT, body, { mode: 'DryRun' })
  expect(bodyOf(counted)).toBe(JSON.stringify(body))
  expect(counted).toMatchObject({ report: { outcome: 'dryRun', reason: null, masked: { Email: 1 }, sent: 0 } })
})

test('null and empty state is none', async () => {
  const body = { model: 'm', input: 'x', previous_response_id: null, conversation: null, background: false }
  expect(bodyOf(await maskingRig().mask(RESPONSES, body))).toBe(JSON.stringify(body))
})

describe('large and hostile bodies', () => {
  test('a detector that takes too long is stopped at the limit of the body, and the loop runs on', async () => {
    let nowMs = 0
    const rig = maskingRig({ detect: () => ((nowMs += 400), []), now: () => nowMs })
    const parts = Array.from({ length: 100 }, (_, index) => ({ type: 'text', text: `part ${index}` }))
    expect(await rig.mask(CHAT, user(parts))).toMatchObject({ code: 'masking_failed' })
    expect(nowMs).toBeLessThan(3000)
  })

  test('more than 256 KiB give the event loop back after each millisecond', async () => {
    let turns = 0
    let nowMs = 0
    const rig = maskingRig({
      detect: () => ((nowMs += 1), []),
      now: () => nowMs,
      afterTurn: (run) => ((turns += 1), setImmediate(run)),
    })
    await rig.mask(CHAT, user(Array.from({ length: 80_000 }, (_, index) => index).join(' ')))
    expect(turns).toBeGreaterThan(20)
  })

  test('8 MiB with a hundred thousand findings come out masked or refused, never as they were', async () => {
    const lines = Array.from(
      { length: 100_000 },
      (_, index) => `customer${index % 1000}@example.com wrote: ${'lorem '.repeat(9)}`,
    )
    const masked = await maskingRig().mask(CHAT, user(lines.join('\n')), { profile: 'Credentials' })
    // On a machine that is too slow for it, the limit of time refuses it.
    const left = masked.kind === 'failure' ? masked.code : bodyOf(masked)
    expect(left).not.toMatch(/customer\d+@/)
    expect(left).toMatch(/masking_failed|XREF_EMAIL_/)
  })

  test('nested 250 deep, and a thousand deep inside of arguments', async () => {
    const deep = (levels: number) => '['.repeat(levels) + JSON.stringify(EMAIL) + ']'.repeat(levels)
    const rig = maskingRig()
    const outer = await rig.mask(CHAT, `{"model":"m","messages":[],"metadata":{"a":${deep(240)}}}`)
    expect(bodyOf(outer)).not.toContain('muster')
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: deep(1000) } }
    const inner = await rig.mask(CHAT, { model: 'm', messages: [{ role: 'assistant', tool_calls: [call] }] })
    expect(bodyOf(inner)).not.toContain('muster')
  })
})
