// An OpenAI chat completion request -> the neutral form, every member noted, carried or listed as unknown.
// Source: the API reference of /v1/chat/completions.
import type { Field, NotedMember } from '../../neutral/field.ts'
import type { ReadRequest } from '../../neutral/format.ts'
import { readBase64, readUrl } from '../../neutral/media.ts'
import type { MediaPart, Part, TextPart, ToolCallPart, ToolResultPart, Turn } from '../../neutral/chat.ts'
import { readSampling } from '../../neutral/sampling.ts'
import { signed } from '../../neutral/signature.ts'
import { CHAT_SAMPLING } from './names.ts'
import { readOutputFormat, readTools } from './request-tools.ts'

const CARRIED = [
  'model messages stream tools tool_choice parallel_tool_calls response_format reasoning_effort user safety_identifier',
  'max_tokens max_completion_tokens temperature top_p seed frequency_penalty presence_penalty stop functions',
  'function_call',
]
  .join(' ')
  .split(' ')

const NOTED: Readonly<Record<string, NotedMember>> = {
  audio: 'outputMedia',
  logit_bias: 'logitBias',
  logprobs: { feature: 'logprobs', unless: false },
  top_logprobs: { feature: 'logprobs', unless: 0 },
  metadata: 'metadata',
  modalities: 'outputMedia',
  moderation: 'safety',
  n: { feature: 'choices', unless: 1 },
  prediction: 'prediction',
  prompt_cache_key: 'cacheControl',
  prompt_cache_options: 'cacheControl',
  prompt_cache_retention: 'cacheControl',
  service_tier: { feature: 'serviceTier', unless: 'auto' },
  store: { feature: 'storage', unless: false },
  stream_options: 'harmless',
  verbosity: 'verbosity',
  web_search_options: 'hostedTool',
}

export function readRequest(body: Field): ReadRequest {
  const isTextOnly = JSON.stringify(body.member('modalities').value) === '["text"]'
  body.noteMembers(CARRIED, isTextOnly ? { ...NOTED, modalities: 'harmless' } : NOTED)
  for (const name of ['functions', 'function_call']) {
    if (body.member(name).isPresent) body.member(name).fault('was replaced by tools, which can be translated')
  }
  const { tools, toolChoice } = readTools(body)
  const parallel = body.member('parallel_tool_calls')
  parallel.noteIfPresent('parallelToolCalls')
  const allowsParallelToolCalls = parallel.boolean()
  const outputFormat = readOutputFormat(body.member('response_format'))
  const effort = readEffort(body.member('reasoning_effort'))
  const user = body.firstOf('safety_identifier', 'user')
  user.noteIfPresent('user')
  const userText = user.text()
  return {
    model: body.member('model').text() ?? null,
    isStreaming: body.member('stream').boolean() ?? false,
    wantsStreamUsage: body.member('stream_options').member('include_usage').boolean() ?? false,
    turns: readMessages(body.member('messages')),
    tools,
    sampling: readSampling(body, CHAT_SAMPLING),
    ...(toolChoice !== undefined && { toolChoice }),
    ...(allowsParallelToolCalls !== undefined && { allowsParallelToolCalls }),
    ...(outputFormat !== undefined && { outputFormat }),
    ...(effort !== undefined && { reasoning: { effort } }),
    ...(userText !== undefined && { user: userText }),
  }
}

export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const

function readEffort(field: Field): (typeof EFFORTS)[number] | undefined {
  field.noteIfPresent('reasoningEffort')
  return field.word(EFFORTS)
}

function readMessages(messages: Field): readonly Turn[] {
  const turns: { role: Turn['role']; parts: Part[] }[] = []
  let isAfterTool = false
  for (const message of messages.items()) {
    const role = message.member('role').text()
    message.member('name').noteIfPresent('participantName')
    if (role === 'tool') {
      const result = readToolMessage(message)
      // The results of one turn of calls belong together.
      if (isAfterTool) turns.at(-1)?.parts.push(result)
      else turns.push({ role: 'user', parts: [result] })
    } else {
      const turn = readMessage(message, role)
      if (turn !== null) turns.push({ role: turn.role, parts: [...turn.parts] })
    }
    isAfterTool = role === 'tool'
  }
  if (turns.length === 0) messages.fault('must hold at least one message')
  return turns
}

function readMessage(message: Field, role: string | undefined): Turn | null {
  switch (role) {
    case 'system':
    case 'developer':
      message.noteMembers(['role', 'content', 'name'])
      return { role, parts: readTexts(message.member('content')) }
    case 'user':
      message.noteMembers(['role', 'content', 'name'])
      return { role, parts: readContent(message.member('content')) }
    case 'assistant':
      return { role, parts: readAssistant(message) }
    default:
      message.member('role').fault('must be one of system, developer, user, assistant, tool')
      return null
  }
}

