// The neutral form -> a Gemini generateContent request. Source: the REST reference of models.generateContent and the
// guides on thinking, structured output and function calling (responses in one content, in the order of their calls).
import { budgetOf, effortOf, nearestEffort } from '../../neutral/effort.ts'
import type { WriteSettings, WrittenRequest } from '../../neutral/format.ts'
import type { JsonObject } from '../../neutral/json.ts'
import { geminiThinking, type GeminiBudget } from '../../neutral/model-facts.ts'
import type { ChatRequest, OutputFormat, Tool, ToolChoice } from '../../neutral/chat.ts'
import { writeSampling } from '../../neutral/sampling.ts'
import { splitSystem } from '../../neutral/turns.ts'
import { writeContents } from './content-writer.ts'
import { SAMPLING } from './names.ts'

export function writeRequest(request: ChatRequest, { model }: WriteSettings): WrittenRequest {
  const { system, turns } = splitSystem(request.turns)
  const { tools, toolChoice } = request
  const config = {
    ...writeSampling(request.sampling, SAMPLING),
    ...writeOutputFormat(request.outputFormat),
    ...writeThinking(request, model),
  }
  const operation = request.isStreaming ? 'streamGenerateContent?alt=sse' : 'generateContent'
  return {
    path: `/models/${encodeURIComponent(model.replace(/^models\//, ''))}:${operation}`,
    body: {
      ...(system.length > 0 && { systemInstruction: { parts: system.map(({ text }) => ({ text })) } }),
      contents: writeContents(turns, { isSignatureChecked: geminiThinking(model).kind === 'levels' }),
      ...(tools.length > 0 && { tools: [{ functionDeclarations: tools.map(writeTool) }] }),
      ...(tools.length > 0 &&
        toolChoice !== undefined && { toolConfig: { functionCallingConfig: writeChoice(toolChoice) } }),
      ...(Object.keys(config).length > 0 && { generationConfig: config }),
    },
  }
}

function writeTool({ name, description, schema }: Tool): JsonObject {
  return { name, description, parametersJsonSchema: schema }
}

const MODES = { auto: 'AUTO', none: 'NONE', required: 'ANY' } as const

function writeChoice(choice: ToolChoice): JsonObject {
  if (choice.kind === 'named') return { mode: 'ANY', allowedFunctionNames: [choice.name] }
  return { mode: MODES[choice.kind] }
}

function writeOutputFormat(format: OutputFormat | undefined): JsonObject {
  if (format === undefined) return {}
  return {
    responseMimeType: 'application/json',
    ...(format.kind === 'jsonSchema' && { responseJsonSchema: format.schema }),
  }
}

function writeThinking({ reasoning }: ChatRequest, model: string): JsonObject {
  if (reasoning === undefined) return {}
  const shown = reasoning.isShown === undefined ? {} : { includeThoughts: reasoning.isShown }
  const thinking = geminiThinking(model)
  if (thinking.kind === 'budget') {
    const tokens = budgetOf(reasoning)
    return {
      thinkingConfig: { ...shown, ...(tokens !== undefined && { thinkingBudget: fit(tokens, thinking.budget) }) },
    }
  }
  const effort = effortOf(reasoning)
  const level = effort === undefined ? {} : { thinkingLevel: nearestEffort(effort, thinking.levels) }
  return { thinkingConfig: { ...shown, ...level } }
}

function fit(tokens: number, { smallest, largest, canBeOff }: GeminiBudget): number {
  return tokens === 0 && canBeOff ? 0 : Math.min(largest, Math.max(smallest, tokens))
}
