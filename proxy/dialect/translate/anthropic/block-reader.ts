// Content blocks of Anthropic messages, of requests and of answers -> neutral parts.
// Blocks of tools that the provider runs itself are noted, and no other dialect carries them.
import type { Field } from '../../neutral/field.ts'
import { kindOf, readBase64, readUrl } from '../../neutral/media.ts'
import type { MediaPart, MediaSource, Part, ReasoningPart, TextPart, ToolResultPart } from '../../neutral/chat.ts'
import { signed } from '../../neutral/signature.ts'

/** Content is text, or a list of blocks. */
export function readBlocks(content: Field): readonly Part[] {
  if (content.isText) return [{ kind: 'text', text: content.text() ?? '' }]
  if (!content.isPresent) content.fault('is missing')
  return content.items().flatMap(readBlock)
}

export function readTextBlocks(content: Field): readonly TextPart[] {
  return readBlocks(content).filter((part) => part.kind === 'text')
}

/** Blocks of tools that the provider runs itself. */
const HOSTED = /^(?:server_tool_use|mcp_tool_use|mcp_tool_result|container_upload|[a-z_]+_tool_result|compaction)$/

function readBlock(block: Field): readonly Part[] {
  block.member('cache_control').noteIfPresent('cacheControl')
  const type = block.member('type').text() ?? ''
  switch (type) {
    case 'text':
      block.noteMembers(['type', 'text', 'cache_control'], { citations: 'documentDetails' })
      return [{ kind: 'text', text: block.member('text').requiredText() }]
    case 'image':
      block.noteMembers(['type', 'source', 'cache_control'], { transformations: 'imageDetail' })
      return readSource(block.member('source'), 'image')
    case 'document':
      block.noteMembers(['type', 'source', 'cache_control'], {
        title: 'documentDetails',
        context: 'documentDetails',
        citations: 'documentDetails',
      })
      return readSource(block.member('source'), 'document')
    case 'tool_use':
      return readToolUse(block)
    case 'tool_result':
      return [readToolResult(block)]
    case 'thinking':
    case 'redacted_thinking':
      return [readThinking(block, type)]
    default:
      if (HOSTED.test(type)) block.member('type').note('hostedTool')
      else block.member('type').fault('names content that cannot be translated')
      return []
  }
}

function readToolUse(block: Field): readonly Part[] {
  block.noteMembers(['type', 'id', 'name', 'input', 'cache_control', 'caller', 'toolset_name'])
  block.member('id').note('toolHistory')
  return [
    {
      kind: 'toolCall',
      id: block.member('id').requiredText(),
      name: block.member('name').requiredText(),
      argumentsText: JSON.stringify(block.member('input').object() ?? {}),
    },
  ]
}

function readToolResult(block: Field): ToolResultPart {
  block.member('tool_use_id').note('toolHistory')
  block.noteMembers(['type', 'tool_use_id', 'content', 'is_error', 'cache_control', 'toolset_name'])
  const content = block.member('content')
  const parts = content.isPresent ? readBlocks(content).filter(isResultPart) : []
  if (parts.some(({ kind }) => kind !== 'text')) content.note('toolResultMedia')
  const isError = block.member('is_error').boolean() === true
  if (isError) block.member('is_error').note('toolResultError')
  return { kind: 'toolResult', callId: block.member('tool_use_id').requiredText(), parts, ...(isError && { isError }) }
}

function isResultPart(part: Part): part is TextPart | MediaPart {
  return part.kind === 'text' || part.kind === 'image' || part.kind === 'document'
}

function readThinking(block: Field, type: 'thinking' | 'redacted_thinking'): ReasoningPart {
  const isRedacted = type === 'redacted_thinking'
  block.member(isRedacted ? 'data' : 'thinking').note('reasoningHistory')
  const signature = block.member(isRedacted ? 'data' : 'signature').text()
  return {
    kind: 'reasoning',
    text: isRedacted ? '' : (block.member('thinking').text() ?? ''),
    ...signed(signature, { of: 'Anthropic' }),
    ...(isRedacted && { isRedacted }),
  }
}

function readSource(source: Field, kind: 'image' | 'document'): readonly (MediaPart | TextPart)[] {
  switch (source.member('type').text()) {
    case 'base64': {
      const data = readBase64(source.member('data'), source.member('media_type').text())
      return noted(source, data, kind)
    }
    case 'url':
      return noted(source, readUrl(source.member('url')), kind)
    case 'text':
      return [{ kind: 'text', text: source.member('data').requiredText() }]
    case 'content':
      return readTextBlocks(source.member('content'))
    case 'file':
      source.note('storedFile')
      return []
    default:
      source.member('type').fault('must be one of base64, url, text, content, file')
      return []
  }
}

function noted(field: Field, source: MediaSource | undefined, kind: 'image' | 'document'): readonly MediaPart[] {
  if (source === undefined) return []
  if (source.kind === 'base64' && kind === 'image' && kindOf(source.mediaType) !== 'image') {
    field.member('media_type').fault('must be the type of an image')
  }
  const isData = source.kind === 'base64'
  if (kind === 'image') field.note(isData ? 'imageData' : 'imageUrl')
  else field.note(isData ? 'documentData' : 'documentUrl')
  return [{ kind, source }]
}
