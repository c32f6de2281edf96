// How each dialect asks a chat and what its provider answers, whole and streamed: as little as the libraries need.
import type { Behaviour } from '../../support/upstream.ts'

export const CHAT_DIALECTS = ['OpenAI', 'Anthropic', 'Gemini', 'Ollama'] as const
export type ChatDialect = (typeof CHAT_DIALECTS)[number]

export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

export interface Chat {
  readonly system: string
  readonly turns: readonly Turn[]
  readonly temperature: number
  readonly isStreaming: boolean
}

export interface WrittenCall {
  readonly path: string
  readonly body: object
}

type Writer = (chat: Chat) => WrittenCall

const messagesOf = ({ turns }: Chat) => turns.map(({ role, text }) => ({ role, content: text }))

/** One each, so that a rule can tell them apart. */
export const MODELS = { OpenAI: 'small-o', Anthropic: 'small-a', Gemini: 'small-g', Ollama: 'small-l' } as const

export const WRITERS: Readonly<Record<ChatDialect, Writer>> = {
  OpenAI: (chat) => ({
    path: '/v1/chat/completions',
    body: {
      model: MODELS.OpenAI,
      temperature: chat.temperature,
      messages: [{ role: 'system', content: chat.system }, ...messagesOf(chat)],
      ...(chat.isStreaming && { stream: true, stream_options: { include_usage: true } }),
    },
  }),
  Anthropic: (chat) => ({
    path: '/v1/messages',
    body: {
      model: MODELS.Anthropic,
      max_tokens: 500,
      temperature: chat.temperature,
      system: chat.system,
      messages: messagesOf(chat),
      ...(chat.isStreaming && { stream: true }),
    },
  }),
  Gemini: ({ system, turns, temperature, isStreaming }) => ({
    path: `/v1beta/models/${MODELS.Gemini}:${isStreaming ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: {
      systemInstruction: { parts: [{ text: system }] },
      contents: turns.map(({ role, text }) => ({ role: role === 'user' ? 'user' : 'model', parts: [{ text }] })),
      generationConfig: { temperature },
    },
  }),
  Ollama: (chat) => ({
    path: '/api/chat',
    body: {
      model: MODELS.Ollama,
      stream: chat.isStreaming,
      options: { temperature: chat.temperature },
      messages: [{ role: 'system', content: chat.system }, ...messagesOf(chat)],
    },
  }),
}

export interface Said {
  readonly text: string
  readonly inputTokens: number
  readonly outputTokens: number
}

interface Reply {
  readonly type: string
  readonly parts: readonly string[]
}

/** `asked` is the path, which tells the dialect; streams come in as many pieces as there are words. */
export function answerIn(asked: string, isStreaming: boolean, said: Said): Behaviour {
  const { type, parts } = replyIn(asked, isStreaming, said)
  return (response) => {
    response.writeHead(200, { 'content-type': type })
    for (const part of parts) response.write(part)
    response.end()
  }
}

function replyIn(path: string, isStreaming: boolean, said: Said): Reply {
  if (path.includes('/messages')) return isStreaming ? anthropicStream(said) : json(anthropicAnswer(said))
  if (path.includes('enerateContent')) return isStreaming ? geminiStream(said) : json(geminiAnswer(said))
  if (path.endsWith('/api/chat')) return isStreaming ? ollamaStream(said) : json(ollamaLine(said.text, said))
  return isStreaming ? openAiStream(said) : json(openAiAnswer(said))
}

const json = (body: object): Reply => ({ type: 'application/json', parts: [JSON.stringify(body)] })
const events = (list: readonly object[]): Reply => ({
  type: 'text/event-stream',
  parts: list.map((event) => `data: ${JSON.stringify(event)}\n\n`),
})
const piecesOf = ({ text }: Said) => text.match(/\S+\s*/g) ?? [text]

const openAiUsage = ({ inputTokens, outputTokens }: Said) => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
})

function openAiAnswer(said: Said): object {
  const message = { role: 'assistant', content: said.text }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  return { id: 'c', object: 'chat.completion', created: 1, model: 'small', choices, usage: openAiUsage(said) }
}

function openAiStream(said: Said): Reply {
  const chunk = (choices: readonly object[], more: object = {}) => {
    return { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'small', choices, ...more }
  }
  const deltas = piecesOf(said).map((content) => chunk([{ index: 0, delta: { content }, finish_reason: null }]))
  const end = chunk([{ index: 0, delta: {}, finish_reason: 'stop' }])
  const { type, parts } = events([...deltas, end, chunk([], { usage: openAiUsage(said) })])
  return { type, parts: [...parts, 'data: [DONE]\n\n'] }
}

function anthropicAnswer({ text, inputTokens, outputTokens }: Said): object {
  const usage = { input_tokens: inputTokens, output_tokens: outputTokens }
  const content = [{ type: 'text', text }]
  return { id: 'm', type: 'message', role: 'assistant', model: 'small', content, stop_reason: 'end_turn', usage }
}

function anthropicStream(said: Said): Reply {
  const usage = { input_tokens: said.inputTokens, output_tokens: 1 }
  const message = { ...anthropicAnswer(said), content: [], stop_reason: null, usage }
  const deltas = piecesOf(said).map((text) => {
    return { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }
  })
  const list = [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...deltas,
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: said.outputTokens } },
    { type: 'message_stop' },
  ]
  const parts = list.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  return { type: 'text/event-stream', parts }
}

function geminiAnswer({ text, inputTokens, outputTokens }: Said, isLast = true): object {
  const content = { role: 'model', parts: [{ text }] }
  const usageMetadata = {
    promptTokenCount: inputTokens,
    candidatesTokenCount: outputTokens,
    totalTokenCount: inputTokens + outputTokens,
  }
  return { candidates: [{ content, ...(isLast && { finishReason: 'STOP' }) }], ...(isLast && { usageMetadata }) }
}

function geminiStream(said: Said): Reply {
  const pieces = piecesOf(said)
  return events(pieces.map((text, index) => geminiAnswer({ ...said, text }, index === pieces.length - 1)))
}

function ollamaLine(text: string, { inputTokens, outputTokens }: Said, isLast = true): object {
  const message = { role: 'assistant', content: text }
  const counts = { done_reason: 'stop', prompt_eval_count: inputTokens, eval_count: outputTokens }
  return { model: 'small', created_at: '2026-01-01T00:00:00Z', message, done: isLast, ...(isLast && counts) }
}

function ollamaStream(said: Said): Reply {
  const lines = [...piecesOf(said).map((text) => ollamaLine(text, said, false)), ollamaLine('', said)]
  return { type: 'application/x-ndjson', parts: lines.map((line) => `${JSON.stringify(line)}\n`) }
}
