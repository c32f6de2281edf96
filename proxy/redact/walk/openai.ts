// Where text stands in OpenAI's chats, completions, embeddings and responses (platform.openai.com, API reference), and
// in what compatible servers add to them.
import {
  FREE,
  KEEP,
  LINK,
  listOf,
  MEDIA,
  object,
  OPAQUE,
  partsOf,
  kept,
  shape,
  SIGNED,
  STATE,
  TEXT,
  TEXT_OR_TOKENS,
} from './shape.ts'

const JSON_TEXT = shape({ text: 'json' })
const FORMAT = shape({ asksForJson: true })

const SETTINGS = {
  ...kept(
    'model temperature top_p n stream stream_options max_tokens max_completion_tokens presence_penalty seed ' +
      'frequency_penalty logit_bias logprobs top_logprobs parallel_tool_calls reasoning_effort verbosity modalities ' +
      'service_tier store audio prompt_cache_retention top_k min_p repetition_penalty tool_choice function_call',
  ),
  user: TEXT,
  safety_identifier: TEXT,
  prompt_cache_key: TEXT,
  stop: TEXT,
}

const FILE = object({ file_data: LINK, file_id: STATE, filename: TEXT })
const CHAT_PARTS = partsOf({
  text: object({ ...kept('type cache_control'), text: TEXT }),
  refusal: object({ type: KEEP, refusal: TEXT }),
  image_url: object({ type: KEEP, image_url: shape({ text: 'link', members: { url: LINK, detail: KEEP } }) }),
  video_url: object({ type: KEEP, video_url: shape({ text: 'link', members: { url: LINK } }) }),
  input_audio: object({ type: KEEP, input_audio: object({ data: MEDIA, format: KEEP }) }),
  file: object({ type: KEEP, file: FILE }),
})

const FUNCTION_CALL = object({ name: TEXT, arguments: JSON_TEXT })
const TOOL_CALL = object({
  ...kept('id type index'),
  function: FUNCTION_CALL,
  custom: object({ name: TEXT, input: TEXT }),
  extra_content: SIGNED,
})
const MESSAGE = object({
  ...kept('role tool_call_id audio'),
  content: CHAT_PARTS,
  name: TEXT,
  refusal: TEXT,
  reasoning_content: TEXT,
  reasoning: TEXT,
  reasoning_details: SIGNED,
  tool_calls: listOf(TOOL_CALL),
  function_call: FUNCTION_CALL,
})

const TOOL_FUNCTION = object({ name: TEXT, description: TEXT, parameters: FREE, strict: KEEP })

export const CHAT = object({
  ...SETTINGS,
  messages: listOf(MESSAGE),
  tools: listOf(object({ type: KEEP, function: TOOL_FUNCTION })),
  functions: listOf(TOOL_FUNCTION),
  prediction: object({ type: KEEP, content: CHAT_PARTS }),
  response_format: FORMAT,
})

export const COMPLETION = object({ ...SETTINGS, prompt: TEXT_OR_TOKENS, suffix: TEXT, ...kept('echo best_of') })

export const EMBEDDING = object({ ...kept('model dimensions encoding_format'), input: TEXT_OR_TOKENS, user: TEXT })

const RESPONSE_PARTS = partsOf({
  input_text: object({ type: KEEP, text: TEXT }),
  output_text: object({ type: KEEP, text: TEXT, logprobs: FREE }),
  text: object({ type: KEEP, text: TEXT }),
  summary_text: object({ type: KEEP, text: TEXT }),
  reasoning_text: object({ type: KEEP, text: TEXT }),
  refusal: object({ type: KEEP, refusal: TEXT }),
  input_image: object({ ...kept('type detail'), image_url: LINK, file_id: STATE }),
  input_file: object({ ...kept('type detail'), file_data: LINK, file_url: LINK, file_id: STATE, filename: TEXT }),
  input_audio: object({ type: KEEP, input_audio: object({ data: MEDIA, format: KEEP }) }),
})

const IDS = kept('type id call_id status role phase')
const RESPONSE_MESSAGE = object({ ...IDS, content: RESPONSE_PARTS })
const OUTPUT = object({ ...IDS, output: RESPONSE_PARTS })
/** Calls of tools that the provider runs: their words are in many places. */
const HOSTED = object({ ...IDS, result: MEDIA, encrypted_content: OPAQUE })
const SCREEN = object({
  ...IDS,
  output: object({ type: KEEP, image_url: LINK, file_id: STATE }),
})

const HOSTED_KINDS = (
  'web_search_call file_search_call computer_call code_interpreter_call image_generation_call local_shell_call ' +
  'local_shell_call_output shell_call shell_call_output apply_patch_call apply_patch_call_output mcp_call ' +
  'mcp_list_tools mcp_approval_request mcp_approval_response'
).split(' ')

const ITEMS = partsOf(
  {
    message: RESPONSE_MESSAGE,
    function_call: object({ ...IDS, name: TEXT, arguments: JSON_TEXT }),
    function_call_output: OUTPUT,
    custom_tool_call: object({ ...IDS, name: TEXT, input: TEXT }),
    custom_tool_call_output: OUTPUT,
    computer_call_output: SCREEN,
    reasoning: object({ ...IDS, summary: RESPONSE_PARTS, content: RESPONSE_PARTS, encrypted_content: OPAQUE }),
    compaction: object({ ...IDS, encrypted_content: OPAQUE }),
    item_reference: STATE,
    ...Object.fromEntries(HOSTED_KINDS.map((kind) => [kind, HOSTED])),
  },
  RESPONSE_MESSAGE,
)

export const RESPONSE = object({
  ...SETTINGS,
  ...kept('max_output_tokens max_tool_calls truncation include reasoning'),
  input: ITEMS,
  instructions: shape({ items: ITEMS.items, joins: true }),
  previous_response_id: STATE,
  conversation: STATE,
  background: STATE,
  prompt: object({ ...kept('id version'), variables: FREE }),
  text: object({ verbosity: KEEP, format: FORMAT }),
  tools: listOf(object({ ...kept('type strict'), name: TEXT, description: TEXT, parameters: FREE })),
})
