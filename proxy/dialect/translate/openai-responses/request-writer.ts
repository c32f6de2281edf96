// The neutral form -> an OpenAI Responses request. Source: the API reference of /v1/responses. Nothing is kept at the
// provider (`store: false`): the caller's dialect carries the whole conversation, with reasoning encrypted in it.
import { effortOf, nearestEffort } from '../../neutral/effort.ts'
import type { WriteSettings, WrittenRequest } from '../../neutral/format.ts'
import type { JsonObject, JsonValue } from '../../neutral/json.ts'
import { openAiFacts, type OpenAiFacts } from '../../neutral/model-facts.ts'
import type { ChatRequest, Effort, OutputFormat, Tool, ToolChoice } from '../../neutral/chat.ts'
import { writeSampling } from '../../neutral/sampling.ts'
import { fittingUser } from '../../neutral/tool-ids.ts'
import { fittingParameters } from '../openai-chat/parameters.ts'
import { writeInput } from './input-writer.ts'
import { SAMPLING, SMALLEST_LIMIT } from './names.ts'

export function writeRequest(request: ChatRequest, { model }: WriteSettings): WrittenRequest {
  const facts = openAiFacts(model)
  const { tools, toolChoice, allowsParallelToolCalls, outputFormat, user } = request
  const reasoning = writeReasoning(request, facts)
  const { sampling, dropped } = fittingParameters(request, { facts, effort: reasoning?.effort })
  const isTooSmall = (sampling.maxTokens ?? SMALLEST_LIMIT) < SMALLEST_LIMIT
  const limited = isTooSmall ? { ...sampling, maxTokens: SMALLEST_LIMIT } : sampling
  return {
    path: '/responses',
    dropped,
    adjusted: isTooSmall ? [`max_output_tokens=${SMALLEST_LIMIT}`] : [],
    body: {
      model,
      input: writeInput(request.turns),
      store: false,
      ...(facts.isReasoning && { include: ['reasoning.encrypted_content'] }),
      ...(request.isStreaming && { stream: true }),
      ...(tools.length > 0 && { tools: tools.map(writeTool) }),
      ...(tools.length > 0 && toolChoice !== undefined && { tool_choice: writeChoice(toolChoice) }),
      ...(tools.length > 0 &&
        allowsParallelToolCalls !== undefined && { parallel_tool_calls: allowsParallelToolCalls }),
      ...(outputFormat !== undefined && { text: { format: writeOutputFormat(outputFormat) } }),
      ...(reasoning !== undefined && { reasoning: { ...reasoning } }),
      ...(user !== undefined && { user: fittingUser(user) }),
      ...writeSampling(limited, SAMPLING),
    },
  }
}

interface WrittenReasoning {
  readonly effort?: Effort
  readonly summary?: 'auto'
}

function writeReasoning({ reasoning = {} }: ChatRequest, { efforts }: OpenAiFacts): WrittenReasoning | undefined {
  const wanted = effortOf(reasoning)
  const isShown = reasoning.isShown === true
  if (efforts === null || (wanted === undefined && !isShown)) return undefined
  return {
    ...(wanted !== undefined && { effort: nearestEffort(wanted, efforts) }),
    ...(isShown && { summary: 'auto' }),
  }
}

/** Here a function is strict unless it says otherwise. */
function writeTool({ name, description, schema, isStrict }: Tool): JsonObject {
  return { type: 'function', name, description, parameters: schema, strict: isStrict ?? false }
}

function writeChoice(choice: ToolChoice): JsonValue {
  return choice.kind === 'named' ? { type: 'function', name: choice.name } : choice.kind
}

function writeOutputFormat(format: OutputFormat): JsonObject {
  if (format.kind === 'jsonObject') return { type: 'json_object' }
  const { name = 'answer', description, schema, isStrict } = format
  return { type: 'json_schema', name, description, schema, strict: isStrict ?? false }
}
