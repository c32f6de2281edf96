// Tools, the choice among them, and structured output of a Responses request -> the neutral form. As in chat
// completions, but without the inner `function` and `json_schema` objects.
import type { Field } from '../../neutral/field.ts'
import type { OutputFormat, Tool } from '../../neutral/chat.ts'
import {
  allowedTools,
  namedChoice,
  plainChoice,
  readFunction,
  readSchemaFormat,
  type ToolsAndChoice,
} from '../openai-chat/request-tools.ts'

export function readTools(body: Field): ToolsAndChoice {
  const tools = body.member('tools').items().flatMap(readTool)
  if (tools.length > 0) body.member('tools').note('tools')
  const choice = body.member('tool_choice')
  if (!choice.isPresent) return { tools }
  if (choice.isText) return { tools, ...plainChoice(choice) }
  const type = choice.member('type').text()
  if (type === 'function') return { tools, toolChoice: namedChoice(choice.member('name')) }
  if (type === 'allowed_tools') return allowedTools(choice, tools)
  choice.member('type').note(type === 'custom' ? 'freeformTool' : 'hostedTool')
  return { tools }
}

function readTool(tool: Field): readonly Tool[] {
  const type = tool.member('type').text()
  if (type !== 'function') {
    tool.member('type').note(type === 'custom' ? 'freeformTool' : 'hostedTool')
    return []
  }
  tool.noteMembers(['type', 'name', 'description', 'parameters', 'strict'], {
    allowed_callers: 'toolDetails',
    defer_loading: { feature: 'toolDetails', unless: false },
    output_schema: 'toolDetails',
  })
  return [readFunction(tool)]
}

export function readOutputFormat(format: Field): OutputFormat | undefined {
  const type = format.member('type').word(['text', 'json_object', 'json_schema'])
  if (type === 'json_object') {
    format.note('jsonObject')
    return { kind: 'jsonObject' }
  }
  if (type !== 'json_schema') return undefined
  format.note('jsonSchema')
  return readSchemaFormat(format)
}
