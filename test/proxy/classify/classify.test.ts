// What a call is: by its parts in every dialect, by its words, by what the application says itself.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createClassifier } from '../../../proxy/classify/classifier.ts'
import type { Classification } from '../../../proxy/classify/classify.ts'
import type { Call } from '../../../proxy/exchange.ts'
import { CHAT, chatOf, readCall } from './call.ts'

const classifier = createClassifier()

function classificationOf(call: Call): Classification {
  const reading = classifier.read(call)
  if (reading === null) throw new Error('nothing is known of this operation')
  return classifier.classify(call, reading)
}

const GO =
  'func total(items []Item) (sum int) {\n\tfor _, item := range items {\n\t\tsum += item.Price * item.Count\n\t}\n\treturn sum\n}\n'
const PYTHON =
  'def total(items):\n    return sum(item.price * item.count for item in items)\n\nprint(total(load_items("a.csv")))\n'
const QUESTION =
  'Yesterday the committee met for the third time this year. Please write a friendly summary of what was said, in ' +
  'three paragraphs, and mention that the next meeting will be held in the old town hall on the first of May.'
const CHINESE = '请用简单的中文解释什么是人工智能，以及它在医院和学校里可以怎样帮助人们，最好举两个例子。'
const PIXELS = 'iVBORw0KGgo='

test.each([
  { name: 'a question in English', text: QUESTION, content: 'Text', language: 'en' },
  { name: 'a question in Chinese', text: CHINESE, content: 'Text', language: 'zh' },
  { name: 'a function without a fence', text: GO, content: 'Code', programmingLanguage: 'go' },
  {
    name: 'a fenced function with a request',
    text: `Mend this:\n\`\`\`python\n${PYTHON}\`\`\``,
    content: 'Code',
    programmingLanguage: 'python',
  },
  {
    name: 'a long question that quotes one line',
    text: `${QUESTION}\n\n\`let x = 1;\` was on the board.`,
    content: 'Text',
  },
  { name: 'prose between fences that claim to be code', text: `\`\`\`python\n${QUESTION}\n\`\`\``, content: 'Text' },
  { name: 'prose with braces and semicolons sprinkled in', text: QUESTION.replaceAll('. ', '; { } '), content: 'Text' },
  { name: 'a fence that never closes', text: `Look:\n\`\`\`go\n${GO}`, content: 'Code' },
] as const)('$name is $content', ({ name: _name, text, ...wanted }) => {
  expect(classificationOf(chatOf(text))).toMatchObject(wanted)
})

