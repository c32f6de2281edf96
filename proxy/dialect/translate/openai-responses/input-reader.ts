// The input items of a Responses request -> neutral turns. Messages, calls, results and reasoning are items of their
// own here: what one speaker says in a row becomes one turn.
import type { Field } from '../../neutral/field.ts'
import { readBase64, readUrl } from '../../neutral/media.ts'
import type {
  MediaPart,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  Turn,
} from '../../neutral/chat.ts'
import { signed } from '../../neutral/signature.ts'

type ItemKind = 'message' | 'output' | 'result'

interface ReadItem {
  readonly role: Turn['role']
  readonly parts: readonly Part[]
  readonly kind: ItemKind
}

export function readInput(body: Field): readonly Turn[] {
  const instructions = body.member('instructions').text()
  const before: Turn[] =
    instructions === undefined ? [] : [{ role: 'system', parts: [{ kind: 'text', text: instructions }] }]
  const input = body.member('input')
  if (input.isText) return [...before, { role: 'user', parts: [{ kind: 'text', text: input.text() ?? '' }] }]
  const turns = joinItems(input.items().flatMap(readItem))
  if (turns.length === 0) input.fault('must hold text or at least one item')
  return [...before, ...turns]
}

function joinItems(items: readonly ReadItem[]): readonly Turn[] {
  const turns: { role: Turn['role']; parts: Part[]; kind: ItemKind }[] = []
  for (const { role, parts, kind } of items) {
    const last = turns.at(-1)
    const goesOn = last !== undefined && last.kind === kind && kind !== 'message'
    if (goesOn) last.parts.push(...parts)
    else turns.push({ role, parts: [...parts], kind })
  }
  return turns.map(({ role, parts }) => ({ role, parts }))
}

function readItem(item: Field): readonly ReadItem[] {
  const type = item.member('type').text() ?? 'message'
  switch (type) {
    case 'message':
      return readMessage(item)
    case 'function_call':
      return [{ role: 'assistant', parts: [readCall(item)], kind: 'output' }]
    case 'function_call_output':
      return [{ role: 'user', parts: [readResult(item)], kind: 'result' }]
    case 'reasoning':
      return [{ role: 'assistant', parts: [readReasoning(item)], kind: 'output' }]
    case 'item_reference':
      item.member('id').note('providerState')
      return []
    default:
      item.member('type').note(type.startsWith('custom_tool') ? 'freeformTool' : 'hostedTool')
      return []
  }
}

function readMessage(item: Field): readonly ReadItem[] {
  item.noteMembers(['type', 'role', 'content', 'id', 'status', 'phase'])
  const role = item.member('role').word(['user', 'assistant', 'system', 'developer'])
  if (role === undefined) {
    if (!item.member('role').isPresent) item.member('role').fault('is missing')
    return []
  }
  const content = item.member('content')
  const parts = content.isText
    ? [{ kind: 'text' as const, text: content.text() ?? '' }]
    : content.items().flatMap(readPart)
  return [{ role, parts, kind: role === 'assistant' ? 'output' : 'message' }]
}

function readPart(part: Field): readonly Part[] {
  if (part.member('type').text() !== 'refusal') return readContentPart(part)
  return [{ kind: 'refusal', text: part.member('refusal').requiredText() }]
}

function readContentPart(part: Field): readonly (TextPart | MediaPart)[] {
  part.member('prompt_cache_breakpoint').noteIfPresent('cacheControl')
  switch (part.member('type').text()) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return [{ kind: 'text', text: part.member('text').requiredText() }]
    case 'input_image':
      return readImage(part)
    case 'input_file':
      return readFile(part)
    case 'input_audio': {
      const audio = part.member('input_audio')
      audio.note('audioData')
      const source = readBase64(audio.member('data'), `audio/${audio.member('format').text() ?? ''}`)
      return source === undefined ? [] : [{ kind: 'audio', source }]
    }
    default:
      part.member('type').fault('names content that cannot be translated')
      return []
  }
}

function readImage(part: Field): readonly MediaPart[] {
  if (part.member('file_id').isPresent) {
    part.member('file_id').note('storedFile')
    return []
  }
  const source = readUrl(part.member('image_url'))
  const detail = part.member('detail').text()
  const hasDetail = detail !== undefined && detail !== 'auto'
  if (hasDetail) part.member('detail').note('imageDetail')
  if (source === undefined) return []
  part.member('image_url').note(source.kind === 'url' ? 'imageUrl' : 'imageData')
  return [{ kind: 'image', source, ...(hasDetail && { detail }) }]
}

function readFile(part: Field): readonly MediaPart[] {
  if (part.member('file_id').isPresent) {
    part.member('file_id').note('storedFile')
    return []
  }
  const field = part.firstOf('file_data', 'file_url')
  const source = readUrl(field)
  const fileName = part.member('filename').text()
  if (source === undefined) return []
  field.note(source.kind === 'url' ? 'documentUrl' : 'documentData')
  return [{ kind: 'document', source, ...(fileName !== undefined && { fileName }) }]
}

function readCall(item: Field): ToolCallPart {
  item.member('call_id').note('toolHistory')
  item.noteMembers(['type', 'id', 'call_id', 'name', 'arguments', 'status', 'caller', 'namespace'])
  return {
    kind: 'toolCall',
    id: item.member('call_id').requiredText(),
    name: item.member('name').requiredText(),
    argumentsText: item.member('arguments').text() ?? '',
  }
}

function readResult(item: Field): ToolResultPart {
  item.member('call_id').note('toolHistory')
  item.noteMembers(['type', 'id', 'call_id', 'output', 'status', 'caller'])
  const output = item.member('output')
  const parts = output.isText
    ? [{ kind: 'text' as const, text: output.text() ?? '' }]
    : output.items().flatMap(readContentPart)
  if (parts.some(({ kind }) => kind !== 'text')) output.note('toolResultMedia')
  return { kind: 'toolResult', callId: item.member('call_id').requiredText(), parts }
}

function readReasoning(item: Field): ReasoningPart {
  item.member('summary').note('reasoningHistory')
  item.noteMembers(['type', 'id', 'summary', 'content', 'encrypted_content', 'status'])
  const text = reasoningText(item)
  const encrypted = item.member('encrypted_content').text()
  const id = item.member('id').text()
  return {
    kind: 'reasoning',
    text,
    ...signed(encrypted, { of: 'OpenAI', id }),
  }
}

/** The summary where there is one, else the reasoning itself (open models). */
export function reasoningText(item: Field): string {
  const texts = (name: string) =>
    item
      .member(name)
      .items()
      .map((part) => part.member('text').text() ?? '')
  const summary = texts('summary')
  return (summary.length > 0 ? summary : texts('content')).join('\n\n')
}
