// Tools, the choice among them, and structured output of an OpenAI chat request -> the neutral form.
// The Responses format, which says the same with fewer inner objects, uses the parts of it.
import type { Field } from '../../neutral/field.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { OutputFormat, Tool, ToolChoice } from '../../neutral/chat.ts'

export interface ToolsAndChoice {
  readonly tools: readonly Tool[]
  readonly toolChoice?: ToolChoice
}

/** A tool without parameters takes an empty object. */
export const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} }

export function readTools(body: Field): ToolsAndChoice {
  const tools = body.member('tools').items().flatMap(readTool)
  if (tools.length > 0) body.member('tools').note('tools')
  return readChoice(body.member('tool_choice'), tools)
}

function readTool(tool: Field): readonly Tool[] {
  const type = tool.member('type').text()
  if (type !== 'function') {
    tool.member('type').note(type === 'custom' ? 'freeformTool' : 'hostedTool')
    return []
  }
  tool.member('cache_control').noteIfPresent('cacheControl')
  tool.noteMembers(['type', 'function', 'cache_control'])
  tool.member('function').noteMembers(['name', 'description', 'parameters', 'strict'])
  return [readFunction(tool.member('function'))]
}

/** The description of one function; the Responses format has the same members. */
export function readFunction(described: Field): Tool {
  const description = described.member('description').text()
  const isStrict = described.member('strict').boolean()
  if (isStrict === true) described.member('strict').note('toolStrict')
  return {
    name: described.member('name').requiredText(),
    schema: described.member('parameters').object() ?? NO_PARAMETERS,
    ...(description !== undefined && { description }),
    ...(isStrict === true && { isStrict }),
  }
}

function readChoice(choice: Field, tools: readonly Tool[]): ToolsAndChoice {
  if (!choice.isPresent) return { tools }
  if (choice.isText) return { tools, ...plainChoice(choice) }
  const type = choice.member('type').text()
  if (type === 'function') return { tools, toolChoice: namedChoice(choice.member('function').member('name')) }
  if (type === 'allowed_tools') return allowedTools(choice.member('allowed_tools'), tools)
  choice.member('type').note(type === 'custom' ? 'freeformTool' : 'hostedTool')
  return { tools }
}

export function plainChoice(choice: Field): { readonly toolChoice?: ToolChoice } {
  const kind = choice.word(['auto', 'none', 'required'])
  if (kind === undefined) return {}
  if (kind === 'none') choice.note('toolChoiceNone')
  if (kind === 'required') choice.note('toolChoiceRequired')
  return { toolChoice: { kind } }
}

export function namedChoice(name: Field): ToolChoice {
  name.note('toolChoiceNamed')
  return { kind: 'named', name: name.requiredText() }
}

/** Some of the tools may be called: the others are left out. */
export function allowedTools(allowed: Field, tools: readonly Tool[]): ToolsAndChoice {
  allowed.note('toolChoiceAllowed')
  const names = allowed
    .member('tools')
    .items()
    .map((tool) => {
      const described = tool.member('function')
      return (described.isPresent ? described : tool).member('name').requiredText()
    })
  const kind = allowed.member('mode').word(['auto', 'required']) ?? 'auto'
  if (kind === 'required') allowed.member('mode').note('toolChoiceRequired')
  return { tools: tools.filter(({ name }) => names.includes(name)), toolChoice: { kind } }
}

export function readOutputFormat(format: Field): OutputFormat | undefined {
  const type = format.member('type').word(['text', 'json_object', 'json_schema'])
  if (type === 'json_object') {
    format.note('jsonObject')
    return { kind: 'jsonObject' }
  }
  if (type !== 'json_schema') return undefined
  format.note('jsonSchema')
  return readSchemaFormat(format.member('json_schema'))
}

export function readSchemaFormat(described: Field): OutputFormat {
  const name = described.member('name').text()
  const description = described.member('description').text()
  const isStrict = described.member('strict').boolean()
  return {
    kind: 'jsonSchema',
    schema: described.member('schema').object() ?? {},
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(isStrict !== undefined && { isStrict }),
  }
}
