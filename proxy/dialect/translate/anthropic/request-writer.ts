// The neutral form -> an Anthropic Messages request. Source: the API reference of /v1/messages and the guides on
// extended thinking (what it excludes) and tool use (results come first, directly after the calls).
import type { Feature } from '../../neutral/features.ts'
import type { WriteSettings, WrittenRequest } from '../../neutral/format.ts'
import { anthropicFacts } from '../../neutral/model-facts.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { ChatRequest, Sampling, Tool, ToolChoice } from '../../neutral/chat.ts'
import { RANDOMNESS, withoutSampling, writeSampling } from '../../neutral/sampling.ts'
import { mergeTurns, splitSystem, withoutEmptyText } from '../../neutral/turns.ts'
import { writeBlocks, writeTurn } from './block-writer.ts'
import { SAMPLING } from './names.ts'
import { thinkingFor } from './thinking.ts'

/** Stands in for JSON mode, which this dialect does not have without a schema. */
export const JSON_INSTRUCTION = 'Answer with one JSON object only: no other text, no code fence.'

export function writeRequest(request: ChatRequest, { model }: WriteSettings): WrittenRequest {
  const facts = anthropicFacts(model)
  const maxTokens = request.sampling.maxTokens ?? facts.maxTokens
  const { system, turns } = splitSystem(request.turns)
  const thinking = thinkingFor(request, { facts, maxTokens })
  const sampling = fittingSampling(request.sampling, {
    isThinking: thinking.isThinking,
    takesRandomness: facts.takesRandomness,
  })
  const wantsJson = request.outputFormat?.kind === 'jsonObject'
  const systemBlocks = writeBlocks(wantsJson ? [...system, { kind: 'text', text: JSON_INSTRUCTION }] : system)
  const config = { ...thinking.config, ...writeFormat(request) }
  const choice = request.tools.length === 0 ? undefined : writeChoice(request)
  return {
    path: '/messages',
    dropped: [...thinking.dropped, ...sampling.dropped],
    adjusted: [...sampling.adjusted, ...(wantsJson ? ['json_object=instruction'] : [])],
    body: {
      model,
      ...(systemBlocks.length > 0 && { system: systemBlocks }),
      messages: mergeTurns(withoutEmptyText(turns)).map(writeTurn),
      ...(request.tools.length > 0 && { tools: request.tools.map(writeTool) }),
      ...(choice !== undefined && { tool_choice: choice }),
      ...(thinking.thinking !== undefined && { thinking: thinking.thinking }),
      ...(Object.keys(config).length > 0 && { output_config: config }),
      ...(request.user !== undefined && { metadata: { user_id: request.user } }),
      ...writeSampling({ ...sampling.sampling, maxTokens }, SAMPLING),
      ...(request.isStreaming && { stream: true }),
    },
  }
}

interface FittingSampling {
  readonly sampling: Sampling
  readonly dropped: readonly Feature[]
  readonly adjusted: readonly string[]
}

function fittingSampling(
  sampling: Sampling,
  { isThinking, takesRandomness }: { readonly isThinking: boolean; readonly takesRandomness: boolean },
): FittingSampling {
  if (isThinking || !takesRandomness) {
    const dropped = RANDOMNESS.filter((name) => sampling[name] !== undefined && SAMPLING[name] !== undefined)
    return { sampling: withoutSampling(sampling, RANDOMNESS), dropped, adjusted: [] }
  }
  const { temperature } = sampling
  if (temperature === undefined || temperature <= 1) return { sampling, dropped: [], adjusted: [] }
  return { sampling: { ...sampling, temperature: 1 }, dropped: [], adjusted: ['temperature=1'] }
}

function writeTool({ name, description, schema, isStrict }: Tool): JsonObject {
  return { name, description, input_schema: { ...schema, type: 'object' }, strict: isStrict }
}

function writeChoice({ toolChoice, allowsParallelToolCalls }: ChatRequest): JsonObject | undefined {
  const isSerial = allowsParallelToolCalls === false
  if (toolChoice === undefined && !isSerial) return undefined
  const choice = writeKind(toolChoice ?? { kind: 'auto' })
  return isSerial && choice['type'] !== 'none' ? { ...choice, disable_parallel_tool_use: true } : choice
}

function writeKind(choice: ToolChoice): JsonObject {
  if (choice.kind === 'named') return { type: 'tool', name: choice.name }
  return { type: choice.kind === 'required' ? 'any' : choice.kind }
}

function writeFormat({ outputFormat }: ChatRequest): JsonObject {
  return outputFormat?.kind === 'jsonSchema' ? { format: { type: 'json_schema', schema: outputFormat.schema } } : {}
}
