// Places that hold words of the protocol, ids, signatures and base64: those leave as they are, and anything else that
// stands there is masked, or refuses the call where nothing may be changed. Detectors are the proxy's.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { bodyOf, maskingRig } from './masking-rig.ts'

const EMAIL = 'alice.muster@example.com'
const PHONE = '13812345678'
const rig = maskingRig({ isReal: true })

type Body = readonly [path: string, body: object]
const chat = (more: object): Body => [
  '/v1/chat/completions',
  { model: 'm', messages: [{ role: 'user', content: 'hi' }], ...more },
]
const user = (content: unknown): Body => chat({ messages: [{ role: 'user', content }] })
const responses = (more: object): Body => ['/v1/responses', { model: 'm', input: 'hi', ...more }]
const messages = (...content: object[]): Body => [
  '/v1/messages',
  { model: 'm', max_tokens: 1, messages: [{ role: 'assistant', content }] },
]
const gemini = (part: object, more: object = {}): Body => [
  '/v1beta/models/m:generateContent',
  { contents: [{ parts: [part] }], ...more },
]
const tool = (content: string): Body => chat({ messages: [{ role: 'tool', tool_call_id: 'c', content }] })
const image = (url: string): Body => user([{ type: 'image_url', image_url: { url } }])

const MASKED: Readonly<Record<string, Body>> = {
  'the name of the chosen tool': chat({ tool_choice: { type: 'function', function: { name: EMAIL } } }),
  'a member inside of a setting': chat({ stream_options: { note: EMAIL } }),
  'a name inside of a setting': chat({ logit_bias: { [EMAIL]: 1 } }),
  'a role': chat({ messages: [{ role: EMAIL, content: 'x' }] }),
  'an id': chat({ messages: [{ role: 'tool', tool_call_id: EMAIL, content: 'x' }] }),
  'an id of digits': chat({ messages: [{ role: 'tool', tool_call_id: PHONE, content: 'x' }] }),
  'the model': chat({ model: EMAIL }),
  'a number as the text': user(13_812_345_678),
  'a number as the user': chat({ user: 13_812_345_678 }),
  'a name in place of a text': chat({ user: { [EMAIL]: 1 } }),
  'a number with a fraction of nothing': responses({ metadata: { phone: 'NUMBER' } }),
  'audio that is none': user([{ type: 'input_audio', input_audio: { data: `mail ${EMAIL}`, format: 'wav' } }]),
  'a parameter of a data link': image(`data:image/png;name=${EMAIL};base64,AAAA`),
  'a data link that is none': image(`data:;base64,${EMAIL}`),
  'a text right behind base64': user(`data:text/plain;base64,${'A'.repeat(64)}${EMAIL}`),
  'what is to be included': responses({ include: [EMAIL] }),
  'the result of a hosted tool': responses({ input: [{ type: 'image_generation_call', id: 'i', result: EMAIL }] }),
  'a mark of the cache': messages({ type: 'text', text: 'x', cache_control: { type: 'ephemeral', note: EMAIL } }),
  'the data of an image': messages({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: EMAIL } }),
  'a media type': messages({ type: 'image', source: { type: 'base64', media_type: EMAIL, data: 'AAAA' } }),
  'the names of allowed tools': gemini(
    { text: 'x' },
    { toolConfig: { functionCallingConfig: { allowedFunctionNames: [EMAIL] } } },
  ),
  "a part's metadata": gemini({ text: 'x', partMetadata: { who: EMAIL } }),
  "Ollama's time to live": ['/api/chat', { model: 'm', messages: [], keep_alive: EMAIL }],
  "Ollama's images": ['/api/chat', { model: 'm', messages: [{ role: 'user', content: 'x', images: [EMAIL] }] }],
  'JSON in JSON': tool(JSON.stringify({ a: '{"b":"\\u0061lice.muster\\u0040example.com"}' })),
  'JSON in JSON in JSON': tool(
    JSON.stringify(
      JSON.stringify({ a: JSON.stringify({ b: `x\n${PHONE}` }) + '\\u0061lice.muster\\u0040example.com' }),
    ),
  ),
  'entities of HTML': user(
    '<a href="mailto:alice.muster&#64;example.com">&#x61;lice.muster&commat;example&period;com</a>',
  ),
  'entities of entities': user('alice.muster&amp;#64;example.com'),
  'a mark of no width': user('alice.mus\u200bter@exam\u200cple.com or 138\u20601234\ufeff5678'),
  'a hyphen that does not show': user('alice.muster@exam\u00adple.com and 138\u00ad1234\u00ad5678'),
  "Ollama's names in another case": [
    '/api/generate',
    { model: 'm', Prompt: EMAIL, SYSTEM: EMAIL, Options: { Stop: [EMAIL], ſeed: EMAIL }, Images: [EMAIL] },
  ],
  'a URL in the query of a URL': user('https://x.com/?to=https%3A%2F%2Fy.com%3Fe%3Dalice.muster%2540example.com'),
}

