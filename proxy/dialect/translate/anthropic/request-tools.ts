// Tools, the choice among them, and structured output of an Anthropic request -> the neutral form.
// Tools with a type of their own are the provider's, which no other dialect carries.
import type { Field } from '../../neutral/field.ts'
import type { OutputFormat, Tool, ToolChoice } from '../../neutral/chat.ts'

export function readTools(tools: Field): readonly Tool[] {
  const read = tools.items().flatMap(readTool)
  if (read.length > 0) tools.note('tools')
  return read
}

function readTool(tool: Field): readonly Tool[] {
  const type = tool.member('type').text() ?? 'custom'
  if (type !== 'custom') {
    tool.member('type').note('hostedTool')
    return []
  }
  tool.noteMembers(['type', 'name', 'description', 'input_schema', 'strict'], {
    cache_control: 'cacheControl',
    allowed_callers: 'toolDetails',
    defer_loading: { feature: 'toolDetails', unless: false },
    eager_input_streaming: 'harmless',
    input_examples: 'toolDetails',
  })
  const description = tool.member('description').text()
  const isStrict = tool.member('strict').boolean() === true
  if (isStrict) tool.member('strict').note('toolStrict')
  const schema = tool.member('input_schema').object()
  if (schema === undefined) tool.member('input_schema').fault('is missing')
  return [
    {
      name: tool.member('name').requiredText(),
      schema: schema ?? {},
      ...(description !== undefined && { description }),
      ...(isStrict && { isStrict }),
    },
  ]
}

export function readChoice(choice: Field): ToolChoice | undefined {
  if (!choice.isPresent) return undefined
  switch (choice.member('type').word(['auto', 'any', 'tool', 'none'])) {
    case 'auto':
      return { kind: 'auto' }
    case 'none':
      choice.note('toolChoiceNone')
      return { kind: 'none' }
    case 'any':
      choice.note('toolChoiceRequired')
      return { kind: 'required' }
    case 'tool':
      choice.note('toolChoiceNamed')
      return { kind: 'named', name: choice.member('name').requiredText() }
    case undefined:
      if (!choice.member('type').isPresent) choice.member('type').fault('is missing')
      return undefined
  }
}

export function readFormat(format: Field): OutputFormat | undefined {
  if (!format.isPresent) return undefined
  if (format.member('type').word(['json_schema']) === undefined) return undefined
  format.note('jsonSchema')
  return { kind: 'jsonSchema', schema: format.member('schema').object() ?? {} }
}
