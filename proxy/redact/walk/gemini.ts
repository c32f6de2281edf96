// Where text stands in Gemini's requests (ai.google.dev, REST reference). Its servers read every name in camel case and
// in snake case. A part has no kind but the member it carries, so that a member that is not known is a new kind.
import {
  closed,
  FILE_LINK,
  FREE,
  KEEP,
  kept,
  listOf,
  MEDIA,
  object,
  OPAQUE,
  shape,
  SIGNED,
  STATE,
  TEXT,
  type Shape,
} from './shape.ts'

const BLOB = object({ ...kept('mimeType mime_type'), displayName: TEXT, display_name: TEXT, data: MEDIA })
const FILE = object({ ...kept('mimeType mime_type'), fileUri: FILE_LINK, file_uri: FILE_LINK, displayName: TEXT })
const RESULT_PART = object({ inlineData: BLOB, inline_data: BLOB, fileData: FILE, file_data: FILE })

const CALL = object({ ...kept('id'), name: TEXT, args: FREE })
const RESPONSE = object({
  ...kept('id willContinue scheduling'),
  name: TEXT,
  response: FREE,
  parts: listOf(RESULT_PART),
})
const CODE = object({ ...kept('language id'), code: TEXT })
const CODE_RESULT = object({ ...kept('outcome id'), output: TEXT })

const PART_MEMBERS: Readonly<Record<string, Shape>> = {
  ...kept('thought videoMetadata video_metadata partMetadata mediaResolution'),
  thoughtSignature: OPAQUE,
  thought_signature: OPAQUE,
  text: TEXT,
  inlineData: BLOB,
  inline_data: BLOB,
  fileData: FILE,
  file_data: FILE,
  functionCall: CALL,
  function_call: CALL,
  functionResponse: RESPONSE,
  function_response: RESPONSE,
  executableCode: CODE,
  executable_code: CODE,
  codeExecutionResult: CODE_RESULT,
  code_execution_result: CODE_RESULT,
}
const THOUGHT = closed({ ...PART_MEMBERS, text: SIGNED })
const PLAIN = closed(PART_MEMBERS)
const PARTS = shape({
  items: shape({ kinds: { tag: 'thought', shapes: { true: THOUGHT, false: PLAIN }, untagged: PLAIN } }),
  kinds: { tag: 'thought', shapes: { true: THOUGHT, false: PLAIN }, untagged: PLAIN },
  joins: true,
})
const CONTENT = object({ role: KEEP, parts: PARTS })

const SCHEMA = shape({ asksForJson: true })
const GENERATION = object({
  ...kept('temperature topP top_p topK top_k candidateCount maxOutputTokens max_output_tokens seed presencePenalty'),
  ...kept('frequencyPenalty responseLogprobs logprobs responseModalities speechConfig thinkingConfig mediaResolution'),
  stopSequences: TEXT,
  stop_sequences: TEXT,
  responseMimeType: SCHEMA,
  response_mime_type: SCHEMA,
})

export const GENERATE: Shape = object({
  ...kept('model safetySettings safety_settings toolConfig tool_config'),
  contents: shape({ items: CONTENT, members: { role: KEEP, parts: PARTS } }),
  systemInstruction: CONTENT,
  system_instruction: CONTENT,
  generationConfig: GENERATION,
  generation_config: GENERATION,
  cachedContent: STATE,
  cached_content: STATE,
})

export const COUNT = object({
  contents: listOf(CONTENT),
  generateContentRequest: GENERATE,
  generate_content_request: GENERATE,
})

const EMBED = object({
  ...kept('model taskType task_type outputDimensionality output_dimensionality'),
  content: CONTENT,
  title: TEXT,
})
export const EMBEDDING = object({ ...kept('model'), ...Object.fromEntries(EMBED.members), requests: listOf(EMBED) })
