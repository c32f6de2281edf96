// Where text stands in Ollama's requests (docs/api.md of Ollama), and in the plain prompt dialect: tables of shapes for
// the walker, which refuses what they do not know. Ollama's server reads names in any case.
import {
  FREE,
  KEEP,
  kept,
  listOf,
  MEDIA,
  object,
  objectInAnyCase,
  shape,
  TEXT,
  TEXT_OR_TOKENS,
  type Shape,
} from './shape.ts'

const FORMAT = shape({ asksForJson: true })
const SETTINGS = {
  ...kept('model stream keep_alive think raw truncate logprobs top_logprobs'),
  options: shape({ members: { stop: TEXT }, ignoresCase: true, others: KEEP }),
}
const TOOL_CALL = objectInAnyCase({ id: KEEP, function: objectInAnyCase({ index: KEEP, name: TEXT, arguments: FREE }) })

export const CHAT: Shape = objectInAnyCase({
  ...SETTINGS,
  messages: listOf(
    objectInAnyCase({
      ...kept('role tool_call_id'),
      content: TEXT,
      thinking: TEXT,
      images: MEDIA,
      tool_name: TEXT,
      tool_calls: listOf(TOOL_CALL),
    }),
  ),
  format: FORMAT,
})

export const GENERATE: Shape = objectInAnyCase({
  ...SETTINGS,
  prompt: TEXT,
  suffix: TEXT,
  system: TEXT,
  template: TEXT,
  images: MEDIA,
  format: FORMAT,
  /** The conversation so far as numbers of tokens. */
  context: TEXT_OR_TOKENS,
})

export const EMBEDDING: Shape = objectInAnyCase({ ...SETTINGS, dimensions: KEEP, input: TEXT, prompt: TEXT })

export const PROMPT: Shape = object({
  ...kept('model_type max_tokens temperature top_p top_k language'),
  prompt: TEXT,
})
