// What is known of models by their names, where models of one provider take different parameters: a value that a model
// does not take is refused with 400 by its provider. A name that no row knows takes everything: servers of the same
// dialect with other models are many. Data and its look-up only.
//
// Sources, read in 2026-11: OpenAI's API reference of `reasoning_effort` (levels and defaults by model) and its errors
// of gpt-5.4 and later in chat completions (temperature, tools beside reasoning); Anthropic's pages of Claude Sonnet 5
// and Opus 5.5 and their migration guides (thinking, sampling parameters, output limits); Google's thinking guide
// (budgets of 2.5, levels of 3.x).
import type { Effort } from './chat.ts'

type Levels = readonly [Effort, ...Effort[]]

export interface OpenAiFacts {
  readonly isReasoning: boolean
  /** When it takes temperature and the like; `unless it reasons` means that it does not reason unasked. */
  readonly randomness: 'never' | 'always' | 'unless it reasons' | 'when told not to reason'
  /** Null: it takes none. */
  readonly efforts: Levels | null
  /** Chat completions refuse tools of a model that reasons, as it does unasked. */
  readonly isToolsOrReasoning: boolean
}

const UP_TO_HIGH = ['low', 'medium', 'high'] as const
const UP_TO_XHIGH = ['low', 'medium', 'high', 'xhigh'] as const

const reasoning = (efforts: Levels, randomness: OpenAiFacts['randomness']): OpenAiFacts => ({
  isReasoning: true,
  randomness,
  efforts,
  isToolsOrReasoning: false,
})
const PLAIN: OpenAiFacts = { isReasoning: false, randomness: 'always', efforts: null, isToolsOrReasoning: false }

/** The first that fits counts. */
const OPENAI: readonly (readonly [RegExp, OpenAiFacts])[] = [
  [/^o\d/, reasoning(UP_TO_HIGH, 'never')],
  [/^gpt-5(?:\.\d+)?-chat/, { ...PLAIN, isReasoning: true }],
  [/^gpt-5-pro/, reasoning(['high'], 'never')],
  [/^gpt-5(?:\.\d+)?-pro/, reasoning(['medium', 'high', 'xhigh'], 'never')],
  [/^gpt-5(?!\.)/, reasoning(['minimal', ...UP_TO_HIGH], 'never')],
  [/^gpt-5\.1-codex-max/, reasoning(UP_TO_XHIGH, 'never')],
  [/^gpt-5\.1-codex/, reasoning(UP_TO_HIGH, 'never')],
  [/^gpt-5\.\d+-codex/, reasoning(UP_TO_XHIGH, 'never')],
  [/^gpt-5\.1(?!\d)/, reasoning(['none', ...UP_TO_HIGH], 'unless it reasons')],
  [/^gpt-5\.[23](?!\d)/, reasoning(['none', ...UP_TO_XHIGH], 'unless it reasons')],
  [
    /^gpt-(?:5\.|[6-9]|\d\d)/,
    { ...reasoning(['none', ...UP_TO_XHIGH], 'when told not to reason'), isToolsOrReasoning: true },
  ],
  [/^(?:gpt-[34]|chatgpt-)/, PLAIN],
]
const ALL: Levels = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']
const OTHER_OPENAI: OpenAiFacts = { ...PLAIN, efforts: ALL }

export function openAiFacts(model: string): OpenAiFacts {
  const name = model.slice(model.lastIndexOf('/') + 1)
  return OPENAI.find(([pattern]) => pattern.test(name))?.[1] ?? OTHER_OPENAI
}

/** Whether a request with this effort, absent where none is asked for, may set temperature and the like. */
export function takesRandomness({ randomness }: OpenAiFacts, effort: Effort | undefined): boolean {
  switch (randomness) {
    case 'never':
      return false
    case 'always':
      return true
    case 'unless it reasons':
      return effort === undefined || effort === 'none'
    case 'when told not to reason':
      return effort === 'none'
  }
}