test.each([
  {
    name: 'a picture in a chat',
    url: CHAT,
    content: 'Image',
    request: {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXELS}` } },
          ],
        },
      ],
    },
  },
  {
    name: 'a linked picture',
    url: CHAT,
    content: 'Image',
    request: {
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a' } }] }],
    },
  },
  {
    name: 'sound in a chat',
    url: CHAT,
    content: 'Audio',
    request: {
      messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: PIXELS, format: 'wav' } }] }],
    },
  },
  {
    name: 'a picture in a response',
    url: '/v1/responses',
    content: 'Image',
    request: {
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'Hm?' },
            { type: 'input_image', image_url: `data:image/jpeg;base64,${PIXELS}` },
          ],
        },
      ],
    },
  },
  {
    name: 'a picture in messages',
    url: '/v1/messages',
    content: 'Image',
    request: {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXELS } }],
        },
      ],
    },
  },
  {
    name: 'a picture that a tool returned',
    url: '/v1/messages',
    content: 'Image',
    request: {
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'a',
              content: [{ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }],
            },
          ],
        },
      ],
    },
  },
  {
    name: 'a picture for Gemini',
    url: '/v1beta/models/auto:generateContent',
    content: 'Image',
    request: {
      contents: [{ parts: [{ text: 'Caption it' }, { inline_data: { mime_type: 'image/png', data: PIXELS } }] }],
    },
  },
  {
    name: 'sound for Gemini',
    url: '/v1beta/models/auto:generateContent',
    content: 'Audio',
    request: { contents: [{ parts: [{ inlineData: { mimeType: 'audio/ogg', data: PIXELS } }] }] },
  },
  {
    name: 'a picture for Ollama',
    url: '/api/chat',
    content: 'Image',
    request: { messages: [{ role: 'user', content: 'And this?', images: [PIXELS] }] },
  },
  {
    name: 'a generation for Ollama with a picture',
    url: '/api/generate',
    content: 'Image',
    request: { prompt: 'And this?', images: [PIXELS] },
  },
  {
    name: 'an earlier picture, since the model sees it again',
    url: CHAT,
    content: 'Image',
    request: {
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${PIXELS}` } }] },
        { role: 'assistant', content: 'A cat.' },
        { role: 'user', content: QUESTION },
      ],
    },
  },
  {
    name: 'an attached program',
    url: CHAT,
    content: 'Code',
    request: {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Explain.' },
            {
              type: 'file',
              file: { filename: 'main.rs', file_data: `data:application/octet-stream;base64,${PIXELS}` },
            },
          ],
        },
      ],
    },
  },
  {
    name: 'a place to fill in',
    url: '/v1/completions',
    content: 'Code',
    request: { prompt: GO.slice(0, 90), suffix: GO.slice(90) },
  },
  {
    name: 'a prompt that says it is code',
    url: '/prompt',
    content: 'Code',
    request: { prompt: 'hello', model_type: 'code' },
  },
  {
    name: 'a prompt that says it wants a caption',
    url: '/prompt',
    content: 'Image',
    request: { prompt: 'hello', model_type: 'image-caption' },
  },
  {
    name: 'a prompt for a named model',
    url: '/prompt',
    content: 'Text',
    request: { prompt: QUESTION, model_type: 'qwen-7b' },
  },
  { name: 'an embedding of code', url: '/v1/embeddings', content: 'Code', request: { input: [GO, PYTHON] } },
  { name: 'a body without any text', url: CHAT, content: 'Text', request: { messages: [] } },
])('$name is $content', ({ url, request, content }) => {
  expect(classificationOf(readCall(url, { model: 'auto', ...request })).content).toBe(content)
})

test('the newest turn of the user weighs most', () => {
  expect(classificationOf(chatOf(GO, 'Done.', QUESTION)).content).toBe('Text')
  expect(classificationOf(chatOf(QUESTION, 'Done.', GO)).content).toBe('Code')
})

test('a newest turn of two words leaves the say to what came before', () => {
  expect(classificationOf(chatOf(GO, 'Done.', 'once more')).content).toBe('Code')
})

test('what a tool returned is not the word of the user', () => {
  const request = {
    model: 'auto',
    messages: [
      { role: 'user', content: QUESTION },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'read', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: GO }] },
    ],
  }
  expect(classificationOf(readCall('/v1/messages', request)).content).toBe('Text')
})

test('the evidence says where it was found, in numbers, and nothing of the text', () => {
  const { evidence } = classificationOf(chatOf('secret-name', 'ok', `\`\`\`go\n${GO}\`\`\``))
  expect(evidence[0]).toMatch(/^newest turn of the user: 100 % code \(\d+ of \d+ characters, 1 fenced\)$/)
  expect(JSON.stringify(evidence)).not.toContain('secret-name')
})

test('a prompt of 10 MiB is read in windows', () => {
  const call = chatOf(QUESTION.repeat(50_000))
  const startMs = performance.now()
  expect(classificationOf(call).content).toBe('Text')
  expect(performance.now() - startMs).toBeLessThan(1000)
})

test('whatever stands in the members of a body, it is classified', () => {
  const anything = fc.json({ maxDepth: 4 })
  fc.assert(
    fc.property(
      anything,
      anything,
      fc.constantFrom(CHAT, '/v1/messages', '/v1/responses', '/api/chat'),
      (one, other, url) => {
        const body = `{"model":"auto","messages":${one},"input":${other},"system":${other},"tools":${one}}`
        expect(['Code', 'Text', 'Image', 'Audio']).toContain(classificationOf(readCall(url, body)).content)
      },
    ),
    { numRuns: 200 },
  )
})