function readToolMessage(message: Field): ToolResultPart {
  message.member('tool_call_id').note('toolHistory')
  message.noteMembers(['role', 'content', 'name', 'tool_call_id'])
  const parts = readContent(message.member('content'))
  if (parts.some(({ kind }) => kind !== 'text')) message.member('content').note('toolResultMedia')
  return { kind: 'toolResult', callId: message.member('tool_call_id').requiredText(), parts }
}

function readAssistant(message: Field): readonly Part[] {
  message.noteMembers(
    ['role', 'content', 'name', 'refusal', 'tool_calls', 'function_call', 'reasoning_content', 'reasoning'],
    { audio: 'storedFile', annotations: 'harmless', extra_content: 'harmless' },
  )
  message.member('audio').noteIfPresent('storedFile')
  if (message.member('function_call').isPresent) message.member('function_call').fault('was replaced by tool_calls')
  const parts: Part[] = []
  const reasoning = message.firstOf('reasoning_content', 'reasoning')
  const reasoningText = reasoning.isText ? reasoning.text() : undefined
  if (reasoningText !== undefined && reasoningText !== '') {
    reasoning.note('reasoningHistory')
    parts.push({ kind: 'reasoning', text: reasoningText })
  }
  const content = message.member('content')
  parts.push(...(content.isText ? readTexts(content) : content.items().flatMap(readAssistantPart)))
  const refusal = message.member('refusal').text()
  if (refusal !== undefined) parts.push({ kind: 'refusal', text: refusal })
  for (const call of message.member('tool_calls').items()) parts.push(readToolCall(call))
  return parts
}

function readAssistantPart(part: Field): readonly Part[] {
  if (part.member('type').text() === 'refusal')
    return [{ kind: 'refusal', text: part.member('refusal').requiredText() }]
  return readPart(part).filter(({ kind }) => kind === 'text')
}

function readToolCall(call: Field): ToolCallPart {
  call.member('id').note('toolHistory')
  if (call.member('type').text() === 'custom') call.member('type').note('freeformTool')
  call.noteMembers(['id', 'type', 'function', 'custom', 'index', 'extra_content'])
  const called = call.member('function')
  const signature = call.member('extra_content').member('google').member('thought_signature').text()
  if (signature !== undefined) call.member('extra_content').note('reasoningHistory')
  return {
    kind: 'toolCall',
    id: call.member('id').requiredText(),
    name: called.member('name').text() ?? call.member('custom').member('name').requiredText(),
    argumentsText: called.member('arguments').text() ?? '',
    ...signed(signature, { of: 'Gemini' }),
  }
}

function readTexts(content: Field): readonly TextPart[] {
  return readContent(content).filter((part) => part.kind === 'text')
}

function readContent(content: Field): readonly (TextPart | MediaPart)[] {
  if (!content.isPresent) return []
  if (content.isText) return [{ kind: 'text', text: content.text() ?? '' }]
  return content.items().flatMap(readPart)
}

function readPart(part: Field): readonly (TextPart | MediaPart)[] {
  part.member('prompt_cache_breakpoint').noteIfPresent('cacheControl')
  part.member('cache_control').noteIfPresent('cacheControl')
  const type = part.member('type').text()
  switch (type) {
    case 'text':
      return [{ kind: 'text', text: part.member('text').requiredText() }]
    case 'image_url':
      return readImage(part.member('image_url'))
    case 'input_audio':
      return readAudio(part.member('input_audio'))
    case 'file':
      return readFile(part.member('file'))
    default:
      part.member('type').fault('names content that cannot be translated')
      return []
  }
}

function readImage(image: Field): readonly MediaPart[] {
  const source = readUrl(image.member('url'))
  const detail = image.member('detail').text()
  if (detail !== undefined && detail !== 'auto') image.member('detail').note('imageDetail')
  if (source === undefined) return []
  image.note(source.kind === 'url' ? 'imageUrl' : 'imageData')
  return [{ kind: 'image', source, ...(detail !== undefined && detail !== 'auto' && { detail }) }]
}

function readAudio(audio: Field): readonly MediaPart[] {
  audio.note('audioData')
  const source = readBase64(audio.member('data'), `audio/${audio.member('format').text() ?? ''}`)
  return source === undefined ? [] : [{ kind: 'audio', source }]
}

function readFile(file: Field): readonly MediaPart[] {
  if (file.member('file_id').isPresent) {
    file.member('file_id').note('storedFile')
    return []
  }
  file.note('documentData')
  const source = readUrl(file.member('file_data'))
  const fileName = file.member('filename').text()
  return source === undefined ? [] : [{ kind: 'document', source, ...(fileName !== undefined && { fileName }) }]
}
