// An Anthropic Messages request -> the neutral form, every member noted, carried or listed as unknown.
// Source: the API reference of /v1/messages.
import type { Field, NotedMember } from '../../neutral/field.ts'
import type { ReadRequest } from '../../neutral/format.ts'
import type { Part, ReasoningRequest, TextPart, Turn } from '../../neutral/chat.ts'
import { readSampling } from '../../neutral/sampling.ts'
import { readBlocks, readTextBlocks } from './block-reader.ts'
import { SAMPLING } from './names.ts'
import { readChoice, readFormat, readTools } from './request-tools.ts'

const CARRIED = [
  'model messages system stream tools tool_choice max_tokens temperature top_p top_k stop_sequences thinking',
  'output_config metadata',
]
  .join(' ')
  .split(' ')

const NOTED: Readonly<Record<string, NotedMember>> = {
  cache_control: 'cacheControl',
  container: 'hostedTool',
  context_management: 'context',
  diagnostics: 'harmless',
  inference_geo: 'serviceTier',
  mcp_servers: 'hostedTool',
  service_tier: { feature: 'serviceTier', unless: 'auto' },
  speed: { feature: 'serviceTier', unless: 'standard' },
}

export function readRequest(body: Field): ReadRequest {
  body.noteMembers(CARRIED, NOTED)
  body.member('metadata').noteMembers(['user_id'])
  body.member('output_config').noteMembers(['effort', 'format'])
  const choice = body.member('tool_choice')
  const toolChoice = readChoice(choice)
  const isSerial = choice.member('disable_parallel_tool_use').boolean()
  if (isSerial === true) choice.member('disable_parallel_tool_use').note('parallelToolCalls')
  const outputFormat = readFormat(body.firstOf('output_config').member('format'))
  const reasoning = readReasoning(body)
  const user = body.member('metadata').member('user_id')
  user.noteIfPresent('user')
  const userText = user.text()
  return {
    model: body.member('model').text() ?? null,
    isStreaming: body.member('stream').boolean() ?? false,
    wantsStreamUsage: true,
    turns: [...readSystem(body.member('system')), ...readMessages(body.member('messages'))],
    tools: readTools(body.member('tools')),
    sampling: readSampling(body, SAMPLING),
    ...(toolChoice !== undefined && { toolChoice }),
    ...(isSerial !== undefined && { allowsParallelToolCalls: !isSerial }),
    ...(outputFormat !== undefined && { outputFormat }),
    ...(reasoning !== undefined && { reasoning }),
    ...(userText !== undefined && { user: userText }),
  }
}

function readSystem(system: Field): readonly Turn[] {
  if (!system.isPresent) return []
  const parts: readonly TextPart[] = readTextBlocks(system)
  return parts.length === 0 ? [] : [{ role: 'system', parts }]
}

const ROLES = ['user', 'assistant', 'system'] as const

function readMessages(messages: Field): readonly Turn[] {
  const turns = messages.items().flatMap((message): readonly Turn[] => {
    message.noteMembers(['role', 'content'])
    const role = message.member('role').word(ROLES)
    if (role === undefined) {
      if (!message.member('role').isPresent) message.member('role').fault('is missing')
      return []
    }
    const content = message.member('content')
    const parts: readonly Part[] = role === 'system' ? readTextBlocks(content) : readBlocks(content)
    return [{ role, parts }]
  })
  if (turns.length === 0) messages.fault('must hold at least one message')
  return turns
}

const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const

function readReasoning(body: Field): ReasoningRequest | undefined {
  const thinking = body.member('thinking')
  const effort = body.member('output_config').member('effort')
  const type = thinking.member('type').word(['enabled', 'disabled', 'adaptive', 'between_tools'])
  const level = effort.word(EFFORTS)
  if (type === undefined && level === undefined) return undefined
  if (type !== undefined) thinking.note('reasoningEffort')
  if (level !== undefined) effort.note('reasoningEffort')
  if (type === 'disabled' || type === 'between_tools') return { effort: 'none' }
  const budgetTokens = thinking.member('budget_tokens').number()
  const display = thinking.member('display').word(['summarized', 'omitted', 'updates'])
  return {
    ...(level !== undefined && { effort: level }),
    ...(budgetTokens !== undefined && { budgetTokens }),
    ...(type !== undefined && { isShown: display !== 'omitted' }),
  }
}
