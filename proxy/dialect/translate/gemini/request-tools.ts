// Tools of a Gemini request and the choice among them -> the neutral form.
// Only declared functions are the caller's; whatever else a tool holds is run by Google.
import type { Field } from '../../neutral/field.ts'
import type { Tool, ToolChoice } from '../../neutral/chat.ts'
import { NO_PARAMETERS } from '../openai-chat/request-tools.ts'
import { bothNames, either } from './names.ts'
import { fromOpenApi } from './schema.ts'

interface ToolsAndChoice {
  readonly tools: readonly Tool[]
  readonly toolChoice?: ToolChoice
}

export function readTools(body: Field): ToolsAndChoice {
  const tools = body.member('tools').items().flatMap(readTool)
  if (tools.length > 0) body.member('tools').note('tools')
  return readChoice(either(either(body, 'toolConfig'), 'functionCallingConfig'), tools)
}

/** Whatever is in a tool besides declared functions is run by Google. */
function readTool(tool: Field): readonly Tool[] {
  const declarations = either(tool, 'functionDeclarations')
  const names = Object.keys(tool.object() ?? {})
  const hosted = names.find((name) => !bothNames(['functionDeclarations']).includes(name))
  if (hosted !== undefined) tool.member(hosted).noteIfPresent('hostedTool')
  return declarations.items().map(readDeclaration)
}

function readDeclaration(declaration: Field): Tool {
  declaration.noteMembers(bothNames(['name', 'description', 'parameters', 'parametersJsonSchema']), {
    behavior: 'toolDetails',
    response: 'toolDetails',
    responseJsonSchema: 'toolDetails',
  })
  const description = declaration.member('description').text()
  const older = declaration.member('parameters').object()
  const schema =
    either(declaration, 'parametersJsonSchema').object() ?? (older === undefined ? undefined : fromOpenApi(older))
  return {
    name: declaration.member('name').requiredText(),
    schema: schema ?? NO_PARAMETERS,
    ...(description !== undefined && { description }),
  }
}

function readChoice(config: Field, tools: readonly Tool[]): ToolsAndChoice {
  const mode = config.member('mode').isText ? config.member('mode').text()?.toUpperCase() : undefined
  const allowed = either(config, 'allowedFunctionNames')
  const names = allowed.items().map((name) => name.requiredText())
  if (mode === 'NONE') {
    config.note('toolChoiceNone')
    return { tools, toolChoice: { kind: 'none' } }
  }
  if (mode !== 'ANY') return mode === undefined ? { tools } : { tools, toolChoice: { kind: 'auto' } }
  const [only] = names
  if (names.length === 1 && only !== undefined) {
    allowed.note('toolChoiceNamed')
    return { tools, toolChoice: { kind: 'named', name: only } }
  }
  config.note('toolChoiceRequired')
  if (names.length === 0) return { tools, toolChoice: { kind: 'required' } }
  allowed.note('toolChoiceAllowed')
  return { tools: tools.filter(({ name }) => names.includes(name)), toolChoice: { kind: 'required' } }
}