test.each(Object.entries(MASKED))('%s', async (_, [path, body]) => {
  const given = JSON.stringify(body).replace('"NUMBER"', '13812345678.0')
  const masked = await rig.mask(path, given)
  const sent = bodyOf(masked)
  expect(sent).toMatch(/XREF_[A-Z]+_[0-9A-Z]{13}/)
  for (const left of ['lice.mus', 'ple.com', PHONE, '138', '5678']) expect(sent).not.toContain(left)
})

test.each([
  ['a signature', messages({ type: 'thinking', thinking: 'x', signature: EMAIL })],
  ["a thought's signature", gemini({ text: 'x', thoughtSignature: EMAIL })],
  ['what is encrypted', responses({ input: [{ type: 'reasoning', id: 'r', summary: [], encrypted_content: EMAIL }] })],
] as const)('%s that is none refuses the call', async (_, [path, body]) => {
  expect(await rig.mask(path, body)).toMatchObject({ kind: 'failure', code: 'signed_not_maskable' })
})

const base64 = randomBytes(9000).toString('base64')
test.each([
  ['words and ids', chat({ model: 'claude-sonnet-4-20250514', tool_choice: 'auto', service_tier: 'flex', seed: 7 })],
  ['ids', chat({ messages: [{ role: 'tool', tool_call_id: 'toolu_01A09q90qw90lq917835lq9', content: 'x' }] })],
  ['base64', messages({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64 } })],
  ['a data link', image(`data:image/png;base64,${base64}`)],
  ['signatures', messages({ type: 'thinking', thinking: 'x', signature: base64 })],
] as const)('%s leave as they are', async (_, [path, body]) => {
  expect(bodyOf(await rig.mask(path, body))).toBe(JSON.stringify(body))
})

const PEM = generateKeyPairSync('rsa', {
  modulusLength: 4096,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey
const CLAIMS = Buffer.from(JSON.stringify({ sub: 'x', more: randomBytes(1500).toString('hex') })).toString('base64url')
const JWT = `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${CLAIMS}.${randomBytes(32).toString('base64url')}`
const WORDS = 'the quick brown fox jumps over lazy dogs and '.repeat(1000)

test('a token of 60 KiB is masked whole behind the end of a window', async () => {
  const claims = Buffer.from(JSON.stringify({ sub: 'x', more: randomBytes(22_000).toString('hex') })).toString(
    'base64url',
  )
  const secret = `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${claims}.${randomBytes(32).toString('base64url')}`
  const sent = bodyOf(await rig.mask(...user(`${WORDS.slice(0, 15_000)}\n${secret}\n${WORDS.slice(0, 9000)}`)))
  for (let at = 0; at + 40 <= secret.length; at += 40) expect(sent).not.toContain(secret.slice(at, at + 40))
})

test.each([
  ['private key', PEM],
  ['token', JWT],
])('a long %s is masked whole wherever it stands in a long text', async (_, secret) => {
  for (let lead = 12_000; lead < 34_000; lead += 700) {
    const content = `${WORDS.slice(0, lead)}\n${secret}\n${WORDS.slice(0, 9000)}`
    const sent = bodyOf(await rig.mask(...user(content)))
    const written = JSON.stringify(secret).slice(1, -1)
    const left: string[] = []
    for (let at = 0; at + 40 <= written.length; at += 40) left.push(written.slice(at, at + 40))
    expect(left.filter((piece) => sent.includes(piece) && !piece.includes('-----'))).toEqual([])
  }
})