export interface AnthropicFacts {
  /** Reasoning is asked for by a number of tokens, not by a level of effort. */
  readonly thinksByBudget: boolean
  readonly canThink: boolean
  readonly efforts: Levels
  /** How it is told not to think: by a type of `thinking`; by silence, as it does not unasked; or not at all. */
  readonly withoutThinking: 'disabled' | 'between_tools' | 'silence' | 'impossible'
  readonly takesRandomness: boolean
  /** Written when the caller sets no limit, since the field is required. */
  readonly maxTokens: number
}

const CLAUDE = /claude-(?:(opus|sonnet|haiku|instant)-)?(\d+)(?:[-.](\d)(?!\d))?/
const EFFORTS_OF_4_6 = ['low', 'medium', 'high', 'max'] as const
const EFFORTS_OF_4_7 = ['low', 'medium', 'high', 'xhigh', 'max'] as const

/** A Claude with a name of a new kind is a new one, and thinks always; any other name is somebody else's model. */
const NEWEST: AnthropicFacts = {
  thinksByBudget: false,
  canThink: true,
  efforts: EFFORTS_OF_4_7,
  withoutThinking: 'impossible',
  takesRandomness: false,
  maxTokens: 8192,
}
const OTHER_ANTHROPIC: AnthropicFacts = {
  ...NEWEST,
  thinksByBudget: true,
  withoutThinking: 'disabled',
  takesRandomness: true,
}

export function anthropicFacts(model: string): AnthropicFacts {
  const match = CLAUDE.exec(model)
  if (match === null) return model.includes('claude') ? NEWEST : OTHER_ANTHROPIC
  const [, family, major, minor = '0'] = match
  const version = Number(major) + Number(minor) / 10
  return {
    thinksByBudget: version < 4.6,
    canThink: version >= 3.7,
    efforts: version < 4.7 ? EFFORTS_OF_4_6 : EFFORTS_OF_4_7,
    withoutThinking: withoutThinking(version, family),
    takesRandomness: version < 4.7,
    maxTokens: version < 3.5 ? 4096 : version < 3.7 ? 8192 : 32_000,
  }
}

/** Up to 4.6 saying so is allowed; 4.7 and 4.8 do not think unasked; from 5 on they do, and 5.5 differs by family. */
function withoutThinking(version: number, family: string | undefined): AnthropicFacts['withoutThinking'] {
  if (version < 4.7) return 'disabled'
  if (version < 5) return 'silence'
  if (version < 5.5 || family === 'haiku') return 'disabled'
  return family === 'sonnet' ? 'between_tools' : 'impossible'
}

/** Of Gemini 1 and 2: thinking is asked for by a number of tokens, 0 where it can be turned off. */
export interface GeminiBudget {
  readonly smallest: number
  readonly largest: number
  readonly canBeOff: boolean
}

export type GeminiThinking =
  | { readonly kind: 'budget'; readonly budget: GeminiBudget }
  | { readonly kind: 'levels'; readonly levels: Levels }

const GEMINI: readonly (readonly [RegExp, GeminiThinking])[] = [
  [/gemini-2\.5-pro/, { kind: 'budget', budget: { smallest: 128, largest: 32_768, canBeOff: false } }],
  [/gemini-2\.5-flash-lite/, { kind: 'budget', budget: { smallest: 512, largest: 24_576, canBeOff: true } }],
  [/gemini-[12]/, { kind: 'budget', budget: { smallest: 1, largest: 24_576, canBeOff: true } }],
  [/gemini-3-pro/, { kind: 'levels', levels: ['low', 'high'] }],
  [/gemini-3(?:\.[1-5])?-flash/, { kind: 'levels', levels: ['minimal', ...UP_TO_HIGH] }],
]
const NEW_GEMINI: GeminiThinking = { kind: 'levels', levels: UP_TO_HIGH }

export function geminiThinking(model: string): GeminiThinking {
  return GEMINI.find(([pattern]) => pattern.test(model))?.[1] ?? NEW_GEMINI
}
