// An Ollama request, to api/chat or api/generate -> the neutral form. Source: docs/api.md of Ollama. Streaming is on
// unless it is turned off; the endpoint for one prompt is told by its `prompt`.
import { effortLevels } from '../../neutral/effort.ts'
import type { Field, NotedMember } from '../../neutral/field.ts'
import type { ReadRequest } from '../../neutral/format.ts'
import type { OutputFormat, ReasoningRequest, Turn } from '../../neutral/chat.ts'
import { readTools } from '../openai-chat/request-tools.ts'
import { readSampling } from '../../neutral/sampling.ts'
import { MessageReader, readImages } from './message-reader.ts'
import { OPTIONS } from './names.ts'

const CARRIED = ['model', 'messages', 'prompt', 'system', 'images', 'stream', 'tools', 'format', 'options', 'think']

const NOTED: Readonly<Record<string, NotedMember>> = {
  context: 'providerState',
  keep_alive: 'modelOptions',
  logprobs: { feature: 'logprobs', unless: false },
  top_logprobs: { feature: 'logprobs', unless: 0 },
  raw: { feature: 'modelOptions', unless: false },
  suffix: 'prediction',
  template: 'modelOptions',
}

const MODEL_OPTIONS = [
  'numa num_ctx num_batch num_gpu main_gpu low_vram f16_kv logits_all vocab_only use_mmap use_mlock embedding_only',
  'num_thread num_keep tfs_z typical_p repeat_last_n repeat_penalty mirostat mirostat_tau mirostat_eta',
  'penalize_newline',
]
  .join(' ')
  .split(' ')

export function readRequest(body: Field): ReadRequest {
  body.noteMembers(CARRIED, NOTED)
  const options = body.member('options')
  const noted = Object.fromEntries(MODEL_OPTIONS.map((name) => [name, 'modelOptions' as const]))
  options.noteMembers(
    Object.values(OPTIONS).map(([name]) => name),
    noted,
  )
  const sampling = readSampling(options, OPTIONS)
  const { maxTokens, ...unlimited } = sampling
  const outputFormat = readOutputFormat(body.member('format'))
  const reasoning = readThink(body.member('think'))
  return {
    model: body.member('model').text() ?? null,
    isStreaming: body.member('stream').boolean() ?? true,
    wantsStreamUsage: true,
    turns: body.member('messages').isPresent ? readMessages(body.member('messages')) : readPrompt(body),
    tools: readTools(body).tools,
    // A negative limit is none.
    sampling: maxTokens !== undefined && maxTokens >= 0 ? sampling : unlimited,
    ...(outputFormat !== undefined && { outputFormat }),
    ...(reasoning !== undefined && { reasoning }),
  }
}

function readMessages(messages: Field): readonly Turn[] {
  const reader = new MessageReader()
  for (const message of messages.items()) reader.read(message)
  if (reader.turns.length === 0) messages.fault('must hold at least one message')
  return reader.turns
}

function readPrompt(body: Field): readonly Turn[] {
  const system = body.member('system').text()
  const text = body.member('prompt').requiredText()
  return [
    ...(system === undefined ? [] : [{ role: 'system' as const, parts: [{ kind: 'text' as const, text: system }] }]),
    { role: 'user', parts: [{ kind: 'text', text }, ...readImages(body.member('images'))] },
  ]
}

function readOutputFormat(format: Field): OutputFormat | undefined {
  if (!format.isPresent || format.value === '') return undefined
  if (format.isText) {
    if (format.word(['json']) !== undefined) format.note('jsonObject')
    return { kind: 'jsonObject' }
  }
  format.note('jsonSchema')
  return { kind: 'jsonSchema', schema: format.object() ?? {} }
}

function readThink(think: Field): ReasoningRequest | undefined {
  if (!think.isPresent) return undefined
  think.note('reasoningEffort')
  if (think.isText) {
    const effort = think.word(effortLevels)
    return { isShown: true, ...(effort !== undefined && { effort }) }
  }
  return think.boolean() === true ? { isShown: true } : { effort: 'none' }
}
