// A Gemini generateContent request -> the neutral form. Source: the REST reference of models.generateContent. The model
// and whether to stream stand in the path, not in the body.
import type { Field, NotedMember } from '../../neutral/field.ts'
import type { ReadRequest } from '../../neutral/format.ts'
import type { OutputFormat, ReasoningRequest, Turn } from '../../neutral/chat.ts'
import { readSampling } from '../../neutral/sampling.ts'
import { ContentReader } from './content-reader.ts'
import { bothNames, bothSpellings, either, SAMPLING, THINKING_LEVELS } from './names.ts'
import { readTools } from './request-tools.ts'
import { fromOpenApi } from './schema.ts'

const CARRIED = bothNames(['contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig'])

const NOTED: Readonly<Record<string, NotedMember>> = bothSpellings<NotedMember>({
  model: 'harmless',
  cachedContent: 'providerState',
  labels: 'metadata',
  safetySettings: 'safety',
  serviceTier: 'serviceTier',
  store: { feature: 'storage', unless: false },
})

const CARRIED_CONFIG = bothNames([
  ...Object.values(SAMPLING).map(([name]) => name),
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'thinkingConfig',
  'responseModalities',
])

const NOTED_CONFIG: Readonly<Record<string, NotedMember>> = bothSpellings<NotedMember>({
  audioTimestamp: 'outputMedia',
  candidateCount: { feature: 'choices', unless: 1 },
  enableEnhancedCivicAnswers: 'safety',
  imageConfig: 'outputMedia',
  logprobs: 'logprobs',
  responseLogprobs: { feature: 'logprobs', unless: false },
  mediaResolution: 'imageDetail',
  speechConfig: 'outputMedia',
})

export function readRequest(body: Field): ReadRequest {
  body.noteMembers(CARRIED, NOTED)
  const config = either(body, 'generationConfig')
  config.noteMembers(CARRIED_CONFIG, NOTED_CONFIG)
  const isTextOnly = /^\["text"\]$/i.test(JSON.stringify(either(config, 'responseModalities').value ?? null))
  if (!isTextOnly) either(config, 'responseModalities').noteIfPresent('outputMedia')
  const outputFormat = readOutputFormat(config)
  const reasoning = readReasoning(either(config, 'thinkingConfig'))
  return {
    model: null,
    isStreaming: false,
    wantsStreamUsage: true,
    turns: [...readSystem(either(body, 'systemInstruction')), ...readContents(body.member('contents'))],
    ...readTools(body),
    sampling: readSampling(config, SAMPLING),
    ...(outputFormat !== undefined && { outputFormat }),
    ...(reasoning !== undefined && { reasoning }),
  }
}

function readSystem(instruction: Field): readonly Turn[] {
  const parts = instruction
    .member('parts')
    .items()
    .map((part) => ({ kind: 'text' as const, text: part.member('text').requiredText() }))
  return parts.length === 0 ? [] : [{ role: 'system', parts }]
}

function readContents(contents: Field): readonly Turn[] {
  const reader = new ContentReader()
  const turns = contents.items().map((content) => reader.read(content))
  if (turns.length === 0) contents.fault('must hold at least one content')
  return turns
}

function readOutputFormat(config: Field): OutputFormat | undefined {
  const type = either(config, 'responseMimeType')
  const mimeType = type.word(['text/plain', 'application/json'])
  if (mimeType !== 'application/json') return undefined
  const older = either(config, 'responseSchema')
  const newer = either(config, 'responseJsonSchema')
  const schema = newer.object() ?? (older.object() === undefined ? undefined : fromOpenApi(older.object() ?? {}))
  if (schema === undefined) {
    type.note('jsonObject')
    return { kind: 'jsonObject' }
  }
  ;(newer.isPresent ? newer : older).note('jsonSchema')
  return { kind: 'jsonSchema', schema }
}

function readReasoning(config: Field): ReasoningRequest | undefined {
  if (!config.isPresent) return undefined
  const level = either(config, 'thinkingLevel')
  const effort = level.isText ? THINKING_LEVELS.find((known) => known === level.text()?.toLowerCase()) : undefined
  const budgetTokens = either(config, 'thinkingBudget').number()
  const isShown = either(config, 'includeThoughts').boolean()
  config.note('reasoningEffort')
  return {
    ...(effort !== undefined && { effort }),
    // -1 leaves it to the model.
    ...(budgetTokens !== undefined && budgetTokens >= 0 && { budgetTokens }),
    ...(isShown !== undefined && { isShown }),
  }
}
