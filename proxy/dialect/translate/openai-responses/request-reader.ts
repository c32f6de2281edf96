// An OpenAI Responses request -> the neutral form. Source: the API reference of /v1/responses. Whatever stands for
// state at the provider is noted, since no other provider can have it.
import type { Field, NotedMember } from '../../neutral/field.ts'
import type { ReadRequest } from '../../neutral/format.ts'
import type { ReasoningRequest } from '../../neutral/chat.ts'
import { EFFORTS } from '../openai-chat/request-reader.ts'
import { readSampling } from '../../neutral/sampling.ts'
import { readInput } from './input-reader.ts'
import { SAMPLING } from './names.ts'
import { readOutputFormat, readTools } from './request-tools.ts'

const CARRIED = [
  'model input instructions stream tools tool_choice parallel_tool_calls text reasoning user safety_identifier include',
  'max_output_tokens temperature top_p',
]
  .join(' ')
  .split(' ')

const NOTED: Readonly<Record<string, NotedMember>> = {
  background: { feature: 'background', unless: false },
  context_management: 'context',
  conversation: 'providerState',
  max_tool_calls: 'hostedTool',
  metadata: 'metadata',
  moderation: 'safety',
  previous_response_id: 'providerState',
  prompt: 'providerState',
  prompt_cache_key: 'cacheControl',
  prompt_cache_options: 'cacheControl',
  prompt_cache_retention: 'cacheControl',
  service_tier: { feature: 'serviceTier', unless: 'auto' },
  store: { feature: 'storage', unless: false },
  stream_options: 'harmless',
  top_logprobs: { feature: 'logprobs', unless: 0 },
  truncation: { feature: 'context', unless: 'disabled' },
}

const INCLUDED: Readonly<Record<string, NotedMember>> = {
  'reasoning.encrypted_content': 'harmless',
  'message.input_image.image_url': 'harmless',
  'message.output_text.logprobs': 'logprobs',
}

export function readRequest(body: Field): ReadRequest {
  body.noteMembers(CARRIED, NOTED)
  body.member('text').noteMembers(['format'], { verbosity: { feature: 'verbosity', unless: 'medium' } })
  for (const item of body.member('include').items()) {
    const what = INCLUDED[item.text() ?? ''] ?? 'hostedTool'
    if (typeof what === 'string' && what !== 'harmless') item.note(what)
  }
  const parallel = body.member('parallel_tool_calls')
  parallel.noteIfPresent('parallelToolCalls')
  const allowsParallelToolCalls = parallel.boolean()
  const outputFormat = readOutputFormat(body.member('text').member('format'))
  const reasoning = readReasoning(body.member('reasoning'))
  const user = body.firstOf('safety_identifier', 'user')
  user.noteIfPresent('user')
  const userText = user.text()
  return {
    model: body.member('model').text() ?? null,
    isStreaming: body.member('stream').boolean() ?? false,
    wantsStreamUsage: true,
    turns: readInput(body),
    ...readTools(body),
    sampling: readSampling(body, SAMPLING),
    ...(allowsParallelToolCalls !== undefined && { allowsParallelToolCalls }),
    ...(outputFormat !== undefined && { outputFormat }),
    ...(reasoning !== undefined && { reasoning }),
    ...(userText !== undefined && { user: userText }),
  }
}

function readReasoning(reasoning: Field): ReasoningRequest | undefined {
  if (!reasoning.isPresent) return undefined
  reasoning.noteMembers(['effort', 'summary', 'generate_summary'], { context: 'harmless', mode: 'reasoningEffort' })
  const effort = reasoning.member('effort').word(EFFORTS)
  if (effort !== undefined) reasoning.member('effort').note('reasoningEffort')
  const summary = reasoning.firstOf('summary', 'generate_summary')
  summary.noteIfPresent('reasoningSummary')
  const isShown = summary.text() !== undefined
  if (effort === undefined && !isShown) return undefined
  return { ...(effort !== undefined && { effort }), ...(isShown && { isShown }) }
}
