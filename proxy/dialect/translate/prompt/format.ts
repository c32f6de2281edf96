// The plain prompt dialect: {"prompt", "max_tokens", "temperature", "top_p", "top_k", "language", "model_type"} asks,
// {"output"} answers, and a stream is one line of JSON {"text"} per piece. Whether to stream stands in a header. It has
// no conversations: turns of other dialects become one text with the speakers named.
import { Reading, type Field } from '../../neutral/field.ts'
import type { AnswerContext, ChatFormat, ReadRequest, WriteSettings, WrittenRequest } from '../../neutral/format.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { ChatAnswer, ChatRequest, Turn } from '../../neutral/chat.ts'
import { readSampling, writeSampling, type SamplingNames } from '../../neutral/sampling.ts'
import { linesOf, paragraphs, splitSystem } from '../../neutral/turns.ts'
import { readError, writeError } from './error.ts'
import { PromptStreamReader, PromptStreamWriter } from './stream.ts'

const SAMPLING: SamplingNames = {
  maxTokens: ['max_tokens'],
  temperature: ['temperature'],
  topP: ['top_p'],
  topK: ['top_k'],
}

export const promptFormat: ChatFormat = {
  name: 'Prompt',
  readRequest,
  writeRequest,
  readAnswer,
  writeAnswer,
  createStreamReader: () => new PromptStreamReader(),
  createStreamWriter: () => new PromptStreamWriter(),
  readError,
  writeError,
}

function readRequest(body: Field): ReadRequest {
  body.noteMembers(['prompt', 'model', 'model_type', ...Object.values(SAMPLING).map(([name]) => name)], {
    language: 'language',
  })
  return {
    model: body.firstOf('model_type', 'model').text() ?? null,
    isStreaming: false,
    wantsStreamUsage: false,
    turns: [{ role: 'user', parts: [{ kind: 'text', text: body.member('prompt').requiredText() }] }],
    tools: [],
    sampling: readSampling(body, SAMPLING),
  }
}

function writeRequest(request: ChatRequest, { model }: WriteSettings): WrittenRequest {
  return {
    path: '',
    body: { prompt: writePrompt(request.turns), ...writeSampling(request.sampling, SAMPLING), model_type: model },
  }
}

const SPEAKERS: Readonly<Record<Turn['role'], string>> = {
  system: 'System',
  developer: 'System',
  user: 'User',
  assistant: 'Assistant',
}

/** One question stays as it is, after the system text. A conversation ends where the model is to go on. */
function writePrompt(all: readonly Turn[]): string {
  const { system, turns } = splitSystem(all)
  const before = system.length === 0 ? [] : [paragraphs(system)]
  const [only] = turns
  if (turns.length === 1 && only?.role === 'user') return [...before, linesOf(only.parts)].join('\n\n')
  const said = turns.map(({ role, parts }) => `${SPEAKERS[role]}: ${linesOf(parts)}`)
  const opening = turns.at(-1)?.role === 'assistant' ? [] : ['Assistant:']
  return [...before, ...said, ...opening].join('\n\n')
}

function readAnswer(body: JsonObject): ChatAnswer | null {
  const text = new Reading().root(body).member('output').text()
  if (text === undefined) return null
  return {
    id: null,
    model: null,
    parts: text === '' ? [] : [{ kind: 'text', text }],
    stop: 'end',
    stopSequence: null,
    usage: null,
  }
}

function writeAnswer(answer: ChatAnswer, _context: AnswerContext): JsonObject {
  const texts = answer.parts.map((part) => (part.kind === 'text' || part.kind === 'refusal' ? part.text : ''))
  return { output: texts.join('') }
}
