// Where text stands in Anthropic's messages (docs.claude.com, Messages API). Blocks of thinking are signed: they are
// read, and never changed.
import {
  FREE,
  KEEP,
  kept,
  LINK,
  listOf,
  MEDIA,
  object,
  OPAQUE,
  partsOf,
  shape,
  SIGNED,
  STATE,
  TEXT,
  type Shape,
} from './shape.ts'

const MARKS = kept('type cache_control')

const SOURCE_KINDS = {
  base64: object({ ...kept('type media_type'), data: MEDIA }),
  url: object({ type: KEEP, url: LINK }),
  text: object({ ...kept('type media_type'), data: TEXT }),
  file: STATE,
}
const SIMPLE_SOURCE = shape({ kinds: { tag: 'type', shapes: SOURCE_KINDS } })

const TEXT_BLOCK = object({ ...MARKS, text: TEXT, citations: FREE })
const IMAGE_BLOCK = object({ ...MARKS, source: SIMPLE_SOURCE })
const INNER_PARTS = partsOf({ text: TEXT_BLOCK, image: IMAGE_BLOCK })
const SOURCE = shape({
  kinds: { tag: 'type', shapes: { ...SOURCE_KINDS, content: object({ type: KEEP, content: INNER_PARTS }) } },
})
const DOCUMENT_BLOCK = object({ ...MARKS, source: SOURCE, title: TEXT, context: TEXT, citations: FREE })
const SEARCH_BLOCK = object({ ...MARKS, source: TEXT, title: TEXT, content: INNER_PARTS, citations: FREE })
const RESULT_PARTS = partsOf({
  text: TEXT_BLOCK,
  image: IMAGE_BLOCK,
  document: DOCUMENT_BLOCK,
  search_result: SEARCH_BLOCK,
  tool_reference: object({ ...MARKS, tool_name: TEXT }),
})

const TOOL_USE = object({ ...MARKS, ...kept('id caller server_name'), name: TEXT, input: FREE })
const TOOL_RESULT = object({ ...MARKS, ...kept('tool_use_id is_error'), content: RESULT_PARTS })
/** Results of tools that the provider runs; what is encrypted in them goes back as it came. */
const HOSTED_RESULT: Shape = object({
  ...MARKS,
  ...kept('tool_use_id is_error'),
  content: shape({
    items: object({ type: KEEP, encrypted_content: OPAQUE, file_id: STATE }),
    members: { type: KEEP, encrypted_content: OPAQUE, file_id: STATE },
  }),
})

const HOSTED_KINDS = ['web_search', 'web_fetch', 'code_execution', 'bash_code_execution', 'text_editor_code_execution']

const BLOCKS = partsOf({
  text: TEXT_BLOCK,
  image: IMAGE_BLOCK,
  document: DOCUMENT_BLOCK,
  search_result: SEARCH_BLOCK,
  tool_use: TOOL_USE,
  server_tool_use: TOOL_USE,
  mcp_tool_use: TOOL_USE,
  tool_result: TOOL_RESULT,
  mcp_tool_result: TOOL_RESULT,
  ...Object.fromEntries([...HOSTED_KINDS, 'tool_search'].map((kind) => [`${kind}_tool_result`, HOSTED_RESULT])),
  thinking: shape({ members: { type: KEEP, signature: OPAQUE, thinking: SIGNED }, others: SIGNED }),
  redacted_thinking: object({ type: KEEP, data: OPAQUE }),
  container_upload: STATE,
})

export const MESSAGES = object({
  ...kept('model max_tokens temperature top_p top_k stream thinking tool_choice service_tier betas cache_control'),
  messages: listOf(object({ role: KEEP, content: BLOCKS })),
  system: partsOf({ text: TEXT_BLOCK }),
  tools: listOf(object({ ...kept('type cache_control strict'), name: TEXT, description: TEXT, input_schema: FREE })),
  metadata: FREE,
  stop_sequences: TEXT,
  container: STATE,
  output_config: object({ effort: KEEP, format: shape({ asksForJson: true }) }),
  output_format: shape({ asksForJson: true }),
})
